"""The repositories of a use case at a source provider, and the connection that reaches them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from settings.derived.use_case_names import REPOSITORIES
from settings.organization.organization import Organization
from settings.organization.source import SourceProvider, SourceSettings
from settings.team.delivery import DeliverySettings, Repository


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """How AWS names a source provider."""

    connection_type: Literal["Bitbucket", "GitHub", "GitLab"]
    """Type of its connections (CodeConnections API, ProviderType)."""
    source_type: Literal["BITBUCKET", "GITHUB", "GITLAB"]
    """Type of the source of a build (CodeBuild API, ProjectSource)."""
    host: str


PROVIDERS: Mapping[SourceProvider, Provider] = MappingProxyType(
    {
        "bitbucket": Provider(connection_type="Bitbucket", source_type="BITBUCKET", host="bitbucket.org"),
        "github": Provider(connection_type="GitHub", source_type="GITHUB", host="github.com"),
        "gitlab": Provider(connection_type="GitLab", source_type="GITLAB", host="gitlab.com"),
    }
)
"""Providers that a connection reaches without a host of the customer's own (Developer Tools console User Guide,
"Connections", read 2026-11-22)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceRepositories:
    """The repositories of a use case at a provider."""

    provider: Provider
    connection_arn: str | None
    """None for the connection that the stack ``tooling`` creates."""
    names: Mapping[Repository, str]
    """Owner and name of each repository."""

    @property
    def urls(self) -> Mapping[Repository, str]:
        """The HTTPS URL of each repository."""
        return {purpose: f"https://{self.provider.host}/{name}.git" for purpose, name in self.names.items()}


def source_of(
    organization: Organization, team: str, use_case: str, delivery: DeliverySettings
) -> SourceRepositories | None:
    """Returns the repositories of a use case at its provider, or None if they are in CodeCommit."""
    source = delivery.source or organization.source
    if source.provider == "codecommit":
        return None
    names = {
        repository: delivery.repositories.get(repository, f"{source.namespace}/{team}-{use_case}-{repository}")
        for repository in REPOSITORIES
    }
    return SourceRepositories(
        provider=PROVIDERS[source.provider],
        connection_arn=source.connection or organization.source.connection,
        names=names,
    )


def console_of_connections(arn: str) -> str:
    """Returns the address of the page on which a person completes a connection."""
    region = arn.split(":")[3]
    return f"https://{region}.console.aws.amazon.com/codesuite/settings/connections?region={region}"


def created_connection(source: SourceSettings) -> Provider | None:
    """Returns the provider to which the stack ``tooling`` creates a connection."""
    return None if source.connection is not None else PROVIDERS.get(source.provider)
