"""Rules about source providers: what each one needs, its connection, and that no two repositories are the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from settings.derived.source_repositories import source_of
from settings.organization.organization import Organization
from settings.organization.source import SourceSettings
from settings.rules.partial_config import PROJECT_FILE, PartialConfig
from settings.team.delivery import DeliverySettings
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.redaction import shown

PATH = "plinth:organization.source"


def source_faults(config: PartialConfig) -> Iterator[Fault]:
    if not config.organization.has("source", "home_region"):
        return
    organization = config.organization.model
    yield from _faults(PROJECT_FILE, PATH, organization.source, organization.home_region)
    places: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for placed in config.deliveries():
        yield from _of_use_case(organization, placed.file, placed.path, placed.settings)
        source = source_of(organization, placed.team, placed.use_case, placed.settings)
        for repository in source.names.values() if source else ():
            places[repository.lower()].append((placed.file, placed.path))
    for repository, found in places.items():
        for file, path in found[1:]:
            rule, fix = "is the repository of two purposes or use cases", "name another one in `repositories`"
            yield Fault(
                code=Code.SOURCE, file=file, path=f"{path}.repositories", value=shown(repository), rule=rule, fix=fix
            )


def _of_use_case(organization: Organization, file: str, path: str, delivery: DeliverySettings) -> Iterator[Fault]:
    source = delivery.source
    if source is None:
        source = organization.source
    else:
        yield from _faults(file, f"{path}.source", source, organization.home_region)
        differs = source.provider not in ("codecommit", organization.source.provider)
        if differs and source.connection is None:
            yield Fault(
                code=Code.SOURCE,
                file=file,
                path=f"{path}.source.connection",
                rule=f"is missing: the organization has a connection to {organization.source.provider} only",
                fix="name the ARN of a connection in the tooling account",
            )
    if source.provider == "codecommit" and delivery.repositories:
        yield Fault(
            code=Code.SOURCE,
            file=file,
            path=f"{path}.repositories",
            rule="has no meaning with CodeCommit, whose repositories Plinth creates",
            fix="remove it, or set `source`",
        )


def _faults(file: str, path: str, source: SourceSettings, region: str) -> Iterator[Fault]:
    if source.provider == "codecommit":
        for name in ("namespace", "connection"):
            if getattr(source, name) is not None:
                rule = "has no meaning with CodeCommit"
                fix = "remove it, or set provider: github, gitlab or bitbucket"
                yield Fault(code=Code.SOURCE, file=file, path=f"{path}.{name}", rule=rule, fix=fix)
        return
    if source.namespace is None:
        rule, fix = f"is missing: repositories of {source.provider} have an owner", "name it, such as acme"
        yield Fault(code=Code.SOURCE, file=file, path=f"{path}.namespace", rule=rule, fix=fix)
    if source.connection is not None and (found := source.connection.split(":")[3]) != region:
        rule, fix = f"is a connection in {found}; builds run in {region}", "create one in that region"
        value = shown(source.connection)
        yield Fault(code=Code.SOURCE, file=file, path=f"{path}.connection", value=value, rule=rule, fix=fix)
