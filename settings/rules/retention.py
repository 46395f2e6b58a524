"""Rules about use cases and retention: names are unambiguous, periods do not contradict each other, and each has an
effect."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial

from settings.data.ml_layout import FEATURE, retained_in
from settings.rules.partial_config import PartialConfig, PartialModel, stack_file
from settings.team.retention import Retention
from settings.team.team import EnvironmentSettings, Team
from settings.team.use_case import MAX_USE_CASES
from settings.types.error_codes import Code
from settings.types.errors import Fault

FaultAt = Callable[[str, object, str, str], Fault]
"""Builds a fault from a field, its value, the rule and the fix."""


def retention_faults(config: PartialConfig) -> Iterator[Fault]:
    for team in config.teams.values():
        if team.has("use_cases"):
            yield from _team_faults(team.model)
    for environment in config.environments.values():
        if environment.has("retention"):
            yield from _environment_faults(environment)


def _team_faults(team: Team) -> Iterator[Fault]:
    at = partial(_fault, stack_file(team.name), "plinth:team")
    if (count := len(team.use_cases)) > MAX_USE_CASES:
        rule = f"use cases are more than the limits of an ML bucket allow ({MAX_USE_CASES})"
        fix = "move some of them to another team"
        yield at("use_cases", count, rule, fix, code=Code.USE_CASE_COUNT)
    for name, use_case in team.use_cases.items():
        yield from _name_faults(name, team.use_cases, partial(at, code=Code.USE_CASE_NAME))
        for retained, retention in use_case.retention.items():
            yield from _contradictions(retention, f"use_cases.{name}.retention.{retained}", at)


def _name_faults(name: str, names: Collection[str], at: FaultAt) -> Iterator[Fault]:
    """Roles of a use case may access all names that begin with its own name and a hyphen (``card-…``)."""
    parts = name.split("-")
    for other in ("-".join(parts[:count]) for count in range(1, len(parts))):
        if other in names:
            rule = f"begins with the name of {other} and a hyphen, so the roles of {other} could access its resources"
            yield at(f"use_cases.{name}", name, rule, "rename one of the two")
    if f"-{FEATURE}" in f"{name}-":
        rule = f"contains -{FEATURE.removesuffix('-')}, which marks the model package groups of feature branches"
        yield at(f"use_cases.{name}", name, rule, "use another word")


def _environment_faults(entry: PartialModel[EnvironmentSettings]) -> Iterator[Fault]:
    environment = entry.model
    at = partial(_fault, stack_file(environment.stack), "plinth:environment")
    for retained, retention in environment.retention.items():
        field = f"retention.{retained}"
        if retained not in retained_in(environment.environment):
            classes = ", ".join(retained_in(environment.environment))
            rule = f"is a class of objects that {environment.environment} does not have"
            yield at(field, retained, rule, f"remove it; the classes there are {classes}")
        yield from _contradictions(retention, field, at)
        if entry.has("noncurrent_retention_days"):
            yield from _history_faults(retention, environment.noncurrent_retention_days, field, at)


def _contradictions(retention: Retention, field: str, at: FaultAt) -> Iterator[Fault]:
    evidence, days = retention.evidence_days, retention.days
    if evidence is None:
        return
    if days is None:
        rule = "days have no effect, because without days everything is kept permanently"
        yield at(f"{field}.evidence_days", evidence, rule, "add days, or remove the line")
    elif evidence <= days:
        rule = f"days have no effect, because everything is kept for {days} days"
        yield at(f"{field}.evidence_days", evidence, rule, "increase it, or remove the line")


def _history_faults(retention: Retention, all_days: int, field: str, at: FaultAt) -> Iterator[Fault]:
    """Refuses a longer period than that of the bucket: S3 applies the shorter of two rules."""
    if retention.history_days is not None and retention.history_days > all_days:
        rule = f"days have no effect, because S3 removes replaced versions in this bucket after {all_days} days"
        fix = f"write at most {all_days}, or raise noncurrent_retention_days"
        yield at(f"{field}.history_days", retention.history_days, rule, fix)


def _fault(
    file: str, key: str, field: str, value: object, rule: str, fix: str, *, code: Code = Code.RETENTION
) -> Fault:
    return Fault(code=code, file=file, path=f"{key}.{field}", value=str(value), rule=rule, fix=fix)
