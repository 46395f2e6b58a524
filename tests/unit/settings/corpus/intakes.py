"""What may not be said of an intake."""

from __future__ import annotations

from settings.data.intake import MAX_INTAKES
from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import ENVIRONMENT, Case, Change

INTAKE = ENVIRONMENT + "intake"
SOUND = {"use_case": "scoring", "dataset": "payments", "part": "inference", "schedule": "rate(1 day)"}
COLUMNS = [
    {"name": "holder", "type": "string", "personal": True},
    {"name": "amount", "type": "double"},
]


def intake(
    environment: str = "production", *, published: dict[str, object] | None = None, number: int = 1, **changes: object
) -> Change:
    """An intake as it should be, but for what is given, of a dataset that is shared with production."""
    dataset = {
        "owner": "data@acme.example",
        "classification": "internal",
        "columns": COLUMNS,
        "anonymised": {"columns": ["amount"]},
        "shared_with": {"fraud": ["experimentation", "development", "production"]},
        **(published or {}),
    }
    given = {key: value for key, value in {**SOUND, **changes}.items() if value is not None}
    names = ["daily", *(f"daily-{place}" for place in range(2, number + 1))]
    return lambda project: (
        project.team(use_cases={"scoring": {}})
        .stack("data-lake--payments", {"plinth:dataset": dataset})
        .environment(f"fraud-{environment}", intake={name: {**given} for name in names})
    )


INTAKES = [
    Case(
        115,
        "when results arrive",
        intake(published={"zone": "results"}, on_arrival=True),
        Code.INTAKE,
        f"{INTAKE}.daily.on_arrival",
        ("needs arrival events of the zone results", "write a schedule"),
    ),
    Case(
        101,
        "started by nothing",
        intake(schedule=None),
        Code.INTAKE,
        f"{INTAKE}.daily",
        ("has no trigger", "on_arrival: true"),
    ),
    Case(
        102,
        "for no use case",
        intake(use_case="scorings"),
        Code.INTAKE,
        f"{INTAKE}.daily.use_case",
        ("not a use case of the team", "did you mean scoring?"),
    ),
    Case(
        103,
        "of no dataset",
        lambda project: project.team(use_cases={"scoring": {}}).environment(
            "fraud-production", intake={"daily": SOUND}
        ),
        Code.INTAKE,
        f"{INTAKE}.daily.dataset",
        ("payments is not a dataset", "publish it first"),
    ),
    Case(
        104,
        "of a folder of objects",
        intake(published={"kind": "objects", "columns": [], "anonymised": None, "approved": True}),
        Code.INTAKE,
        f"{INTAKE}.daily.dataset",
        ("object dataset", "access point"),
    ),
    Case(
        105,
        "of what is not shared",
        intake("preproduction"),
        Code.INTAKE,
        f"{INTAKE}.daily.dataset",
        ("not shared with fraud-preproduction", "shared_with.fraud"),
    ),
    Case(
        106,
        "of a part that is not published",
        intake(published={"parts": ["historical"]}),
        Code.INTAKE,
        f"{INTAKE}.daily.part",
        ("inference is not a part of payments", "choose one of historical"),
    ),
    Case(
        107,
        "of a part that is read elsewhere",
        intake(part="historical"),
        Code.INTAKE,
        f"{INTAKE}.daily.part",
        ("cannot be read in production", "experimentation, development", "write part: inference"),
    ),
    Case(
        108,
        "of a column that is not",
        intake(columns=["amounts"]),
        Code.INTAKE,
        f"{INTAKE}.daily.columns",
        ("amounts is not a column of payments", "choose from holder, amount"),
    ),
    Case(
        109,
        "of a column that experiments do not read",
        intake("experimentation", part="historical", columns=["holder"]),
        Code.INTAKE,
        f"{INTAKE}.daily.columns",
        ("holder cannot be read in fraud-experimentation", "choose from amount"),
    ),
    Case(
        110,
        "more than a stack holds",
        intake(number=MAX_INTAKES + 1),
        Code.INTAKE,
        INTAKE,
        (f"{MAX_INTAKES + 1} intakes are more", f"({MAX_INTAKES})"),
    ),
    Case(
        111,
        "before there is a lake",
        lambda project: (
            project.organization(phase="initial")
            .team(use_cases={"scoring": {}})
            .environment("fraud-experimentation", intake={"daily": SOUND})
        ),
        Code.NOT_IN_PHASE,
        INTAKE,
        ("needs the data lake", "phase: repeatable"),
    ),
    Case(
        112,
        "a name that does not fit",
        lambda project: project.team().environment("fraud-production", intake={"x" * 21: SOUND}),
        Code.SLUG,
        f"{INTAKE}.{'x' * 21}",
        ("21 characters", "3-20"),
    ),
    Case(
        113,
        "more often than Athena should be asked",
        intake(schedule="rate(1 minute)"),
        Code.SCHEDULE,
        f"{INTAKE}.daily.schedule",
        ("every 5 minutes",),
    ),
    Case(
        114,
        "longer than Athena may take",
        intake(timeout_minutes=600),
        Code.OUT_OF_RANGE,
        f"{INTAKE}.daily.timeout_minutes",
        ("5", "240"),
    ),
]
