"""Rules about results that teams return: who lays them down, and what makes a dataset of them (INT-08, DL-10)."""

from __future__ import annotations

from collections.abc import Iterator

from settings.data.dataset import Dataset
from settings.data.lake import results_folder
from settings.derived.partial_config import Draft, Parts
from settings.rules.data.published import fault, team_faults
from settings.types.error_codes import Code
from settings.types.errors import Fault


def returned_results_faults(parts: Parts) -> Iterator[Fault]:
    for draft in parts.datasets.values():
        if not draft.has("returned_by") or not draft.model.returned_by:
            continue
        yield from _team_faults(draft.model, parts)
        if draft.has("kind", "zone"):
            yield from _place_faults(draft.model)
        if draft.has("kind", "etl"):
            yield from _unit_faults(draft)


def _team_faults(dataset: Dataset, parts: Parts) -> Iterator[Fault]:
    yield from team_faults(dataset, "returned_by", dataset.returned_by, parts)
    for team, environments in dataset.returned_by.items():
        if "experimentation" in environments:
            rule, fix = "would write to the lake, which experiments only read", "name development or a later one"
            yield fault(dataset, Code.RESULTS, f"returned_by.{team}", rule, fix, value="experimentation")


def _place_faults(dataset: Dataset) -> Iterator[Fault]:
    if dataset.zone != "results":
        rule, fix = f"is given for a dataset of the zone {dataset.zone}", "write zone: results, or remove it"
        yield fault(dataset, Code.RESULTS, "returned_by", rule, fix)
    if dataset.kind == "objects":
        rule = "is given for a folder of objects, which no unit makes"
        yield fault(dataset, Code.RESULTS, "returned_by", rule, "write kind: table, or remove it")


def _unit_faults(draft: Draft[Dataset]) -> Iterator[Fault]:
    dataset = draft.model
    if dataset.kind == "objects":
        return
    if dataset.etl is None:
        rule, fix = "is given, and nothing makes a dataset of it", f"write etl with sources: [{_folder(dataset)}]"
        yield fault(dataset, Code.RESULTS, "returned_by", rule, fix)
        return
    folders = [results_folder(dataset.name, team) for team in sorted(dataset.returned_by)]
    unread = [folder for folder in folders if not any(_holds(source, folder) for source in dataset.etl.sources)]
    if unread:
        rule = f"does not hold {', '.join(unread)}, where results land"
        yield fault(dataset, Code.RESULTS, "etl.sources", rule, f"add {_folder(dataset)}")


def _folder(dataset: Dataset) -> str:
    return results_folder(dataset.name)


def _holds(source: str, folder: str) -> bool:
    return folder == source or folder.startswith(f"{source}/")
