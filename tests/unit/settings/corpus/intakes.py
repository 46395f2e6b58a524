"""Bad input in intakes."""

from __future__ import annotations

from collections.abc import Sequence

from settings.data.intake import MAX_INTAKES
from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import ENVIRONMENT, Case, Change
from tests.unit.settings.project import Project

INTAKE = ENVIRONMENT + "intake"
VALID = {"use_case": "scoring", "dataset": "payments", "part": "inference", "schedule": "rate(1 day)"}
COLUMNS = [
    {"name": "holder", "type": "string", "personal": True},
    {"name": "amount", "type": "double"},
]


GROUP = {
    "owner": "features@acme.example",
    "classification": "internal",
    "features": [{"name": "card", "type": "string"}, {"name": "observed_at", "type": "string"}],
    "record_identifier": "card",
    "event_time": "observed_at",
    "shared_with": {"fraud": ["production"]},
}


def intake(
    environment: str = "production",
    *,
    published: dict[str, object] | None = None,
    number: int = 1,
    inference: Sequence[str] = ("real-time",),
    group: dict[str, object] | None = None,
    **changes: object,
) -> Change:
    """Returns a change that writes a valid intake with these changes, of a dataset shared with production. With
    ``group``, it waits for the feature group activity, which is shared with production and has these changes."""
    dataset = {
        "owner": "data@acme.example",
        "classification": "internal",
        "columns": COLUMNS,
        "anonymised": {"columns": ["amount"]},
        "shared_with": {"fraud": ["experimentation", "development", "production"]},
        **(published or {}),
    }
    given = {key: value for key, value in {**VALID, **changes}.items() if value is not None}
    names = ["daily", *(f"daily-{place}" for place in range(2, number + 1))]
    features = {} if group is None else {"features--activity": {"plinth:feature-group": {**GROUP, **group}}}
    if group is not None:
        given.setdefault("fresh_features", {"feature_group": "activity"})
    return lambda project: (
        _with_stacks(project.team(use_cases={"scoring": {"inference": list(inference)}}), features)
        .stack("data-lake--payments", {"plinth:dataset": dataset})
        .environment(f"fraud-{environment}", intake={name: {**given} for name in names})
    )


def _with_stacks(project: Project, settings: dict[str, dict[str, object]]) -> Project:
    for stack, config in settings.items():
        project = project.stack(stack, config)
    return project


INTAKES = [
    Case(
        188,
        "wait for an unknown feature group",
        intake(fresh_features={"feature_group": "activty"}, group={}),
        Code.INTAKE,
        f"{INTAKE}.daily.fresh_features.feature_group",
        ("activty is not a feature group", "did you mean activity?"),
    ),
    Case(
        189,
        "wait for a feature group without an offline store",
        intake(group={"offline": False}),
        Code.INTAKE,
        f"{INTAKE}.daily.fresh_features.feature_group",
        ("has no offline store", "choose a group with one"),
    ),
    Case(
        190,
        "wait for a feature group that is not shared",
        intake(group={"shared_with": {"fraud": ["development"]}}),
        Code.INTAKE,
        f"{INTAKE}.daily.fresh_features.feature_group",
        ("not shared with fraud-production", "add production to shared_with.fraud in Pulumi.features--activity.yaml"),
    ),
    Case(
        191,
        "wait for features whose event time experimentation may not read",
        intake(
            "experimentation",
            part="historical",
            group={"anonymised": ["card"], "shared_with": {"fraud": ["experimentation"]}},
        ),
        Code.INTAKE,
        f"{INTAKE}.daily.fresh_features.feature_group",
        ("event time observed_at, which cannot be read in experimentation", "add it to anonymised"),
    ),
    Case(
        192,
        "wait of more than a day",
        intake(group={}, fresh_features={"feature_group": "activity", "wait_minutes": 1441}),
        Code.OUT_OF_RANGE,
        f"{INTAKE}.daily.fresh_features.wait_minutes",
        ("0", "1,440"),
    ),
    Case(
        185,
        "batch inference in development",
        intake("development", part="historical", inference=["batch"], batch_inference=True),
        Code.INTAKE,
        f"{INTAKE}.daily.batch_inference",
        ("needs released models, which development does not have", "preproduction or production"),
    ),
    Case(
        186,
        "batch inference and another pipeline",
        intake(inference=["batch"], batch_inference=True, pipeline="batch"),
        Code.INTAKE,
        f"{INTAKE}.daily.batch_inference",
        ("pipeline starts another pipeline", "remove one of them"),
    ),
    Case(
        187,
        "batch inference that the use case does not have",
        intake(batch_inference=True),
        Code.INTAKE,
        f"{INTAKE}.daily.batch_inference",
        ("scoring has inference: [real-time]", "add batch to it in Pulumi.fraud.yaml"),
    ),
    Case(
        115,
        "arrival in the results zone",
        intake(published={"zone": "results"}, on_arrival=True),
        Code.INTAKE,
        f"{INTAKE}.daily.on_arrival",
        ("needs arrival events of the zone results", "write a schedule"),
    ),
    Case(
        101,
        "no trigger",
        intake(schedule=None),
        Code.INTAKE,
        f"{INTAKE}.daily",
        ("has no trigger", "on_arrival: true"),
    ),
    Case(
        102,
        "unknown use case",
        intake(use_case="scorings"),
        Code.INTAKE,
        f"{INTAKE}.daily.use_case",
        ("not a use case of the team", "did you mean scoring?"),
    ),
    Case(
        103,
        "unknown dataset",
        lambda project: project.team(use_cases={"scoring": {}}).environment(
            "fraud-production", intake={"daily": VALID}
        ),
        Code.INTAKE,
        f"{INTAKE}.daily.dataset",
        ("payments is not a dataset", "publish it first"),
    ),
    Case(
        104,
        "object dataset",
        intake(published={"kind": "objects", "columns": [], "anonymised": None, "approved": True}),
        Code.INTAKE,
        f"{INTAKE}.daily.dataset",
        ("object dataset", "access point"),
    ),
    Case(
        105,
        "dataset that is not shared",
        intake("preproduction"),
        Code.INTAKE,
        f"{INTAKE}.daily.dataset",
        ("not shared with fraud-preproduction", "shared_with.fraud"),
    ),
    Case(
        106,
        "part that is not published",
        intake(published={"parts": ["historical"]}),
        Code.INTAKE,
        f"{INTAKE}.daily.part",
        ("inference is not a part of payments", "choose one of historical"),
    ),
    Case(
        107,
        "part that the environment may not read",
        intake(part="historical"),
        Code.INTAKE,
        f"{INTAKE}.daily.part",
        ("cannot be read in production", "experimentation, development", "write part: inference"),
    ),
    Case(
        108,
        "unknown column",
        intake(columns=["amounts"]),
        Code.INTAKE,
        f"{INTAKE}.daily.columns",
        ("amounts is not a column of payments", "choose from holder, amount"),
    ),
    Case(
        109,
        "column that experimentation may not read",
        intake("experimentation", part="historical", columns=["holder"]),
        Code.INTAKE,
        f"{INTAKE}.daily.columns",
        ("holder cannot be read in fraud-experimentation", "choose from amount"),
    ),
    Case(
        110,
        "too many intakes",
        intake(number=MAX_INTAKES + 1),
        Code.INTAKE,
        INTAKE,
        (f"{MAX_INTAKES + 1} intakes are more", f"({MAX_INTAKES})"),
    ),
    Case(
        111,
        "phase without a data lake",
        lambda project: (
            project.organization(phase="initial")
            .team(use_cases={"scoring": {}})
            .environment("fraud-experimentation", intake={"daily": VALID})
        ),
        Code.NOT_IN_PHASE,
        INTAKE,
        ("needs the data lake", "phase: repeatable"),
    ),
    Case(
        112,
        "name that is too long",
        lambda project: project.team().environment("fraud-production", intake={"x" * 21: VALID}),
        Code.SLUG,
        f"{INTAKE}.{'x' * 21}",
        ("21 characters", "3-20"),
    ),
    Case(
        113,
        "schedule more frequent than every 5 minutes",
        intake(schedule="rate(1 minute)"),
        Code.SCHEDULE,
        f"{INTAKE}.daily.schedule",
        ("every 5 minutes",),
    ),
    Case(
        114,
        "timeout over the limit",
        intake(timeout_minutes=600),
        Code.OUT_OF_RANGE,
        f"{INTAKE}.daily.timeout_minutes",
        ("5", "240"),
    ),
]
