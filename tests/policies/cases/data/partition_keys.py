"""Cases of policies/security/rules/data/partition_keys.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import Member, StackCase

TABLE = "aws:glue/catalogTable:CatalogTable"
TAGS = "aws:lakeformation/resourceLfTags:ResourceLfTags"
FILTER = "aws:lakeformation/dataCellsFilter:DataCellsFilter"
TAG_KEYS = {"exposure": "exposure", "class_": "class"}


def table(*keys: str, name: str = "payments", database: str = "historical") -> Member:
    found = [{"name": key, "type": "string"} for key in keys]
    return Member(type=TABLE, inputs={"name": name, "databaseName": database, "partitionKeys": found})


def _tags(given: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": TAG_KEYS[key], "value": value} for key, value in given.items()]


def columns(*names: Any, of: str = "payments", database: str = "historical", **tags: str) -> Member:
    """Returns LF-tags of columns."""
    named = {"databaseName": database, "name": of, "columnNames": list(names)}
    return Member(type=TAGS, inputs={"tableWithColumns": named, "lfTags": _tags(tags)})


def whole(**tags: str) -> Member:
    """Returns LF-tags of the table."""
    return Member(
        type=TAGS, inputs={"table": {"databaseName": "historical", "name": "payments"}, "lfTags": _tags(tags)}
    )


def filtering(*names: Any, of: str = "payments", database: str = "historical") -> Member:
    named = {"databaseName": database, "tableName": of, "columnNames": list(names)}
    return Member(type=FILTER, inputs={"tableData": named})


def case(what: str, *refused: str, **members: Member) -> StackCase:
    return StackCase(rule="LF-04", type=TABLE, what=what, members=members, refused=frozenset(refused))


RAW = whole(class_="internal", exposure="raw")
MADE_FROM = {"tableWithColumns": "table", "tableData": "table"}
UNNAMED = {"databaseName": UNKNOWN, "name": UNKNOWN, "tableName": UNKNOWN, "columnNames": ["amount"]}

STACK_CASES = [
    case(
        "a key that the tags leave out", "tags", table=table("customer"), tags=columns("amount", exposure="anonymised")
    ),
    case(
        "a key that the tags of an approved column leave out",
        "tags",
        table=table("day", "customer"),
        tags=columns("day", exposure="approved"),
    ),
    case("a key that the filter leaves out", "filter", table=table("customer"), filter=filtering("amount")),
    case(
        "a key that one of two filters leaves out", "b", table=table("day"), a=filtering("day"), b=filtering("amount")
    ),
    case(
        "a key of a table that is known by dependency only",
        "tags",
        "filter",
        table=table("customer"),
        tags=Member(
            type=TAGS,
            inputs={
                "tableWithColumns": {**UNNAMED, "columnNames": ["amount"]},
                "lfTags": _tags({"exposure": "approved"}),
            },
            sources=MADE_FROM,
        ),
        filter=Member(type=FILTER, inputs={"tableData": {**UNNAMED, "columnNames": ["amount"]}}, sources=MADE_FROM),
    ),
    case(
        "a key with a higher class than its approved table",
        "tags",
        table=table("day"),
        whole=whole(class_="internal", exposure="approved"),
        tags=columns("day", class_="restricted"),
    ),
    case(
        "a key with a higher class than its table, whose tags are in two resources",
        "tags",
        table=table("day"),
        exposed=whole(class_="internal", exposure="approved"),
        classified=whole(class_="public"),
        tags=columns("day", class_="restricted"),
    ),
    case(
        "a readable key with a higher class than its table",
        "class",
        **{
            "table": table("day"),
            "whole": RAW,
            "tags": columns("day", exposure="anonymised"),
            "class": columns("amount", "day", class_="confidential"),
        },
    ),
    case("keys that everybody reads", table=table("day"), tags=columns("amount", "day", exposure="anonymised")),
    case(
        "keys in two sets of columns",
        table=table("day", "region"),
        tags=columns("day", exposure="anonymised"),
        more=columns("region", exposure="anonymised", class_="public"),
        whole=RAW,
    ),
    case("keys in the filter", table=table("day"), filter=filtering("amount", "day")),
    case("a filter of unknown columns", table=table("day"), filter=filtering("amount", UNKNOWN)),
    case("tags of unknown columns", table=table("day"), tags=columns(UNKNOWN, exposure="anonymised")),
    case("no key", table=table(), tags=columns("amount", exposure="anonymised"), filter=filtering("amount")),
    case(
        "a table that experimentation does not read", table=table("customer"), tags=columns("amount", class_="public")
    ),
    case(
        "a class above that of a table that experimentation does not read",
        table=table("customer"),
        whole=RAW,
        tags=columns("customer", class_="restricted"),
    ),
    case(
        "a class below that of the table",
        table=table("day"),
        whole=whole(class_="internal", exposure="approved"),
        tags=columns("day", class_="public"),
    ),
    case(
        "a class of another column",
        table=table("day"),
        whole=whole(class_="internal", exposure="approved"),
        tags=columns("amount", class_="restricted"),
    ),
    case(
        "tags and a filter of another table",
        table=table("customer"),
        tags=columns("amount", of="visits", exposure="anonymised"),
        filter=filtering("amount", database="inference"),
    ),
]
