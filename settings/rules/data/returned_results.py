"""Rules about returned results: the environments that write them, and the ETL unit that loads them (INT-08, DL-10)."""

from __future__ import annotations

from collections.abc import Iterator

from settings.data.dataset import Dataset
from settings.data.lake import results_folder
from settings.rules.data.published import fault, team_faults
from settings.rules.partial_config import PartialConfig, PartialModel
from settings.types.error_codes import Code
from settings.types.errors import Fault


def returned_results_faults(config: PartialConfig) -> Iterator[Fault]:
    for partial in config.datasets.values():
        if not partial.has("returned_by") or not partial.model.returned_by:
            continue
        yield from _team_faults(partial.model, config)
        if partial.has("kind", "zone"):
            yield from _place_faults(partial.model)
        if partial.has("kind", "etl"):
            yield from _unit_faults(partial)


def _team_faults(dataset: Dataset, config: PartialConfig) -> Iterator[Fault]:
    yield from team_faults(dataset, "returned_by", dataset.returned_by, config)
    for team, environments in dataset.returned_by.items():
        if "experimentation" in environments:
            rule, fix = "would write to the lake; experimentation only reads", "use development or a later environment"
            yield fault(dataset, Code.RESULTS, f"returned_by.{team}", rule, fix, value="experimentation")


def _place_faults(dataset: Dataset) -> Iterator[Fault]:
    if dataset.zone != "results":
        rule, fix = f"is given for a dataset of the zone {dataset.zone}", "write zone: results, or remove it"
        yield fault(dataset, Code.RESULTS, "returned_by", rule, fix)
    if dataset.kind == "objects":
        rule = "is given for an object dataset, which no ETL unit builds"
        yield fault(dataset, Code.RESULTS, "returned_by", rule, "write kind: table, or remove it")


def _unit_faults(partial: PartialModel[Dataset]) -> Iterator[Fault]:
    dataset = partial.model
    if dataset.kind == "objects":
        return
    if dataset.etl is None:
        rule, fix = "needs an ETL unit that loads the results", f"write etl with sources: [{_folder(dataset)}]"
        yield fault(dataset, Code.RESULTS, "returned_by", rule, fix)
        return
    folders = [results_folder(dataset.name, team) for team in sorted(dataset.returned_by)]
    unread = [folder for folder in folders if not any(_holds(source, folder) for source in dataset.etl.sources)]
    if unread:
        rule = f"does not contain {', '.join(unread)}, where results are returned"
        yield fault(dataset, Code.RESULTS, "etl.sources", rule, f"add {_folder(dataset)}")


def _folder(dataset: Dataset) -> str:
    return results_folder(dataset.name)


def _holds(source: str, folder: str) -> bool:
    return folder == source or folder.startswith(f"{source}/")
