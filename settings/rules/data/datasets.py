"""Rules about datasets: columns, buckets, anonymised variants, ETL and sharing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from settings.data.column_types import is_nested
from settings.data.dataset import Classification, Dataset
from settings.data.lake import ZONES
from settings.organization.organization import Organization
from settings.rules.data.filled_features import filling_faults
from settings.rules.data.published import fault, phase_faults, raw_data_faults, repeated_faults, team_faults
from settings.rules.partial_config import PartialConfig, PartialModel
from settings.types.aws.bucket_names import folder_bucket_name
from settings.types.error_codes import Code
from settings.types.errors import Fault, SettingsError

_RANKS: tuple[Classification, ...] = get_args(Classification)
"""Classifications from the least to the most harm."""


def dataset_faults(config: PartialConfig) -> Iterator[Fault]:
    for partial in config.datasets.values():
        if config.organization.has("phase"):
            yield from phase_faults(partial.model, config)
        if partial.has("kind", "columns"):
            yield from _column_faults(partial.model)
        if partial.has("kind", "etl"):
            yield from _folder_faults(partial.model, config)
        if partial.has("columns", "anonymised", "approved"):
            yield from _variant_faults(partial.model)
            if partial.has("classification"):
                yield from _partition_faults(partial.model)
        if partial.has("etl"):
            yield from _etl_faults(partial.model)
            yield from filling_faults(partial, config)
        if partial.has("shared_with"):
            yield from _sharing_faults(partial, config)


def _column_faults(dataset: Dataset) -> Iterator[Fault]:
    if dataset.kind == "objects" and dataset.columns:
        rule = "is given for an object dataset, which has no columns"
        yield fault(dataset, Code.DATASET_COLUMNS, "columns", rule, "remove it, or write kind: table")
    if dataset.kind == "table" and all(column.partition for column in dataset.columns):
        rule = "has no column other than partition columns"
        yield fault(dataset, Code.DATASET_COLUMNS, "columns", rule, "list the table's columns")
    for column in dataset.columns:
        if column.partition and is_nested(column.type):
            rule = "is a partition column with a nested type; partition keys have primitive types (Athena)"
            yield fault(dataset, Code.COLUMN, "columns", rule, "use a primitive type such as string", value=column.name)
    yield from repeated_faults(dataset, "columns", (column.name for column in dataset.columns))


def _folder_faults(dataset: Dataset, config: PartialConfig) -> Iterator[Fault]:
    """Checks an object dataset, which has its own bucket with the dataset's name in the bucket name."""
    if dataset.kind != "objects":
        return
    if dataset.etl is not None:
        rule = "is given for an object dataset, whose encryption key ETL jobs may not use"
        yield fault(dataset, Code.ETL_UNIT, "etl", rule, "remove it, and have the producer write the objects")
    if dataset.name in ZONES:
        rule, fix = "is the name of a zone, whose bucket has that name", f"try {dataset.name}-objects"
        yield fault(dataset, Code.SLUG_RESERVED, "kind", rule, fix, value=dataset.name)
    if config.organization.has("name", "home_region", "lake"):
        yield from _bucket_faults(dataset, config.organization.model)


def _bucket_faults(dataset: Dataset, organization: Organization) -> Iterator[Fault]:
    """Checks the name of the object dataset's bucket in the region with the longest name, home or second."""
    regions = [organization.home_region, organization.lake.replica_region or ""]
    try:
        folder_bucket_name(organization.name, dataset.name, account_id="0" * 12, region=max(regions, key=len))
    except SettingsError as error:
        (name_fault,) = error.faults
        rule = f"makes the bucket name {name_fault.value}, which {name_fault.rule}"
        yield fault(dataset, name_fault.code, "kind", rule, name_fault.fix, value=dataset.name)


def _variant_faults(dataset: Dataset) -> Iterator[Fault]:
    personal = {column.name for column in dataset.columns if column.personal}
    if dataset.approved and personal:
        rule = f"releases personal columns ({', '.join(sorted(personal))})"
        yield fault(dataset, Code.RAW_DATA, "approved", rule, "declare the anonymised variant instead", value="true")
    if dataset.anonymised is None:
        return
    if dataset.kind == "objects":
        rule = "is given for an object dataset, which has no columns to exclude"
        yield fault(dataset, Code.DATASET_COLUMNS, "anonymised", rule, "publish anonymised objects as another dataset")
        return
    known = {column.name for column in dataset.columns}
    if not dataset.anonymised.columns:
        yield fault(
            dataset, Code.DATASET_COLUMNS, "anonymised.columns", "is empty", "list the columns that may be read"
        )
    for name in dataset.anonymised.columns:
        if name not in known:
            rule, fix = "is not a column of the dataset", "use a name from columns"
            yield fault(dataset, Code.DATASET_COLUMNS, "anonymised.columns", rule, fix, value=name)
        elif name in personal:
            rule = "is a personal column"
            yield fault(dataset, Code.RAW_DATA, "anonymised.columns", rule, "remove it", value=name)


def _partition_faults(dataset: Dataset) -> Iterator[Fault]:
    """Checks the partition columns of a table that experimentation may read. Lake Formation hides none from a reader of
    the table (Lake Formation Developer Guide, "Data filtering limitations", read 2026-11-26)."""
    if dataset.anonymised is None and not dataset.approved:
        return
    for column in dataset.columns:
        if not column.partition:
            continue
        if column.personal:
            rule = "is personal and a partition column, which Lake Formation shows to every reader of the table"
            fix = "remove partition: true, and partition by a column that experimentation may read"
            yield fault(dataset, Code.RAW_DATA, "columns", rule, fix, value=column.name)
        elif _RANKS.index(dataset.classification_of(column)) > _RANKS.index(dataset.classification):
            rule = (
                f"is {dataset.classification_of(column)} and a partition column, which Lake Formation shows to every "
                f"reader of the {dataset.classification} table"
            )
            fix = "remove partition: true or the column's classification, or classify the dataset like it"
            yield fault(dataset, Code.RAW_DATA, "columns", rule, fix, value=column.name)
        elif dataset.anonymised is not None and column.name not in dataset.anonymised.columns:
            rule = "is a partition column, which Lake Formation shows to every reader of the table"
            fix = "add it to anonymised.columns, or partition by a column of the variant"
            yield fault(dataset, Code.RAW_DATA, "columns", rule, fix, value=column.name)


def _etl_faults(dataset: Dataset) -> Iterator[Fault]:
    unit = dataset.etl
    if unit is None:
        return
    if not unit.sources:
        yield fault(dataset, Code.ETL_UNIT, "etl.sources", "is empty", "list the folders that the job reads")
    if unit.script is None and not unit.crawl:
        rule, fix = "has neither a script nor a crawler", "write script: etl/<name>.py, or crawl: true"
        yield fault(dataset, Code.ETL_UNIT, "etl", rule, fix)
    if not unit.on_arrival and unit.schedule is None:
        rule = "has no trigger"
        yield fault(dataset, Code.ETL_UNIT, "etl", rule, "write a schedule, or leave on_arrival at true")


def _sharing_faults(partial: PartialModel[Dataset], config: PartialConfig) -> Iterator[Fault]:
    dataset = partial.model
    yield from team_faults(dataset, "shared_with", dataset.shared_with, config)
    yield from raw_data_faults(partial, "raw data", "declare anonymised columns")
