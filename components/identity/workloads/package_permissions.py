"""Permissions to install packages from the repository of the organization."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.statements import Statement
from components.registry.package_repository import READING

PACKAGE_ACTIONS = ("codeartifact:GetAuthorizationToken", *READING)
"""Actions of an installation, for permissions boundaries."""

PACKAGE_VARIABLES = ("PACKAGE_DOMAIN", "PACKAGE_OWNER", "PACKAGE_REPOSITORY")
"""Names of the variables with the domain of a repository of packages, its owner, and the repository."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Packages:
    """A repository of packages, for roles that install from it."""

    account_id: pulumi.Input[str]
    """Id of the account that owns the domain."""
    region: str
    """Region of the domain."""
    domain: pulumi.Input[str]
    """Name of the domain."""
    repository: str
    """Name of the repository in the domain."""
    organization_id: pulumi.Input[str]

    @property
    def variables(self) -> dict[str, pulumi.Input[str]]:
        """Environment variables that tell a build or an app where to install from."""
        return dict(zip(PACKAGE_VARIABLES, (self.domain, self.account_id, self.repository), strict=True))

    def arn(self, kind: str, *names: str) -> pulumi.Output[str]:
        """Returns the ARN of the domain (``domain``) or of a repository in it (``repository`` and its name)."""
        place = pulumi.Output.concat(f"arn:aws:codeartifact:{self.region}:", self.account_id, f":{kind}/", self.domain)
        return pulumi.Output.concat(place, *(f"/{name}" for name in names))


def install_packages(packages: Packages) -> Sequence[Statement]:
    """Allows getting a token for the domain and reading the repository.

    Source: CodeArtifact User Guide, "AWS CodeArtifact authentication and tokens".
    """
    return [
        Statement(
            sid="InstallPackages",
            actions=["codeartifact:GetAuthorizationToken", "codeartifact:ReadFromRepository"],
            resources=[packages.arn("domain"), packages.arn("repository", packages.repository)],
            conditions={"StringEquals": {"aws:ResourceOrgID": packages.organization_id}},
        ),
        bear_tokens(),
    ]


def bear_tokens() -> Statement:
    """Allows CodeArtifact to turn the caller's session into a token. The action names no resource, so that no owner of
    a resource can be required (Service Authorization Reference, AWS STS)."""
    return Statement(
        sid="BearTokensOfCodeArtifact",
        actions=["sts:GetServiceBearerToken"],
        resources=["*"],
        conditions={"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}},
    )
