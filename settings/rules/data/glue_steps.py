"""Rules about Glue steps: environment, use case, names, and access to datasets."""

from __future__ import annotations

from collections.abc import Iterator

from settings.data.glue_step import GLUE_STEP_ENVIRONMENT, MAX_GLUE_STEPS, GlueStep
from settings.rules.data.intakes import nearest
from settings.rules.data.published import not_shared
from settings.rules.partial_config import PartialConfig, stack_file
from settings.team.team import EnvironmentSettings
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import first_phase_of, kinds_in
from settings.types.redaction import shown


def glue_step_faults(config: PartialConfig) -> Iterator[Fault]:
    for partial in config.environments.values():
        environment = partial.model
        if not partial.has("glue_steps") or not environment.glue_steps:
            continue
        if config.organization.has("phase") and "data-lake" not in kinds_in(phase := config.organization.model.phase):
            rule = f"needs the data lake, which phase {phase} does not have"
            fix = f"set phase: {first_phase_of('data-lake')}, or remove it"
            yield _fault(environment, "", "", rule, fix, code=Code.NOT_IN_PHASE)
            continue
        if environment.environment != GLUE_STEP_ENVIRONMENT:
            rule = "cannot run here, because only development has pipeline roles"
            yield _fault(environment, "", "", rule, f"move it to {environment.team}-{GLUE_STEP_ENVIRONMENT}")
            continue
        if (count := len(environment.glue_steps)) > MAX_GLUE_STEPS:
            rule = f"steps are more than their stack can hold ({MAX_GLUE_STEPS})"
            yield _fault(environment, "", str(count), rule, "combine several in one script")
        for name, step in environment.glue_steps.items():
            if partial.has("intake") and name in environment.intake:
                rule, fix = "is also the name of an intake", "rename one of the two"
                yield _fault(environment, name, "", rule, fix)
            yield from _use_case_faults(environment, name, step, config)
            for dataset in step.datasets:
                yield from _dataset_faults(environment, name, dataset, config)


def _use_case_faults(
    environment: EnvironmentSettings, name: str, step: GlueStep, config: PartialConfig
) -> Iterator[Fault]:
    team = config.teams.get(environment.team)
    if team is None or not team.has("use_cases") or step.use_case in team.model.use_cases:
        return
    fix = nearest(step.use_case, team.model.use_cases) or f"add it to use_cases in {stack_file(environment.team)}"
    yield _fault(environment, f"{name}.use_case", shown(step.use_case), "is not a use case of the team", fix)


def _dataset_faults(
    environment: EnvironmentSettings, name: str, dataset: str, config: PartialConfig
) -> Iterator[Fault]:
    field, value, kind = f"{name}.datasets", shown(dataset), environment.environment
    partial = config.datasets.get(dataset)
    if partial is None:
        fix = nearest(dataset, config.datasets) or "publish it first, in its own file"
        yield _fault(environment, field, value, "is not a dataset", fix)
    elif partial.has("kind") and partial.model.kind != "table":
        fix = "read the objects in jobs through the team's access point"
        yield _fault(environment, field, value, "is an object dataset; a Glue step reads tables", fix)
    elif partial.has("shared_with") and not partial.model.is_shared_with(environment.team, kind):
        yield _fault(environment, field, value, *not_shared(environment, partial.model))


def _fault(
    environment: EnvironmentSettings, field: str, value: str, rule: str, fix: str, *, code: Code = Code.GLUE_STEP
) -> Fault:
    path = ".".join(part for part in ("plinth:environment.glue_steps", field) if part)
    return Fault(code=code, file=stack_file(environment.stack), path=path, value=value, rule=rule, fix=fix)
