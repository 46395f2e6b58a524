"""Rules about data APIs: they serve tables that the environment may read, from an account that belongs to the team."""

from __future__ import annotations

from collections.abc import Iterator

from settings.data.data_api import MAX_SERVED_DATASETS, DataApi
from settings.data.dataset import Dataset
from settings.derived.accounts import placement_of
from settings.derived.sharing import READING_ENVIRONMENTS, parts_read
from settings.rules.data.intakes import nearest
from settings.rules.data.published import not_shared
from settings.rules.partial_config import PartialConfig, stack_file
from settings.team.team import EnvironmentSettings
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import ENVIRONMENTS, first_phase_of, kinds_in
from settings.types.redaction import shown


def data_api_faults(config: PartialConfig) -> Iterator[Fault]:
    for partial in config.environments.values():
        environment, api = partial.model, partial.model.data_api
        if not partial.has("data_api") or api is None:
            continue
        phase = config.organization.model.phase if config.organization.has("phase") else None
        if phase is not None and "data-lake" not in kinds_in(phase):
            rule = f"needs the data lake, which phase {phase} does not have"
            fix = f"set phase: {first_phase_of('data-lake')}, or remove it"
            yield _fault(environment, "", "", rule, fix, code=Code.NOT_IN_PHASE)
            continue
        yield from _account_faults(environment, config)
        counted = list(_count_faults(environment, api))
        yield from counted or (fault for name in api.datasets for fault in _dataset_faults(environment, name, config))


def _account_faults(environment: EnvironmentSettings, config: PartialConfig) -> Iterator[Fault]:
    """Refuses shared accounts: API Gateway has one logging role per account, which teams would overwrite."""
    team = config.teams.get(environment.team)
    if team is None or not (team.has("placement") and config.organization.has("placement")):
        return
    host = placement_of(config.organization.model, team.model).account_of(environment.environment)
    if host not in ENVIRONMENTS:
        rule = f"would be in the account {host}, where all teams would share the one logging role of API Gateway"
        yield _fault(environment, "", "", rule, "place the environment in an account of the team, or remove data_api")


def _count_faults(environment: EnvironmentSettings, api: DataApi) -> Iterator[Fault]:
    if not api.datasets:
        yield _fault(environment, "datasets", "", "is empty", "list datasets, or remove data_api")
    if (count := len(api.datasets)) > MAX_SERVED_DATASETS:
        rule = f"datasets are more than an API can serve ({MAX_SERVED_DATASETS})"
        yield _fault(environment, "datasets", str(count), rule, "serve some of them from another environment")
    for name in sorted({name for name in api.datasets if api.datasets.count(name) > 1}):
        yield _fault(environment, "datasets", shown(name), "is listed twice", "list it once")


def _dataset_faults(environment: EnvironmentSettings, name: str, config: PartialConfig) -> Iterator[Fault]:
    partial, field, value = config.datasets.get(name), "datasets", shown(name)
    if partial is None:
        fix = nearest(name, config.datasets) or "publish it first"
        yield _fault(environment, field, value, "is not a dataset", fix)
    elif partial.has("kind") and partial.model.kind != "table":
        rule = "is an object dataset, which cannot be queried"
        yield _fault(environment, field, value, rule, "read the objects in jobs through the team's access point")
    elif partial.has("parts", "shared_with"):
        yield from _reading_faults(environment, partial.model)


def _reading_faults(environment: EnvironmentSettings, dataset: Dataset) -> Iterator[Fault]:
    kind, value = environment.environment, shown(dataset.name)
    if not dataset.is_shared_with(environment.team, kind):
        yield _fault(environment, "datasets", value, *not_shared(environment, dataset))
    elif not parts_read(dataset, environment.team, kind):
        readable = [part for part, readers in READING_ENVIRONMENTS.items() if kind in readers]
        rule = f"has no part that {kind} may read"
        yield _fault(environment, "datasets", value, rule, f"have its owner publish {' or '.join(readable)}")


def _fault(
    environment: EnvironmentSettings, field: str, value: str, rule: str, fix: str, *, code: Code = Code.DATA_API
) -> Fault:
    path = ".".join(part for part in ("plinth:environment.data_api", field) if part)
    return Fault(code=code, file=stack_file(environment.stack), path=path, value=value, rule=rule, fix=fix)
