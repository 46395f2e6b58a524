"""Rules about pushed datasets: an ETL script writes them, and the environment may read them (INT-07)."""

from __future__ import annotations

from collections.abc import Iterator

from settings.data.dataset import Dataset
from settings.derived.partial_config import Draft, Parts, stack_file
from settings.derived.sharing import pushed_parts
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import Environment


def pushed_data_faults(parts: Parts) -> Iterator[Fault]:
    for draft in parts.datasets.values():
        if not draft.has("pushed_to") or not draft.model.pushed_to:
            continue
        if draft.has("etl") and (draft.model.etl is None or draft.model.etl.script is None):
            rule, fix = "needs an ETL script, which writes the data", "write etl with a script, or remove it"
            yield _fault(draft.model, "pushed_to", rule, fix)
        if draft.has("shared_with", "parts"):
            yield from _reader_faults(draft)


def _reader_faults(draft: Draft[Dataset]) -> Iterator[Fault]:
    dataset = draft.model
    for team, environments in dataset.pushed_to.items():
        for environment in environments:
            if rule := _refusal(dataset, team, environment):
                fix = "remove it and fetch the data there, or push to an environment that reads it"
                yield _fault(dataset, f"pushed_to.{team}", rule, fix, value=environment)


def _refusal(dataset: Dataset, team: str, environment: Environment) -> str | None:
    if environment == "experimentation":
        return "cannot receive pushed data; experimentation reads through grants only"
    if environment not in dataset.shared_with.get(team, ()):
        return "is not in shared_with"
    if not pushed_parts(dataset, team, environment):
        return f"may read none of its parts ({', '.join(dataset.parts)})"
    return None


def _fault(dataset: Dataset, field: str, rule: str, fix: str, *, value: str = "") -> Fault:
    path = f"plinth:dataset.{field}"
    return Fault(code=Code.PUSH, file=stack_file(dataset.stack), path=path, value=value, rule=rule, fix=fix)
