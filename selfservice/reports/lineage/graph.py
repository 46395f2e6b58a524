"""Answers of ``plinth lineage``: finds what a name means, and the accounts that know its lineage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from selfservice.engine.account_access import Account
from selfservice.engine.import_discovery import Search
from selfservice.errors import BadInputError
from selfservice.projects.project import Project
from selfservice.projects.states import resources_by_stack
from selfservice.reports.delivery import DeliveryPlace, place_of
from selfservice.reports.lineage.versions import (
    DatasetLineage,
    Endpoint,
    EndpointLineage,
    VersionLineage,
    dataset_lineage,
    endpoints_in,
    former_versions_from,
    has_no_settings,
    use_case_of,
    version,
    version_of,
    versions_from,
)
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import Environment

Lineage = DatasetLineage | EndpointLineage | VersionLineage
_TOOLING = "tooling"
SERVING: tuple[Environment, ...] = ("preproduction", "production")
"""Environments with endpoints."""


def lineage_of_name(project: Project, foundation: Foundation, name: str) -> Lineage:
    """Returns the lineage of a dataset, of a version (``<group>/<number>`` or its ARN), or of an endpoint.

    Raises: BadInputError if nothing has this name.
    """
    deployed = Deployed(project, foundation)
    if name in foundation.datasets:
        dataset = foundation.datasets[name]
        found = [
            version_lineage
            for use_case in deployed.use_cases()
            for version_lineage in versions_from(
                foundation,
                dataset,
                deployed.place(use_case).tooling,
                f"{use_case}-",
                deployed.endpoints(use_case),
            )
        ]
        registry = deployed.registry()
        former = () if registry is None else former_versions_from(foundation, dataset, registry)
        return dataset_lineage(foundation, dataset, [*found, *former])
    if parsed := version_of(name):
        group, number = parsed
        if has_no_settings(foundation, group) and (registry := deployed.registry()) is not None:
            return version(foundation, registry, group, number, ())
        use_case = use_case_of(foundation, group)
        return version(foundation, deployed.place(use_case).tooling, group, number, deployed.endpoints(use_case))
    return _endpoint(foundation, deployed, name)


def _endpoint(foundation: Foundation, deployed: Deployed, name: str) -> EndpointLineage:
    use_case = use_case_of(foundation, name)
    endpoints = deployed.endpoints(use_case)
    found = [endpoint for endpoint in endpoints if endpoint.name == name]
    if not found:
        known = ", ".join(sorted({endpoint.name for endpoint in endpoints})) or "none"
        raise BadInputError(f"{use_case} has no endpoint {name}; deployed endpoints: {known}")
    account = deployed.place(use_case).tooling
    versions = [
        version(foundation, account, *parsed, endpoints)
        for arn in sorted({arn for endpoint in found for arn in endpoint.version_arns})
        if (parsed := version_of(arn))
    ]
    return EndpointLineage(
        endpoint=name, environments=tuple(endpoint.environment for endpoint in found), versions=tuple(versions)
    )


@dataclass
class Deployed:
    """The deployed use cases, their accounts and endpoints. Each account is asked once."""

    project: Project
    foundation: Foundation
    _endpoints: dict[str, list[Endpoint]] = field(default_factory=dict)
    _places: dict[str, DeliveryPlace] = field(default_factory=dict)

    def use_cases(self) -> list[str]:
        """Returns the stacks of use cases that are deployed."""
        stacks = [stack.name for stack in self.foundation.stacks if stack.use_case is not None]
        return [stack for stack, resources in resources_by_stack(self.project, stacks).items() if resources]

    def registry(self) -> Account | None:
        """Returns the account of the model registry, which keeps the versions of former teams; None without one."""
        resources = resources_by_stack(self.project, [_TOOLING])[_TOOLING] if _TOOLING in self.project.graph else []
        provided = (
            resource
            for resource in resources
            if resource.get("provider") and not resource.get("type", "").startswith("pulumi:")
        )
        found = next(provided, None)
        return None if found is None else Search({"resources": resources}).account_of(found)

    def place(self, use_case: str) -> DeliveryPlace:
        if use_case not in self._places:
            self._places[use_case] = place_of(self.project, use_case)
        return self._places[use_case]

    def endpoints(self, use_case: str) -> list[Endpoint]:
        if use_case not in self._endpoints:
            team = use_case.partition("--")[0]
            self._endpoints[use_case] = [
                endpoint
                for environment, account in self._serving_accounts(team)
                for endpoint in endpoints_in(account, environment, f"{use_case}-")
            ]
        return self._endpoints[use_case]

    def _serving_accounts(self, team: str) -> Iterator[tuple[Environment, Account]]:
        stacks = {environment: StackIdentity(environment, team).name for environment in SERVING}
        states = resources_by_stack(self.project, list(stacks.values()))
        asked: set[str] = set()
        for environment, stack in stacks.items():
            resource = next((candidate for candidate in states[stack] if candidate.get("provider")), None)
            if resource is None:
                continue
            account = Search({"resources": states[stack]}).account_of(resource)
            if account.id not in asked:
                asked.add(account.id)
                yield environment, account
