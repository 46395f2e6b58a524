"""Rules about the feature groups that a dataset's ETL job writes: they exist, and columns match features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from settings.data.dataset import Column, Dataset
from settings.data.etl import EtlUnit
from settings.data.feature_group import Feature, FeatureGroup, FeatureType
from settings.rules.data.published import fault, repeated_faults
from settings.rules.partial_config import PartialConfig, PartialModel, stack_file
from settings.types.error_codes import Code
from settings.types.errors import Fault

_WHOLE = frozenset({"tinyint", "smallint", "int", "bigint"})
_NUMBERS = _WHOLE | {"float", "double", "decimal"}
_WITHOUT_WORDS = frozenset({"array", "binary", "map", "struct"})
"""Hive types whose values are not a single string or number, which is all that Feature Store accepts."""
_NEEDS: Mapping[FeatureType, str] = {
    "string": "a single string or number",
    "integral": "a whole number (tinyint, smallint, int, bigint)",
    "fractional": "a number (int, bigint, float, double, decimal(12,2))",
}


def filling_faults(partial: PartialModel[Dataset], config: PartialConfig) -> Iterator[Fault]:
    """Yields the faults of ``etl.fills`` and ``etl.computes``."""
    dataset, unit = partial.model, partial.model.etl
    if unit is None:
        return
    if unit.fills and unit.script is None:
        rule, fix = "lists feature groups, but there is no script", "write script: etl/<name>.py, or remove the line"
        yield fault(dataset, Code.ETL_UNIT, "etl.fills", rule, fix, value=", ".join(unit.fills))
    yield from repeated_faults(dataset, "etl.fills", unit.fills)
    groups = dict.fromkeys(unit.fills)
    for name in groups:
        if name not in config.feature_groups:
            near = get_close_matches(name, config.feature_groups, n=1, cutoff=0.6)
            fix = f"did you mean {near[0]}?" if near else f"write {stack_file(f'features--{name}')}, or remove it"
            yield fault(dataset, Code.ETL_UNIT, "etl.fills", "is not a feature group", fix, value=name)
    known = [config.feature_groups[name] for name in groups if name in config.feature_groups]
    if len(known) == len(groups) and all(group.has("features") for group in known):
        yield from _computed_faults(dataset, unit, [group.model for group in known])
    if partial.has("columns", "kind") and dataset.kind == "table":
        for group in known:
            if group.has("features"):
                yield from _column_faults(dataset, unit, group.model)


def _computed_faults(dataset: Dataset, unit: EtlUnit, groups: list[FeatureGroup]) -> Iterator[Fault]:
    features = {feature.name for group in groups for feature in group.features}
    yield from repeated_faults(dataset, "etl.computes", unit.computes)
    for name in dict.fromkeys(unit.computes):
        if name not in features:
            near = get_close_matches(name, features, n=1, cutoff=0.6)
            rule, fix = "is not a feature of a group in fills", f"did you mean {near[0]}?" if near else "remove it"
            yield fault(dataset, Code.ETL_UNIT, "etl.computes", rule, fix, value=name)


def _column_faults(dataset: Dataset, unit: EtlUnit, group: FeatureGroup) -> Iterator[Fault]:
    """Checks that each feature that the script does not compute is a column with the same name and a matching type."""
    columns = {column.name: column for column in dataset.columns}
    for feature in group.features:
        if feature.name in unit.computes:
            continue
        if feature.name in columns:
            yield from _feature_faults(dataset, group, columns[feature.name], feature)
            continue
        rule = f"is a feature of {group.name}, but neither a column of the dataset nor in etl.computes"
        near = get_close_matches(feature.name, columns, n=1, cutoff=0.6)
        other = f"write {near[0]} in both" if near else "add the column"
        fix = f"{other}, or add it to etl.computes if the script computes it"
        yield fault(dataset, Code.ETL_UNIT, "etl.fills", rule, fix, value=feature.name)


def _feature_faults(dataset: Dataset, group: FeatureGroup, column: Column, feature: Feature) -> Iterator[Fault]:
    if not _fits(column, feature):
        rule = f"is {column.type} as a column and {feature.type} in {group.name}, which needs {_NEEDS[feature.type]}"
        fix = "change one of the two, or add it to etl.computes if the script converts it"
        yield fault(dataset, Code.ETL_UNIT, "etl.fills", rule, fix, value=feature.name)
    if column.personal and not feature.personal:
        rule = f"is personal as a column, but not in {group.name}"
        fix = "set personal: true for the feature, or add it to etl.computes if the script anonymises it"
        yield fault(dataset, Code.RAW_DATA, "etl.fills", rule, fix, value=feature.name)


def _fits(column: Column, feature: Feature) -> bool:
    base = column.type.partition("(")[0].partition("<")[0]
    match feature.type:
        case "integral":
            return base in _WHOLE
        case "fractional":
            return base in _NUMBERS
        case "string":
            return base not in _WITHOUT_WORDS
