"""Rules about datasets: what they consist of, and who may be given them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from settings.codes import Code
from settings.dataset import Dataset
from settings.disclosure import shown
from settings.drafts import Draft, Parts, stack_file
from settings.errors import Fault, SettingsError
from settings.kinds import environments_in, first_phase_of, kinds_in
from settings.lake import ZONES
from settings.naming import folder_bucket_name


def dataset_faults(parts: Parts) -> Iterator[Fault]:
    for draft in parts.datasets.values():
        if parts.organization.has("phase"):
            yield from _phase_faults(draft.model, parts)
        if draft.has("kind", "columns"):
            yield from _column_faults(draft.model)
        if draft.has("kind", "etl"):
            yield from _folder_faults(draft.model, parts)
        if draft.has("columns", "anonymised", "approved"):
            yield from _variant_faults(draft.model)
        if draft.has("etl"):
            yield from _etl_faults(draft.model)
        if draft.has("shared_with"):
            yield from _sharing_faults(draft, parts)


def _phase_faults(dataset: Dataset, parts: Parts) -> Iterator[Fault]:
    phase = parts.organization.model.phase
    if "data-lake" not in kinds_in(phase):
        rule = f"needs the data lake, which phase {phase} does not have"
        yield _fault(dataset, Code.NOT_IN_PHASE, "", rule, f"set phase: {first_phase_of('data-lake')}, or remove it")


def _column_faults(dataset: Dataset) -> Iterator[Fault]:
    if dataset.kind == "objects" and dataset.columns:
        rule = "is given for a folder of objects, which has none"
        yield _fault(dataset, Code.DATASET_COLUMNS, "columns", rule, "remove it, or write kind: table")
    if dataset.kind == "table" and all(column.partition for column in dataset.columns):
        rule = "names no column beside those that the objects are partitioned by"
        yield _fault(dataset, Code.DATASET_COLUMNS, "columns", rule, "list the table's columns")
    for name, count in Counter(column.name for column in dataset.columns).items():
        if count > 1:
            rule, fix = f"stands {count} times in the list", "rename or remove all but one"
            yield _fault(dataset, Code.NAME_REPEATED, "columns", rule, fix, value=name)


def _folder_faults(dataset: Dataset, parts: Parts) -> Iterator[Fault]:
    """A folder has a bucket of its own, of which the dataset's name is a part."""
    if dataset.kind != "objects":
        return
    if dataset.etl is not None:
        rule = "is given for a folder of objects, which is filled under a key that the lake's jobs do not write with"
        yield _fault(dataset, Code.ETL_UNIT, "etl", rule, "remove it, and have the objects put by who delivers them")
    if dataset.name in ZONES:
        rule, fix = "is the name of a zone, which has the bucket", f"try {dataset.name}-objects"
        yield _fault(dataset, Code.SLUG_RESERVED, "kind", rule, fix, value=dataset.name)
    if parts.organization.has("name", "home_region"):
        organization = parts.organization.model
        try:
            folder_bucket_name(organization.name, dataset.name, account_id="0" * 12, region=organization.home_region)
        except SettingsError as error:
            (fault,) = error.faults
            rule = f"makes the bucket's name {fault.value}, which {fault.rule}"
            yield _fault(dataset, fault.code, "kind", rule, fault.fix, value=dataset.name)


def _variant_faults(dataset: Dataset) -> Iterator[Fault]:
    personal = {column.name for column in dataset.columns if column.personal}
    if dataset.approved and personal:
        rule = f"lets go of columns that name persons ({', '.join(sorted(personal))})"
        yield _fault(dataset, Code.RAW_DATA, "approved", rule, "declare the anonymised variant instead", value="true")
    if dataset.anonymised is None:
        return
    if dataset.kind == "objects":
        rule = "is given for a folder of objects, of which no part can be left out"
        yield _fault(dataset, Code.DATASET_COLUMNS, "anonymised", rule, "publish the anonymised objects as a dataset")
        return
    known = {column.name for column in dataset.columns}
    if not dataset.anonymised.columns:
        yield _fault(dataset, Code.DATASET_COLUMNS, "anonymised.columns", "is empty", "list what may be read")
    for name in dataset.anonymised.columns:
        if name not in known:
            rule = "is no column of the dataset"
            yield _fault(
                dataset, Code.DATASET_COLUMNS, "anonymised.columns", rule, "write it as under columns", value=name
            )
        elif name in personal:
            rule = "says something about a person"
            yield _fault(dataset, Code.RAW_DATA, "anonymised.columns", rule, "leave it out", value=name)


def _etl_faults(dataset: Dataset) -> Iterator[Fault]:
    unit = dataset.etl
    if unit is None:
        return
    if not unit.sources:
        yield _fault(dataset, Code.ETL_UNIT, "etl.sources", "is empty", "name the folders of landing that it reads")
    if unit.script is None and not unit.crawl:
        rule, fix = "has neither a script nor a crawler", "write script: etl/<name>.py, or crawl: true"
        yield _fault(dataset, Code.ETL_UNIT, "etl", rule, fix)
    if not unit.on_arrival and unit.schedule is None:
        rule = "is started by nothing"
        yield _fault(dataset, Code.ETL_UNIT, "etl", rule, "write a schedule, or leave on_arrival at true")


def _sharing_faults(draft: Draft[Dataset], parts: Parts) -> Iterator[Fault]:
    dataset, teams = draft.model, {*parts.teams, *parts.unreadable}
    for team, environments in dataset.shared_with.items():
        path = f"shared_with.{team}"
        if team not in teams:
            rule, fix = "is no team here", f"one of {', '.join(sorted(teams))}" if teams else "add the team's file"
            yield _fault(dataset, Code.DATASET_TEAM, path, rule, fix, value=shown(team))
        if parts.organization.has("phase"):
            phase = parts.organization.model.phase
            for environment in environments:
                if environment not in environments_in(phase):
                    rule = f"is not there in phase {phase}"
                    yield _fault(dataset, Code.NOT_IN_PHASE, path, rule, "remove it", value=environment)
        if "experimentation" in environments and draft.has("anonymised", "approved"):
            yield from _for_experiments(dataset, path)


def _for_experiments(dataset: Dataset, path: str) -> Iterator[Fault]:
    if dataset.approved or dataset.anonymised:
        return
    rule = "would read raw data, and experiments read what is anonymised or approved"
    fix = "declare anonymised columns, set approved: true, or share it with development alone"
    yield _fault(dataset, Code.RAW_DATA, path, rule, fix, value="experimentation")


def _fault(dataset: Dataset, code: Code, field: str, rule: str, fix: str, *, value: str = "") -> Fault:
    path = ".".join(part for part in ("plinth:dataset", field) if part)
    return Fault(code=code, file=stack_file(dataset.stack), path=path, value=value, rule=rule, fix=fix)
