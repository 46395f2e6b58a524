"""Bad input in datasets."""

from __future__ import annotations

from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import Case, Change

DATASET = "plinth:dataset."
DAY = {"name": "day", "type": "date", "partition": True}
COLUMNS = [
    {"name": "holder", "type": "string", "personal": True},
    {"name": "amount", "type": "double"},
]
VALID = {"owner": "data@acme.example", "classification": "internal", "columns": COLUMNS}


def dataset(name: str = "payments", phase: str = "scalable", **changes: object) -> Change:
    """Returns a change that writes the team fraud and a valid dataset with these changes."""
    settings = {**VALID, **changes}
    return lambda project: (
        project.organization(phase=phase).team().stack(f"data-lake--{name}", {"plinth:dataset": settings})
    )


def returned(phase: str = "scalable", **changes: object) -> Change:
    """Returns a change that writes a valid dataset of results of fraud-production, with these changes."""
    sound = {
        "zone": "results",
        "returned_by": {"fraud": ["production"]},
        "etl": {"sources": ["results/payments"], "crawl": True},
    }
    return dataset(phase=phase, **{**sound, **changes})


def with_group(**changes: object) -> Change:
    """Returns a change that writes a dataset whose columns are the features of the group ``card-activity``."""
    group = {
        "owner": "data@acme.example",
        "classification": "internal",
        "record_identifier": "holder",
        "event_time": "seen",
        "features": [
            {"name": "holder", "type": "string", "personal": True},
            {"name": "seen", "type": "string"},
            {"name": "amount", "type": "fractional"},
        ],
    }
    without = dataset(**{"columns": [*COLUMNS, {"name": "seen", "type": "timestamp"}], **changes})
    return lambda project: without(project.stack("features--card-activity", {"plinth:feature-group": group}))


def filling(*columns: dict[str, object], **changes: object) -> Change:
    """Returns a change that writes a dataset with ``holder`` and these columns, which fills the feature group."""
    unit = {"sources": ["cards"], "script": "etl/card_payments.py", "fills": ["card-activity"], **changes}
    return with_group(columns=[{"name": "holder", "type": "string"}, *columns], etl=unit)


SEEN: dict[str, object] = {"name": "seen", "type": "timestamp"}
AMOUNT: dict[str, object] = {"name": "amount", "type": "double"}


def pushed(**changes: object) -> Change:
    """Returns a change that writes a valid dataset that is pushed to fraud-production, with these changes."""
    sound = {
        "shared_with": {"fraud": ["production"]},
        "pushed_to": {"fraud": ["production"]},
        "etl": {"sources": ["cards"], "script": "etl/card_payments.py"},
    }
    return dataset(**{**sound, **changes})


DATASETS = [
    Case(
        70,
        "raw data in experimentation",
        dataset(shared_with={"fraud": ["experimentation", "development"]}),
        Code.RAW_DATA,
        DATASET + "shared_with.fraud",
        ("would read raw data", "approved: true"),
    ),
    Case(
        71,
        "personal column in the anonymised variant",
        dataset(anonymised={"columns": ["holder", "amount"]}),
        Code.RAW_DATA,
        DATASET + "anonymised.columns",
        ("holder", "personal"),
    ),
    Case(
        72,
        "personal column in an approved dataset",
        dataset(approved=True),
        Code.RAW_DATA,
        DATASET + "approved",
        ("holder", "anonymised variant"),
    ),
    Case(
        73,
        "unknown column in the anonymised variant",
        dataset(anonymised={"columns": ["amuont"]}),
        Code.DATASET_COLUMNS,
        DATASET + "anonymised.columns",
        ("amuont", "is not a column"),
    ),
    Case(
        74,
        "anonymised variant without columns",
        dataset(anonymised={"columns": []}),
        Code.DATASET_COLUMNS,
        DATASET + "anonymised.columns",
        ("is empty",),
    ),
    Case(
        93,
        "rate as a schedule of Glue",
        dataset(etl={"sources": ["cards"], "crawl": True, "schedule": "rate(1 day)"}),
        Code.SCHEDULE,
        DATASET + "etl.schedule",
        ("rate(1 day)", "is a rate, which Glue does not have", "write cron(0 3 * * ? *)"),
    ),
    Case(
        93,
        "cron expression that is shown as it was written",
        dataset(etl={"sources": ["cards"], "crawl": True, "schedule": "cron(0 3 ? * ? *)"}),
        Code.SCHEDULE,
        DATASET + "etl.schedule",
        ('"cron(0 3 ? * ? *)" has ? for the day',),
    ),
    Case(
        93,
        "partition column with a nested type",
        dataset(columns=[*COLUMNS, {"name": "tags", "type": "array<string>", "partition": True}]),
        Code.COLUMN,
        DATASET + "columns",
        ("tags is a partition column with a nested type",),
    ),
    Case(
        45,
        "personal partition column of an anonymised table",
        dataset(
            columns=[*COLUMNS, {"name": "customer", "type": "string", "partition": True, "personal": True}],
            anonymised={"columns": ["amount"]},
        ),
        Code.RAW_DATA,
        DATASET + "columns",
        ("customer is personal and a partition column", "remove partition: true"),
    ),
    Case(
        45,
        "partition column with a higher class than its approved table",
        dataset(columns=[COLUMNS[1], {**DAY, "classification": "restricted"}], approved=True),
        Code.RAW_DATA,
        DATASET + "columns",
        ("day is restricted and a partition column", "reader of the internal table", "classify the dataset like it"),
    ),
    Case(
        45,
        "partition column outside of the anonymised variant",
        dataset(columns=[*COLUMNS, DAY], anonymised={"columns": ["amount"]}),
        Code.RAW_DATA,
        DATASET + "columns",
        ("day is a partition column", "add it to anonymised.columns"),
    ),
    Case(
        75,
        "table without columns",
        dataset(columns=[{"name": "day", "type": "date", "partition": True}]),
        Code.DATASET_COLUMNS,
        DATASET + "columns",
        ("list the table's columns",),
    ),
    Case(
        76,
        "columns of an object dataset",
        dataset(kind="objects"),
        Code.DATASET_COLUMNS,
        DATASET + "columns",
        ("object dataset",),
    ),
    Case(
        77,
        "anonymised variant of an object dataset",
        dataset(kind="objects", columns=[], anonymised={"columns": ["amount"]}),
        Code.DATASET_COLUMNS,
        DATASET + "anonymised",
        ("as another dataset",),
    ),
    Case(
        78,
        "column listed twice",
        dataset(columns=[*COLUMNS, dict(COLUMNS[1])]),
        Code.NAME_REPEATED,
        DATASET + "columns",
        ("amount", "2 times"),
    ),
    Case(
        79,
        "shared with an unknown team",
        dataset(shared_with={"fruad": ["development"]}),
        Code.DATASET_TEAM,
        DATASET + "shared_with.fruad",
        ("is not a team", "fraud"),
    ),
    Case(
        80,
        "shared with an environment of a later phase",
        dataset(phase="repeatable", shared_with={"fraud": ["production"]}),
        Code.NOT_IN_PHASE,
        DATASET + "shared_with.fraud",
        ("production", "phase repeatable"),
    ),
    Case(
        81,
        "phase without a data lake",
        dataset(phase="initial"),
        Code.NOT_IN_PHASE,
        "plinth:dataset",
        ("needs the data lake", "phase: repeatable"),
    ),
    Case(
        82,
        "column name in capitals",
        dataset(columns=[{"name": "Amount", "type": "double"}]),
        Code.COLUMN,
        DATASET + "columns[0].name",
        ("try amount",),
    ),
    Case(
        83,
        "unknown Hive type",
        dataset(columns=[{"name": "amount", "type": "number"}]),
        Code.COLUMN,
        DATASET + "columns[0].type",
        ("it is not a complete Hive type",),
    ),
    Case(
        84,
        "row filter with a second statement",
        dataset(anonymised={"columns": ["amount"], "rows": "amount > 1; DROP TABLE x"}),
        Code.COLUMN,
        DATASET + "anonymised.rows",
        ("without semicolons",),
    ),
    Case(
        85,
        "invalid dataset name",
        dataset(name="Payments"),
        Code.STACK_UNKNOWN,
        "",
        ("its dataset", "data-lake--<dataset>"),
    ),
    Case(
        86,
        "team name that ends like a data stack",
        lambda project: project.team("big-data"),
        Code.FIELD_MISPLACED,
        "plinth:team",
        ("the team's file",),
    ),
    Case(
        87,
        "ETL unit without script and crawler",
        dataset(etl={"sources": ["cards"]}),
        Code.ETL_UNIT,
        DATASET + "etl",
        ("neither a script nor a crawler", "crawl: true"),
    ),
    Case(
        88,
        "ETL unit without sources",
        dataset(etl={"sources": [], "crawl": True}),
        Code.ETL_UNIT,
        DATASET + "etl.sources",
        ("is empty",),
    ),
    Case(
        89,
        "ETL unit without a trigger",
        dataset(etl={"sources": ["cards"], "crawl": True, "on_arrival": False}),
        Code.ETL_UNIT,
        DATASET + "etl",
        ("has no trigger", "write a schedule"),
    ),
    Case(
        89,
        "unknown feature group",
        dataset(etl={"sources": ["cards"], "script": "etl/card_payments.py", "fills": ["card-activty"]}),
        Code.ETL_UNIT,
        DATASET + "etl.fills",
        ("is not a feature group", "Pulumi.features--card-activty.yaml"),
    ),
    Case(
        89,
        "misspelt feature group",
        with_group(etl={"sources": ["cards"], "script": "etl/card_payments.py", "fills": ["card-activty"]}),
        Code.ETL_UNIT,
        DATASET + "etl.fills",
        ("did you mean card-activity?",),
    ),
    Case(
        89,
        "filled feature group without a script",
        with_group(etl={"sources": ["cards"], "crawl": True, "fills": ["card-activity"]}),
        Code.ETL_UNIT,
        DATASET + "etl.fills",
        ("there is no script",),
    ),
    Case(
        89,
        "filled feature group listed twice",
        with_group(etl={"sources": ["cards"], "script": "etl/x.py", "fills": ["card-activity", "card-activity"]}),
        Code.NAME_REPEATED,
        DATASET + "etl.fills",
        ("is listed 2 times",),
    ),
    Case(
        89,
        "feature that is not a column",
        filling(AMOUNT),
        Code.ETL_UNIT,
        DATASET + "etl.fills",
        ("seen", "neither a column of the dataset", "add the column, or add it to etl.computes"),
    ),
    Case(
        89,
        "feature with a similarly named column",
        filling(SEEN, {"name": "amounts", "type": "double"}),
        Code.ETL_UNIT,
        DATASET + "etl.fills",
        ("amount", "write amounts in both"),
    ),
    Case(
        89,
        "feature with a column of another type",
        filling(SEEN, {"name": "amount", "type": "string"}),
        Code.ETL_UNIT,
        DATASET + "etl.fills",
        ("string as a column and fractional in card-activity", "decimal(12,2)", "etl.computes"),
    ),
    Case(
        89,
        "personal column for a feature that is not personal",
        filling(SEEN, {**AMOUNT, "personal": True}),
        Code.RAW_DATA,
        DATASET + "etl.fills",
        ("amount", "personal", "personal: true"),
    ),
    Case(
        89,
        "computed feature that is not in a filled group",
        filling(SEEN, AMOUNT, computes=["amounts"]),
        Code.ETL_UNIT,
        DATASET + "etl.computes",
        ("not a feature of a group in fills", "did you mean amount?"),
    ),
    Case(
        89,
        "computed feature without filled groups",
        filling(SEEN, AMOUNT, fills=[], computes=["amount"]),
        Code.ETL_UNIT,
        DATASET + "etl.computes",
        ("not a feature of a group in fills", "remove it"),
    ),
    Case(
        89,
        "computed feature listed twice",
        filling(SEEN, AMOUNT, computes=["amount", "amount"]),
        Code.NAME_REPEATED,
        DATASET + "etl.computes",
        ("is listed 2 times",),
    ),
    Case(
        91,
        "script outside the repository",
        dataset(etl={"sources": ["cards"], "script": "../cards.py"}),
        Code.SCRIPT,
        DATASET + "etl.script",
        ("inside the repository", "etl/card_payments.py"),
    ),
    Case(
        92,
        "source that is the whole bucket",
        dataset(etl={"sources": ["/"], "crawl": True}),
        Code.FOLDER,
        DATASET + "etl.sources[0]",
        ("is not a folder",),
    ),
    Case(
        93,
        "Unix cron expression",
        dataset(etl={"sources": ["cards"], "crawl": True, "schedule": "0 3 * * *"}),
        Code.SCHEDULE,
        DATASET + "etl.schedule",
        ("cron(0 3 * * ? *)",),
    ),
    Case(
        94,
        "schedule more frequent than every 5 minutes",
        dataset(etl={"sources": ["cards"], "crawl": True, "schedule": "cron(0/1 * * * ? *)"}),
        Code.SCHEDULE,
        DATASET + "etl.schedule",
        ("more frequent than every 5 minutes", "0/5"),
    ),
    Case(
        52,
        "cron expression with fields out of their ranges",
        dataset(etl={"sources": ["cards"], "crawl": True, "schedule": "cron(99 99 * * ? *)"}),
        Code.SCHEDULE,
        DATASET + "etl.schedule",
        ("99 for the minutes", "0 to 59"),
    ),
    Case(
        95,
        "object dataset with a zone's name",
        dataset("landing", kind="objects", columns=[]),
        Code.SLUG_RESERVED,
        DATASET + "kind",
        ("is the name of a zone", "try landing-objects"),
    ),
    Case(
        96,
        "object dataset whose bucket name would be too long",
        dataset("letters-of-customers-by-region", kind="objects", columns=[]),
        Code.NAME_TOO_LONG,
        DATASET + "kind",
        ("makes the bucket name", "may have at most"),
    ),
    Case(
        97,
        "object dataset with an ETL unit",
        dataset(kind="objects", columns=[], etl={"sources": ["scans"], "crawl": True}),
        Code.ETL_UNIT,
        DATASET + "etl",
        ("is given for an object dataset", "remove it"),
    ),
    Case(
        148,
        "results outside the results zone",
        returned(zone="curated"),
        Code.RESULTS,
        DATASET + "returned_by",
        ("of the zone curated", "zone: results"),
    ),
    Case(
        149,
        "results of an unknown team",
        returned(returned_by={"fruad": ["production"]}),
        Code.DATASET_TEAM,
        DATASET + "returned_by.fruad",
        ("is not a team", "fraud"),
    ),
    Case(
        150,
        "results of experimentation",
        returned(returned_by={"fraud": ["experimentation", "production"]}),
        Code.RESULTS,
        DATASET + "returned_by.fraud",
        ("experimentation only reads", "development or a later environment"),
    ),
    Case(
        151,
        "results of a later phase",
        returned(phase="repeatable"),
        Code.NOT_IN_PHASE,
        DATASET + "returned_by.fraud",
        ("production", "phase repeatable"),
    ),
    Case(
        152,
        "results without an ETL unit",
        returned(etl=None),
        Code.RESULTS,
        DATASET + "returned_by",
        ("needs an ETL unit", "sources: [results/payments]"),
    ),
    Case(
        153,
        "results that the ETL unit does not read",
        returned(etl={"sources": ["results/payments/churn"], "crawl": True}),
        Code.RESULTS,
        DATASET + "etl.sources",
        ("does not contain results/payments/fraud", "add results/payments"),
    ),
    Case(
        154,
        "results of an object dataset",
        returned(kind="objects", columns=[], etl=None),
        Code.RESULTS,
        DATASET + "returned_by",
        ("which no ETL unit builds", "kind: table"),
    ),
    Case(
        155,
        "pushed without a script",
        pushed(etl={"sources": ["cards"], "crawl": True}),
        Code.PUSH,
        DATASET + "pushed_to",
        ("needs an ETL script", "etl with a script"),
    ),
    Case(
        156,
        "pushed to an environment it is not shared with",
        pushed(pushed_to={"fraud": ["production", "development"]}),
        Code.PUSH,
        DATASET + "pushed_to.fraud",
        ("is not in shared_with", "fetch the data there"),
    ),
    Case(
        157,
        "pushed to experimentation",
        pushed(
            shared_with={"fraud": ["experimentation", "production"]},
            anonymised={"columns": ["amount"]},
            pushed_to={"fraud": ["experimentation"]},
        ),
        Code.PUSH,
        DATASET + "pushed_to.fraud",
        ("cannot receive pushed data",),
    ),
    Case(
        158,
        "pushed where no part may be read",
        pushed(parts=["historical"]),
        Code.PUSH,
        DATASET + "pushed_to.fraud",
        ("may read none of its parts (historical)",),
    ),
    Case(
        159,
        "pushed to an unknown team",
        pushed(pushed_to={"fruad": ["production"]}),
        Code.PUSH,
        DATASET + "pushed_to.fruad",
        ("is not in shared_with",),
    ),
]
