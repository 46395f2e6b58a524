"""Rules about datasets: what they consist of, and who may be given them."""

from __future__ import annotations

from collections.abc import Iterator

from settings.data.dataset import Dataset
from settings.data.lake import ZONES
from settings.derived.partial_config import Draft, Parts
from settings.rules.data.filled_features import filling_faults
from settings.rules.data.published import fault, phase_faults, repeated_faults, team_faults
from settings.types.error_codes import Code
from settings.types.errors import Fault, SettingsError
from settings.types.naming import folder_bucket_name


def dataset_faults(parts: Parts) -> Iterator[Fault]:
    for draft in parts.datasets.values():
        if parts.organization.has("phase"):
            yield from phase_faults(draft.model, parts)
        if draft.has("kind", "columns"):
            yield from _column_faults(draft.model)
        if draft.has("kind", "etl"):
            yield from _folder_faults(draft.model, parts)
        if draft.has("columns", "anonymised", "approved"):
            yield from _variant_faults(draft.model)
        if draft.has("etl"):
            yield from _etl_faults(draft.model)
            yield from filling_faults(draft, parts)
        if draft.has("shared_with"):
            yield from _sharing_faults(draft, parts)


def _column_faults(dataset: Dataset) -> Iterator[Fault]:
    if dataset.kind == "objects" and dataset.columns:
        rule = "is given for a folder of objects, which has none"
        yield fault(dataset, Code.DATASET_COLUMNS, "columns", rule, "remove it, or write kind: table")
    if dataset.kind == "table" and all(column.partition for column in dataset.columns):
        rule = "names no column beside those that the objects are partitioned by"
        yield fault(dataset, Code.DATASET_COLUMNS, "columns", rule, "list the table's columns")
    yield from repeated_faults(dataset, "columns", (column.name for column in dataset.columns))


def _folder_faults(dataset: Dataset, parts: Parts) -> Iterator[Fault]:
    """A folder has a bucket of its own, of which the dataset's name is a part."""
    if dataset.kind != "objects":
        return
    if dataset.etl is not None:
        rule = "is given for a folder of objects, which is filled under a key that the lake's jobs do not write with"
        yield fault(dataset, Code.ETL_UNIT, "etl", rule, "remove it, and have the objects put by who delivers them")
    if dataset.name in ZONES:
        rule, fix = "is the name of a zone, which has the bucket", f"try {dataset.name}-objects"
        yield fault(dataset, Code.SLUG_RESERVED, "kind", rule, fix, value=dataset.name)
    if parts.organization.has("name", "home_region"):
        organization = parts.organization.model
        try:
            folder_bucket_name(organization.name, dataset.name, account_id="0" * 12, region=organization.home_region)
        except SettingsError as error:
            (of_name,) = error.faults
            rule = f"makes the bucket's name {of_name.value}, which {of_name.rule}"
            yield fault(dataset, of_name.code, "kind", rule, of_name.fix, value=dataset.name)


def _variant_faults(dataset: Dataset) -> Iterator[Fault]:
    personal = {column.name for column in dataset.columns if column.personal}
    if dataset.approved and personal:
        rule = f"lets go of columns that name persons ({', '.join(sorted(personal))})"
        yield fault(dataset, Code.RAW_DATA, "approved", rule, "declare the anonymised variant instead", value="true")
    if dataset.anonymised is None:
        return
    if dataset.kind == "objects":
        rule = "is given for a folder of objects, of which no part can be left out"
        yield fault(dataset, Code.DATASET_COLUMNS, "anonymised", rule, "publish the anonymised objects as a dataset")
        return
    known = {column.name for column in dataset.columns}
    if not dataset.anonymised.columns:
        yield fault(dataset, Code.DATASET_COLUMNS, "anonymised.columns", "is empty", "list what may be read")
    for name in dataset.anonymised.columns:
        if name not in known:
            rule = "is no column of the dataset"
            yield fault(
                dataset, Code.DATASET_COLUMNS, "anonymised.columns", rule, "write it as under columns", value=name
            )
        elif name in personal:
            rule = "says something about a person"
            yield fault(dataset, Code.RAW_DATA, "anonymised.columns", rule, "leave it out", value=name)


def _etl_faults(dataset: Dataset) -> Iterator[Fault]:
    unit = dataset.etl
    if unit is None:
        return
    if not unit.sources:
        yield fault(dataset, Code.ETL_UNIT, "etl.sources", "is empty", "name the folders of landing that it reads")
    if unit.script is None and not unit.crawl:
        rule, fix = "has neither a script nor a crawler", "write script: etl/<name>.py, or crawl: true"
        yield fault(dataset, Code.ETL_UNIT, "etl", rule, fix)
    if not unit.on_arrival and unit.schedule is None:
        rule = "is started by nothing"
        yield fault(dataset, Code.ETL_UNIT, "etl", rule, "write a schedule, or leave on_arrival at true")


def _sharing_faults(draft: Draft[Dataset], parts: Parts) -> Iterator[Fault]:
    dataset = draft.model
    yield from team_faults(dataset, "shared_with", dataset.shared_with, parts)
    for team, environments in dataset.shared_with.items():
        if "experimentation" in environments and draft.has("anonymised", "approved"):
            yield from _for_experiments(dataset, f"shared_with.{team}")


def _for_experiments(dataset: Dataset, path: str) -> Iterator[Fault]:
    if dataset.approved or dataset.anonymised:
        return
    rule = "would read raw data, and experiments read what is anonymised or approved"
    fix = "declare anonymised columns, set approved: true, or share it with development alone"
    yield fault(dataset, Code.RAW_DATA, path, rule, fix, value="experimentation")
