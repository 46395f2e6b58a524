"""Rules about retraining: it has a trigger, drift can only be found where production is compared with the data of
training, and datasets have a job whose success tells of new data."""

from __future__ import annotations

from collections.abc import Iterator

from settings.rules.data.intakes import nearest
from settings.rules.partial_config import PartialConfig, PlacedDelivery
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import Environment
from settings.types.redaction import shown

_TRAINS: Environment = "development"
"""Environment in which models are trained."""


def retraining_faults(config: PartialConfig, placed: PlacedDelivery) -> Iterator[Fault]:
    retraining, path = placed.settings.retraining, f"{placed.path}.retraining"
    if retraining is None:
        return
    if not (retraining.on_drift or retraining.on_data or retraining.schedule):
        rule, fix = "starts no retraining", "set on_drift, on_data or schedule, or remove it"
        yield Fault(code=Code.RETRAINING, file=placed.file, path=path, rule=rule, fix=fix)
    for name in dict.fromkeys(retraining.on_data):
        if found := _of_dataset(config, placed.team, name, retraining.on_data.count(name)):
            rule, fix = found
            yield Fault(
                code=Code.RETRAINING, file=placed.file, path=f"{path}.on_data", value=shown(name), rule=rule, fix=fix
            )
    if not retraining.on_drift:
        return
    missing = [] if {"real-time", "batch"} & {*placed.inference} else ["real-time or batch inference"]
    missing += [] if placed.settings.approvers else ["approvers"]
    if missing:
        rule = f"needs {' and '.join(missing)}: nothing in production is compared with the data of training"
        fix = "add them, or set a schedule and remove on_drift"
        yield Fault(code=Code.RETRAINING, file=placed.file, path=f"{path}.on_drift", value="true", rule=rule, fix=fix)


def _of_dataset(config: PartialConfig, team: str, name: str, times: int) -> tuple[str, str] | None:
    """Returns what is wrong with a dataset whose new data start a retraining, and the fix."""
    if times > 1:
        return "is listed twice", "list it once"
    partial = config.datasets.get(name)
    if partial is None:
        return "is not a dataset", nearest(name, config.datasets) or "publish it first"
    if partial.has("shared_with") and not partial.model.is_shared_with(team, _TRAINS):
        return (
            f"is not shared with {team}-{_TRAINS}, so that no pipeline reads it",
            f"have its owner add {_TRAINS} to shared_with.{team}",
        )
    if partial.has("etl") and (partial.model.etl is None or partial.model.etl.script is None):
        return "has no ETL job whose success tells of new data", "set schedule in place of on_data"
    return None
