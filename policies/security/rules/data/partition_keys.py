"""Rules about partition keys: Lake Formation hides no partition key from readers of other columns of its table.

Source: Lake Formation Developer Guide, "Data filtering limitations": column filtering cannot be applied to partition
keys, whether by data filters, lists of columns or LF-tags (read 2026-11-26).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

from policies.evaluation.readers import Properties
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, violation
from policies.evaluation.stack import Stack
from settings.data.dataset import Classification

TABLE = ("aws:glue/catalogTable:CatalogTable",)
TAGS = ("aws:lakeformation/resourceLfTags:ResourceLfTags",)
FILTER = ("aws:lakeformation/dataCellsFilter:DataCellsFilter",)

_CLASSES: tuple[str, ...] = get_args(Classification)
_EXPOSED = ("anonymised", "approved")


def partition_keys_are_exposed(stack: Stack) -> Iterator[CheckResult]:
    """Checks each table that experimentation reads in part. Nothing is known of a table without its partition keys."""
    for table in stack.of(TABLE):
        keys = {name for key in table.properties.blocks("partitionKeys") if (name := _text(key, "name"))}
        for filtered in _about(stack.of(FILTER), table, "tableData", "tableName"):
            if keys - _columns(filtered, "tableData", keys):
                yield filtered, _HIDDEN
        tagged = _about(stack.of(TAGS), table, "tableWithColumns", "name")
        exposed = [tagging for tagging in tagged if _tag(tagging, "exposure") in _EXPOSED]
        if exposed and keys - set().union(*(_columns(tagging, "tableWithColumns", keys) for tagging in exposed)):
            yield exposed[0], _HIDDEN
        whole = _about(stack.of(TAGS), table, "table", "name")
        if exposed or any(_tag(tagging, "exposure") in _EXPOSED for tagging in whole):
            yield from _classified_above(tagged, whole, keys)


_HIDDEN = violation(
    "leaves out a partition key, which Lake Formation shows to every reader of the table",
    fix="add the partition key to the columns, or partition the table by another column",
)


def _classified_above(tagged: Sequence[Resource], whole: Sequence[Resource], keys: set[str]) -> Iterator[CheckResult]:
    ranks = [_rank(table_tagging) for table_tagging in whole]
    for tagging in tagged:
        if keys & _columns(tagging, "tableWithColumns", set()) and ranks and _rank(tagging) > max(ranks):
            yield (
                tagging,
                violation(
                    "classifies a partition key above its table, of which Lake Formation takes no notice",
                    fix="partition the table by another column, or classify the table like the column",
                ),
            )


def _about(resources: Sequence[Resource], table: Resource, block: str, name: str) -> list[Resource]:
    """Returns the resources whose block names a table. Tables of one name are in different databases."""
    return [
        resource
        for resource in resources
        if table.urn in resource.sources.get(block, ()) or _names(resource, table, block, name)
    ]


def _names(resource: Resource, table: Resource, block: str, name: str) -> bool:
    pairs = (("databaseName", "databaseName"), (name, "name"))
    named = [(_text(resource.properties, block, of), _text(table.properties, own)) for of, own in pairs]
    return all(found and found == wanted for found, wanted in named)


def _columns(resource: Resource, block: str, unknown: set[str]) -> set[str]:
    """Returns the columns that a block names, and ``unknown`` if that is not known."""
    if resource.properties.may_have_more(block, "columnNames"):
        return unknown
    items = resource.properties.items(block, "columnNames")
    return {str(item) for item in items} if isinstance(items, Sequence) else set()


def _tag(resource: Resource, key: str) -> str:
    """Returns the value of an LF-tag, or an empty text."""
    tags = resource.properties.blocks("lfTags")
    return next((_text(tag, "value") for tag in tags if _text(tag, "key") == key), "")


def _rank(resource: Resource) -> int:
    value = _tag(resource, "class")
    return _CLASSES.index(value) if value in _CLASSES else -1


def _text(properties: Properties, *path: str) -> str:
    found = properties.text(*path)
    return found if isinstance(found, str) else ""


RULES = (
    Rule(
        id="LF-04",
        title="No partition key is hidden from experimentation",
        severity="critical",
        sources=("Lake Formation Developer Guide, data filtering limitations", "DL-07"),
        remedy="Partition a table that experimentation reads by columns that it may read: Lake Formation shows "
        "partition keys to every reader of a table, and their values are in the names of folders.",
        stack_checks=(StackCheck((*TABLE, *TAGS, *FILTER), partition_keys_are_exposed),),
    ),
)
