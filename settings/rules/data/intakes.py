"""Rules about intakes: trigger, use case, and access to the dataset, part, columns and features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.data.intake import MAX_INTAKES, FreshFeatures, Intake
from settings.derived import feature_sharing
from settings.derived.sharing import READING_ENVIRONMENTS, columns_read, readers_of
from settings.rules.data.published import not_shared
from settings.rules.partial_config import PartialConfig, PartialModel, stack_file
from settings.team.team import EnvironmentSettings
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import RELEASED_TO, Phase, first_phase_of, kinds_in
from settings.types.redaction import shown


def intake_faults(config: PartialConfig) -> Iterator[Fault]:
    for partial in config.environments.values():
        environment = partial.model
        if not partial.has("intake") or not environment.intake:
            continue
        if config.organization.has("phase") and "data-lake" not in kinds_in(config.organization.model.phase):
            yield _without_a_lake(environment, config.organization.model.phase)
            continue
        if (count := len(environment.intake)) > MAX_INTAKES:
            rule = f"intakes are more than their stack can hold ({MAX_INTAKES})"
            yield _fault(environment, "", str(count), rule, "merge some, or move them to another environment")
        for name, intake in environment.intake.items():
            yield from _start_faults(environment, name, intake)
            yield from _use_case_faults(environment, name, intake, config)
            yield from _inference_faults(environment, name, intake, config)
            yield from _dataset_faults(environment, name, intake, config)
            if intake.fresh_features is not None:
                yield from _feature_faults(environment, f"{name}.fresh_features", intake.fresh_features, config)


def _without_a_lake(environment: EnvironmentSettings, phase: Phase) -> Fault:
    rule = f"needs the data lake, which phase {phase} does not have"
    fix = f"set phase: {first_phase_of('data-lake')}, or remove it"
    return _fault(environment, "", "", rule, fix, code=Code.NOT_IN_PHASE)


def _start_faults(environment: EnvironmentSettings, name: str, intake: Intake) -> Iterator[Fault]:
    if intake.schedule is None and not intake.on_arrival:
        yield _fault(environment, name, "", "has no trigger", "write a schedule, or on_arrival: true")


def _use_case_faults(
    environment: EnvironmentSettings, name: str, intake: Intake, config: PartialConfig
) -> Iterator[Fault]:
    team = config.teams.get(environment.team)
    if team is None or not team.has("use_cases") or intake.use_case in team.model.use_cases:
        return
    rule, known = "is not a use case of the team", team.model.use_cases
    fix = nearest(intake.use_case, known) or f"add it to use_cases in {stack_file(environment.team)}"
    yield _fault(environment, f"{name}.use_case", shown(intake.use_case), rule, fix)


def _inference_faults(
    environment: EnvironmentSettings, name: str, intake: Intake, config: PartialConfig
) -> Iterator[Fault]:
    """Yields the faults of an intake whose copies are predicted in batches."""
    if not intake.batch_inference:
        return
    path = f"{name}.batch_inference"
    if environment.environment not in RELEASED_TO:
        rule = f"needs released models, which {environment.environment} does not have"
        yield _fault(environment, path, "true", rule, f"move the intake to {' or '.join(RELEASED_TO)}")
    if intake.pipeline is not None:
        rule = "starts batch inference, and pipeline starts another pipeline with the same copy"
        yield _fault(environment, path, "true", rule, "remove one of them, or write two intakes")
    team = config.teams.get(environment.team)
    use_case = team.model.use_cases.get(intake.use_case) if team is not None and team.has("use_cases") else None
    if use_case is not None and "batch" not in use_case.inference:
        rule = f"needs batch inference, and {intake.use_case} has inference: [{', '.join(use_case.inference)}]"
        yield _fault(environment, path, "true", rule, f"add batch to it in {stack_file(environment.team)}")


def _dataset_faults(
    environment: EnvironmentSettings, name: str, intake: Intake, config: PartialConfig
) -> Iterator[Fault]:
    field, value = f"{name}.dataset", shown(intake.dataset)
    partial = config.datasets.get(intake.dataset)
    if partial is None:
        fix = nearest(intake.dataset, config.datasets) or "publish it first, in its own file"
        yield _fault(environment, field, value, "is not a dataset", fix)
        return
    if partial.has("kind") and partial.model.kind != "table":
        rule = "is an object dataset; an intake copies tables by query"
        yield _fault(environment, field, value, rule, "read the objects in jobs through the team's access point")
        return
    if intake.on_arrival and partial.has("zone") and partial.model.zone != "curated":
        rule = f"needs arrival events of the zone {partial.model.zone}, which the lake does not send"
        yield _fault(environment, f"{name}.on_arrival", "true", rule, "write a schedule instead")
    if partial.has("parts", "shared_with"):
        found = list(_reading_faults(environment, name, intake, partial.model))
        yield from found
        if not found and partial.has("columns", "anonymised", "approved"):
            yield from _column_faults(environment, name, intake, partial)


def _reading_faults(environment: EnvironmentSettings, name: str, intake: Intake, dataset: Dataset) -> Iterator[Fault]:
    kind = environment.environment
    if not dataset.is_shared_with(environment.team, kind):
        yield _fault(environment, f"{name}.dataset", shown(intake.dataset), *not_shared(environment, dataset))
    elif intake.part not in dataset.parts:
        rule, fix = f"is not a part of {dataset.name}", f"choose one of {', '.join(dataset.parts)}"
        yield _fault(environment, f"{name}.part", intake.part, rule, fix)
    elif kind not in readers_of(dataset, intake.part, environment.team):
        rule = f"cannot be read in {kind}, only in {', '.join(READING_ENVIRONMENTS[intake.part])}"
        readable = [part for part in dataset.parts if kind in READING_ENVIRONMENTS[part]]
        fix = f"write part: {readable[0]}" if readable else "remove the intake"
        yield _fault(environment, f"{name}.part", intake.part, rule, fix)


def _column_faults(
    environment: EnvironmentSettings, name: str, intake: Intake, partial: PartialModel[Dataset]
) -> Iterator[Fault]:
    dataset = partial.model
    readable, known = columns_read(dataset, environment.environment), {column.name for column in dataset.columns}
    for column in intake.columns:
        if column in readable:
            continue
        rule = f"cannot be read in {environment.stack}" if column in known else f"is not a column of {dataset.name}"
        fix = f"choose from {', '.join(readable)}"
        yield _fault(environment, f"{name}.columns", column, rule, fix)


def _feature_faults(
    environment: EnvironmentSettings, path: str, wanted: FreshFeatures, config: PartialConfig
) -> Iterator[Fault]:
    field, value = f"{path}.feature_group", shown(wanted.feature_group)
    partial = config.feature_groups.get(wanted.feature_group)
    if partial is None:
        fix = nearest(wanted.feature_group, config.feature_groups) or "define it first, in its own file"
        yield _fault(environment, field, value, "is not a feature group", fix)
        return
    if not partial.has("offline", "shared_with"):
        return
    group, file = partial.model, stack_file(partial.model.stack)
    if not group.offline:
        rule = "has no offline store, which an intake queries"
        yield _fault(environment, field, value, rule, "choose a group with one, or remove fresh_features")
    elif environment.environment not in feature_sharing.readers_of(group, environment.team):
        fix = f"have its owner add {environment.environment} to shared_with.{environment.team} in {file}"
        yield _fault(environment, field, value, f"is not shared with {environment.stack}", fix)
    elif partial.has("features", "anonymised", "approved", "event_time") and not _reads_event_time(environment, group):
        rule = f"has the event time {group.event_time}, which cannot be read in {environment.environment}"
        yield _fault(environment, field, value, rule, f"have its owner add it to anonymised in {file}")


def _reads_event_time(environment: EnvironmentSettings, group: FeatureGroup) -> bool:
    return group.event_time in feature_sharing.features_read(group, environment.environment)


def nearest(name: str, known: Mapping[str, object]) -> str:
    """Returns a fix that suggests the most similar known name, or lists all names. Empty if none is known."""
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]}?"
    return f"one of {', '.join(sorted(known))}" if known else ""


def _fault(
    environment: EnvironmentSettings, field: str, value: str, rule: str, fix: str, *, code: Code = Code.INTAKE
) -> Fault:
    path = ".".join(part for part in ("plinth:environment.intake", field) if part)
    return Fault(code=code, file=stack_file(environment.stack), path=path, value=value, rule=rule, fix=fix)
