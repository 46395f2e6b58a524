"""Rules about pushed datasets: an ETL script writes them, and the environment may read them (INT-07)."""

from __future__ import annotations

from collections.abc import Iterator

from settings.data.dataset import Dataset
from settings.derived.sharing import pushed_parts
from settings.rules.partial_config import PartialConfig, PartialModel, stack_file
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import Environment


def pushed_data_faults(config: PartialConfig) -> Iterator[Fault]:
    for partial in config.datasets.values():
        if not partial.has("pushed_to") or not partial.model.pushed_to:
            continue
        if partial.has("etl") and (partial.model.etl is None or partial.model.etl.script is None):
            rule, fix = "needs an ETL script, which writes the data", "write etl with a script, or remove it"
            yield _fault(partial.model, "pushed_to", rule, fix)
        if partial.has("shared_with", "parts"):
            yield from _reader_faults(partial)


def _reader_faults(partial: PartialModel[Dataset]) -> Iterator[Fault]:
    dataset = partial.model
    for team, environments in dataset.pushed_to.items():
        for environment in environments:
            if rule := _refusal(dataset, team, environment):
                fix = "remove it and fetch the data there, or push to an environment that reads it"
                yield _fault(dataset, f"pushed_to.{team}", rule, fix, value=environment)


def _refusal(dataset: Dataset, team: str, environment: Environment) -> str | None:
    if environment == "experimentation":
        return "cannot receive pushed data; experimentation reads through grants only"
    if not dataset.is_shared_with(team, environment):
        return "is not in shared_with"
    if not pushed_parts(dataset, team, environment):
        return f"may read none of its parts ({', '.join(dataset.parts)})"
    return None


def _fault(dataset: Dataset, field: str, rule: str, fix: str, *, value: str = "") -> Fault:
    path = f"plinth:dataset.{field}"
    return Fault(code=Code.PUSH, file=stack_file(dataset.stack), path=path, value=value, rule=rule, fix=fix)
