"""Bad input in Glue steps."""

from __future__ import annotations

from copy import deepcopy

from settings.data.glue_step import MAX_GLUE_STEPS
from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import ENVIRONMENT, Case, Change

STEPS = ENVIRONMENT + "glue_steps"
VALID = {"use_case": "scoring", "script": "etl/steps/card_history.py", "datasets": ["payments"]}


def step(
    environment: str = "development", *, published: dict[str, object] | None = None, number: int = 1, **changes: object
) -> Change:
    """Returns a change that writes a valid Glue step with these changes, of a dataset shared with development."""
    dataset = {
        "owner": "data@acme.example",
        "classification": "internal",
        "columns": [{"name": "amount", "type": "double"}],
        "shared_with": {"fraud": ["development"]},
        **(published or {}),
    }
    names = ["join", *(f"join-{place}" for place in range(2, number + 1))]
    return lambda project: (
        project.team(use_cases={"scoring": {}})
        .stack("data-lake--payments", {"plinth:dataset": dataset})
        .environment(f"fraud-{environment}", glue_steps={name: deepcopy({**VALID, **changes}) for name in names})
    )


GLUE_STEPS = [
    Case(
        160,
        "unknown use case",
        step(use_case="scorings"),
        Code.GLUE_STEP,
        f"{STEPS}.join.use_case",
        ("not a use case of the team", "did you mean scoring?"),
    ),
    Case(
        161,
        "unknown dataset",
        step(datasets=["payment"]),
        Code.GLUE_STEP,
        f"{STEPS}.join.datasets",
        ("is not a dataset", "did you mean payments?"),
    ),
    Case(
        162,
        "object dataset",
        step(published={"kind": "objects", "columns": [], "approved": True}),
        Code.GLUE_STEP,
        f"{STEPS}.join.datasets",
        ("object dataset", "access point"),
    ),
    Case(
        163,
        "dataset that is not shared",
        step(published={"shared_with": {}}),
        Code.GLUE_STEP,
        f"{STEPS}.join.datasets",
        ("not shared with fraud-development", "shared_with.fraud"),
    ),
    Case(
        164,
        "environment without pipeline roles",
        step("production"),
        Code.GLUE_STEP,
        STEPS,
        ("only development has pipeline roles", "fraud-development"),
    ),
    Case(
        165,
        "too many Glue steps",
        step(number=MAX_GLUE_STEPS + 1),
        Code.GLUE_STEP,
        STEPS,
        (f"({MAX_GLUE_STEPS})", "one script"),
    ),
    Case(
        166,
        "phase without a data lake",
        lambda project: (
            project.organization(phase="initial")
            .team(use_cases={"scoring": {}})
            .environment("fraud-experimentation", glue_steps={"join": VALID})
        ),
        Code.NOT_IN_PHASE,
        STEPS,
        ("needs the data lake", "phase: repeatable"),
    ),
    Case(
        167,
        "name of an intake",
        lambda project: step()(project).environment(
            "fraud-development",
            glue_steps={"join": VALID},
            intake={
                "join": {"use_case": "scoring", "dataset": "payments", "part": "inference", "schedule": "rate(1 day)"}
            },
        ),
        Code.GLUE_STEP,
        f"{STEPS}.join",
        ("the name of an intake", "rename one of the two"),
    ),
    Case(
        168,
        "too few workers",
        step(workers=2),
        Code.OUT_OF_RANGE,
        f"{STEPS}.join.workers",
        ("4", "100"),
    ),
]
