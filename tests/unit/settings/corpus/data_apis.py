"""Bad input in data APIs."""

from __future__ import annotations

from settings.data.data_api import MAX_SERVED_DATASETS
from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import ENVIRONMENT, Case, Change

API = ENVIRONMENT + "data_api"
DATASETS = f"{API}.datasets"


def data_api(
    environment: str = "production", *, published: dict[str, object] | None = None, datasets: object = ("payments",)
) -> Change:
    """Returns a change that writes a valid data API with these changes, of a dataset shared with production."""
    dataset = {
        "owner": "data@acme.example",
        "classification": "internal",
        "columns": [{"name": "amount", "type": "double"}],
        "shared_with": {"fraud": ["development", "production"]},
        **(published or {}),
    }
    return lambda project: (
        project.team()
        .stack("data-lake--payments", {"plinth:dataset": dataset})
        .environment(f"fraud-{environment}", data_api={"datasets": list(datasets)})  # type: ignore[call-overload]
    )


DATA_APIS = [
    Case(116, "no datasets", data_api(datasets=()), Code.DATA_API, DATASETS, ("is empty", "list datasets")),
    Case(
        117,
        "unknown dataset",
        data_api(datasets=("payment",)),
        Code.DATA_API,
        DATASETS,
        ("payment is not a dataset", "did you mean payments?"),
    ),
    Case(
        118,
        "unknown dataset without a similar name",
        data_api(datasets=("xyz",)),
        Code.DATA_API,
        DATASETS,
        ("xyz is not a dataset", "one of payments"),
    ),
    Case(
        119,
        "object dataset",
        data_api(published={"kind": "objects", "columns": []}),
        Code.DATA_API,
        DATASETS,
        ("object dataset", "access point"),
    ),
    Case(
        120,
        "dataset that is not shared",
        data_api("preproduction"),
        Code.DATA_API,
        DATASETS,
        ("not shared with fraud-preproduction", "shared_with.fraud"),
    ),
    Case(
        121,
        "part that the environment may not read",
        data_api(published={"parts": ["historical"]}),
        Code.DATA_API,
        DATASETS,
        ("has no part that production may read", "publish inference"),
    ),
    Case(
        122,
        "dataset listed twice",
        data_api(datasets=("payments", "payments")),
        Code.DATA_API,
        DATASETS,
        ("payments is listed twice", "list it once"),
    ),
    Case(
        123,
        "too many datasets",
        data_api(datasets=[f"payments-{number}" for number in range(MAX_SERVED_DATASETS + 1)]),
        Code.DATA_API,
        DATASETS,
        (f"{MAX_SERVED_DATASETS + 1} datasets are more", f"({MAX_SERVED_DATASETS})"),
    ),
    Case(
        124,
        "phase without a data lake",
        lambda project: (
            project.organization(phase="initial")
            .team()
            .environment("fraud-experimentation", data_api={"datasets": ["payments"]})
        ),
        Code.NOT_IN_PHASE,
        API,
        ("needs the data lake", "phase: repeatable"),
    ),
    Case(
        125,
        "account shared by teams",
        lambda project: data_api()(project.organization(placement="small")),
        Code.DATA_API,
        API,
        ("in the account organization", "an account of the team"),
    ),
    Case(
        126,
        "too many requests",
        lambda project: project.team().environment(
            "fraud-production", data_api={"datasets": ["payments"], "requests_per_second": 101}
        ),
        Code.OUT_OF_RANGE,
        f"{API}.requests_per_second",
        ("outside 1 to 100 requests a second",),
    ),
]
