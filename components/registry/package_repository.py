"""The CodeArtifact repository from which builds install Python packages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.statements import Conditions, Statement, policy_document
from components.identity.workloads.bounded_role import ROLE_PATH
from settings.organization.packages import PUBLIC_PYPI, PackageUpstream

CONNECTION = "public:pypi"
"""Name of the external connection to pypi.org (CodeArtifact User Guide, "Supported external connection
repositories")."""
READING = ("codeartifact:GetRepositoryEndpoint", "codeartifact:ReadFromRepository")
"""Actions on a repository with which a package manager installs from it (CodeArtifact User Guide, "Repository
policies")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageRepositoryArgs:
    """Arguments of :class:`PackageRepository`."""

    domain_name: str
    """Name of the domain, the first part of the repository's host name."""

    repository_name: str
    """Name of the repository in the domain."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the packages. CodeArtifact holds a grant on it, so readers need no access to the
    key."""

    organization_id: pulumi.Input[str]
    """Id of the organization, whose roles of the foundation may read."""

    upstream: PackageUpstream
    """Where packages that the repository lacks come from."""

    tags: Mapping[str, str]
    """Tags in addition to the stack's."""


class PackageRepository(pulumi.ComponentResource):
    """A repository of Python packages in an encrypted domain. Roles of the foundation in the organization may read it;
    what they fetch from pypi.org stays in the repository, in the version that they fetched.

    CodeArtifact blocks versions from upstream for a package that was published to the repository, and publishing for a
    package that came from upstream, so that no public package takes the place of an internal one (CodeArtifact User
    Guide, "Package origin controls").

    With ``reviewed``, a second repository fetches from pypi.org. Nobody installs from it; people copy versions to the
    first one.

    Creates: the domain, the repositories, and their policies.

    Outputs: ``domain_name``, ``repository_name``.

    Cost: 0.05 USD a month per GB of packages, and 0.05 USD per 10,000 requests.

    Example::

        PackageRepository("packages", PackageRepositoryArgs(
            domain_name="acme", repository_name="pypi", key_arn=key.arn, organization_id="o-acme", upstream="pypi",
            tags={},
        ))
    """

    domain_name: pulumi.Output[str]
    """Name of the domain."""
    repository_name: pulumi.Output[str]
    """Name of the repository."""

    def __init__(self, name: str, args: PackageRepositoryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:registry:PackageRepository", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        domain = aws.codeartifact.Domain(
            f"{name}-domain", domain=args.domain_name, encryption_key=args.key_arn, tags=args.tags, opts=child
        )
        aws.codeartifact.DomainPermissions(
            f"{name}-domain-policy",
            domain=domain.domain,
            policy_document=policy_document(_roles_get_tokens(args.organization_id)),
            opts=child,
        )
        connection = aws.codeartifact.RepositoryExternalConnectionsArgs(external_connection_name=CONNECTION)
        repository = aws.codeartifact.Repository(
            name,
            domain=domain.domain,
            repository=args.repository_name,
            description="Python packages for builds",
            external_connections=connection if args.upstream == "pypi" else None,
            tags=args.tags,
            opts=child,
        )
        if args.upstream == "reviewed":
            aws.codeartifact.Repository(
                f"{name}-public",
                domain=domain.domain,
                repository=PUBLIC_PYPI,
                description="Python packages of pypi.org, to be reviewed",
                external_connections=connection,
                tags=args.tags,
                opts=child,
            )
        aws.codeartifact.RepositoryPermissionsPolicy(
            f"{name}-policy",
            domain=domain.domain,
            repository=repository.repository,
            policy_document=policy_document(_roles_read(args.organization_id)),
            opts=child,
        )
        self.domain_name, self.repository_name = domain.domain, repository.repository
        self.register_outputs({"domain_name": self.domain_name, "repository_name": self.repository_name})


def _roles_get_tokens(organization_id: pulumi.Input[str]) -> Statement:
    """Lets roles of the foundation get the token that a package manager presents. It grants no access by itself."""
    return Statement(
        sid="RolesOfTheFoundationGetTokens",
        principals={"AWS": ["*"]},
        actions=["codeartifact:GetAuthorizationToken"],
        resources=["*"],
        conditions=_from_the_foundation(organization_id),
    )


def _roles_read(organization_id: pulumi.Input[str]) -> Statement:
    return Statement(
        sid="RolesOfTheFoundationRead",
        principals={"AWS": ["*"]},
        actions=READING,
        resources=["*"],
        conditions=_from_the_foundation(organization_id),
    )


def _from_the_foundation(organization_id: pulumi.Input[str]) -> Conditions:
    return {
        "StringEquals": {"aws:PrincipalOrgID": organization_id},
        "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role{ROLE_PATH}*"},
    }
