"""Bad input in feature groups."""

from __future__ import annotations

from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import Case, Change
from tests.unit.settings.corpus.datasets import dataset

GROUP = "plinth:feature-group."
CARD = {"name": "card", "type": "string", "personal": True}
SEEN = {"name": "seen_at", "type": "string"}
SPENT = {"name": "spent", "type": "fractional"}
COUNTED = {"name": "payments", "type": "integral"}
VALID = {
    "owner": "data@acme.example",
    "classification": "internal",
    "features": [CARD, SEEN, SPENT, COUNTED],
    "record_identifier": "card",
    "event_time": "seen_at",
}


def group(name: str = "cards", phase: str = "scalable", **changes: object) -> Change:
    """Returns a change that writes the team fraud and a valid feature group with these changes."""
    settings = {**VALID, **changes}
    return lambda project: (
        project.organization(phase=phase).team().stack(f"features--{name}", {"plinth:feature-group": settings})
    )


def features(*more: dict[str, object], **changes: object) -> Change:
    return group(features=[CARD, SEEN, SPENT, *more], **changes)


FEATURE_GROUPS = [
    Case(
        47,
        "reserved feature name",
        features({"name": "is_deleted", "type": "string"}),
        Code.FEATURES,
        GROUP + "features[3].name",
        ("api_invocation_time, is_deleted, write_time", "is_deleted_of_event"),
    ),
    Case(
        47,
        "record identifier that is not a feature",
        group(record_identifier="holder"),
        Code.FEATURES,
        GROUP + "record_identifier",
        ("holder", "not one of the features"),
    ),
    Case(
        47,
        "event time that is not a feature",
        group(event_time="seen"),
        Code.FEATURES,
        GROUP + "event_time",
        ("not one of the features",),
    ),
    Case(
        47,
        "event time of a wrong type",
        group(event_time="payments"),
        Code.FEATURES,
        GROUP + "event_time",
        ("is integral", "ISO 8601"),
    ),
    Case(
        47,
        "event time equal to the record identifier",
        group(event_time="card"),
        Code.FEATURES,
        GROUP + "event_time",
        ("also the record identifier",),
    ),
    Case(
        47,
        "too many features",
        features(*({"name": f"f{number}", "type": "integral"} for number in range(2498))),
        Code.FEATURES,
        GROUP + "features",
        ("has 2501 features", "at most 2,500"),
    ),
    Case(
        47,
        "feature listed twice",
        features(dict(SPENT)),
        Code.NAME_REPEATED,
        GROUP + "features",
        ("spent", "2 times"),
    ),
    Case(
        22,
        "feature name in capitals",
        features({"name": "Amount", "type": "integral"}),
        Code.FEATURES,
        GROUP + "features[3].name",
        ("try amount",),
    ),
    Case(
        22,
        "feature name that is too long",
        features({"name": "a" * 65, "type": "integral"}),
        Code.FEATURES,
        GROUP + "features[3].name",
        ("1-64",),
    ),
    Case(
        22,
        "description that is too long",
        group(description="d" * 129),
        Code.FEATURES,
        GROUP + "description",
        ("has 129 characters", "shorten it by 1"),
    ),
    Case(
        22,
        "invalid feature group name",
        group(name="Cards"),
        Code.STACK_UNKNOWN,
        "",
        ("its feature group", "features--<group>"),
    ),
    Case(
        87,
        "feature group without a store",
        group(online=False, offline=False),
        Code.FEATURES,
        GROUP + "offline",
        ("enable one of the two",),
    ),
    Case(
        88,
        "time to live without an online store",
        group(online=False, ttl_hours=24),
        Code.FEATURES,
        GROUP + "ttl_hours",
        ("without an online store",),
    ),
    Case(
        89,
        "raw features in experimentation",
        group(shared_with={"fraud": ["experimentation"]}),
        Code.RAW_DATA,
        GROUP + "shared_with.fraud",
        ("would read raw features", "approved: true"),
    ),
    Case(
        90,
        "personal anonymised feature",
        group(anonymised=["card", "spent"]),
        Code.RAW_DATA,
        GROUP + "anonymised",
        ("card", "personal"),
    ),
    Case(
        91,
        "personal feature in an approved group",
        group(approved=True),
        Code.RAW_DATA,
        GROUP + "approved",
        ("card", "anonymised features"),
    ),
    Case(
        92,
        "unknown anonymised feature",
        group(anonymised=["spend"]),
        Code.FEATURES,
        GROUP + "anonymised",
        ("spend", "not one of the features"),
    ),
    Case(
        93,
        "written by experimentation",
        group(written_by={"fraud": ["experimentation"]}),
        Code.RAW_DATA,
        GROUP + "written_by.fraud",
        ("only read",),
    ),
    Case(
        94,
        "shared with an unknown team",
        group(shared_with={"fruad": ["development"]}),
        Code.DATASET_TEAM,
        GROUP + "shared_with.fruad",
        ("one of fraud",),
    ),
    Case(
        95,
        "shared with an environment of a later phase",
        group(phase="repeatable", written_by={"fraud": ["production"]}),
        Code.NOT_IN_PHASE,
        GROUP + "written_by.fraud",
        ("phase repeatable",),
    ),
    Case(
        96,
        "phase without a data lake",
        group(phase="initial"),
        Code.NOT_IN_PHASE,
        "plinth:feature-group",
        ("needs the data lake", "phase: repeatable"),
    ),
    Case(
        98,
        "feature group with the name of a dataset",
        lambda project: dataset("cards")(group("cards")(project)),
        Code.NAME_REPEATED,
        "plinth:feature-group",
        ("cards-features",),
    ),
    Case(
        97,
        "dataset named like the folder of feature groups",
        lambda project: (
            project.organization(phase="scalable").team().stack("data-lake--features", {"plinth:dataset": {}})
        ),
        Code.STACK_UNKNOWN,
        "",
        ("folder of feature groups",),
    ),
]
