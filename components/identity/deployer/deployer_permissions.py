"""Permissions of a deployer, derived from the resource types of the stacks in its account."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pulumi

from components.identity.deployer.authorization import (
    RESOURCES_OF_OTHER_ACCOUNTS,
    WITHOUT_OWNER,
    WITHOUT_RESOURCE,
    ZONES,
    is_global,
    is_read_only,
    service_of,
)
from components.identity.deployer.calls import Calls
from components.identity.deployer.kinds import calls_in
from components.identity.deployer.wildcards import with_wildcards
from components.identity.iam.arns import arn_of
from components.identity.iam.statements import VERSION, Conditions, Statement
from components.identity.workloads.code_permissions import CHANGE_KEY
from settings.derived.tags import STACK_TAG
from settings.derived.use_case_names import MAIN, REPOSITORIES
from settings.organization.packages import LIBRARY, PACKAGE_HOST, PYPI
from settings.types.aws.document_limits import DOCUMENT_LIMITS, MANAGED_POLICIES_OF_A_ROLE
from settings.types.kinds import Kind

POLICY = DOCUMENT_LIMITS["managed policy"]

REMOVING_BUCKETS = ("s3:DeleteBucket", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions")
ACCESS_POINTS = frozenset({"s3:CreateAccessPoint"})
"""Actions on access points, which are distinguished from buckets because their ARNs contain region and account."""
KEY_GRANTS = ("kms:CreateGrant",)
ENCRYPTING_BY_GRANT = frozenset({"codeartifact", "dynamodb", "ecr", "network-firewall"})
"""Services that use a key by a grant and without a role to encrypt stored data."""

READING_DATA = (
    "athena:GetQuery*", "lakeformation:GetDataAccess", "lakeformation:GetTemporary*", "logs:GetLogEvents",
    "logs:GetLogRecord", "logs:GetQuery*", "s3:GetObject*", "s3:PutObject*",
)  # fmt: skip
USING_KEYS = ("kms:*crypt*", "kms:GenerateDataKey*")
DATA_ACCESS = (*READING_DATA, *USING_KEYS)

READING_LOGS = frozenset({"logs:FilterLogEvents"})
"""Actions that `plinth logs` needs for the logs of builds and promotions. Logs of jobs are data and not readable."""
BUILD_LOGS = "log-group:/aws/codebuild/*"
PUBLISHING = frozenset(
    {
        "codeartifact:GetAuthorizationToken",
        "codeartifact:ListPackageVersionAssets",
        "codeartifact:PublishPackageVersion",
    }
)
"""Actions that `plinth usecase create` needs to publish the library of the use cases."""
PUBLISHED = ("domain/*", f"package/*/{PYPI}/pypi//{LIBRARY}")
"""Domains, and the library in their repositories (Service Authorization Reference, AWS CodeArtifact)."""
ALLOWING = frozenset({"codeartifact:CopyPackageVersions", "codeartifact:ReadFromRepository"})
"""Actions that `plinth packages allow` needs to copy reviewed versions between the repositories of Python packages."""
ALLOWED = (f"repository/*/{PYPI}*", f"package/*/{PYPI}*/pypi//*")
PUSHING = frozenset({"codecommit:GitPull", "codecommit:GitPush"})
"""Actions that `plinth usecase create` needs to push the first commit of a repository."""
FIRST_BRANCH = f"refs/heads/{MAIN}"
CODECOMMIT = "codecommit.*.amazonaws.com"
"""The service in every region, which uses the key of a repository for whoever creates the repository or pushes to
it."""
BEARING_TOKENS = frozenset({"sts:GetServiceBearerToken"})
"""Turns the session into a token of CodeArtifact. The action names no resource."""

AsIs = Sequence[pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployerScope:
    """The account and organization of a deployer."""

    hosts: Sequence[Kind]
    """Account kinds placed in the account."""
    account_id: pulumi.Input[str]
    organization_id: pulumi.Input[str]
    regions: Sequence[str]
    removable_buckets: Sequence[str]
    """Name patterns of buckets that are deleted with their stack."""
    cluster: bool = False
    """Whether the tooling account has a Kubernetes cluster."""

    @property
    def _calls(self) -> list[tuple[str, Calls]]:
        return list(calls_in(self.hosts, cluster=self.cluster))

    @property
    def actions(self) -> frozenset[str]:
        """Returns all actions required to create, update and delete the account's resources."""
        return frozenset(action for _, calls in self._calls for action in calls.allowed)

    @property
    def reading_logs(self) -> frozenset[str]:
        """Returns the actions on the logs of builds, in the account that has builds."""
        return READING_LOGS if "tooling" in self.hosts else frozenset()

    @property
    def publishing(self) -> frozenset[str]:
        """Returns the actions on the library of the use cases, in the account that has the package repository."""
        return PUBLISHING if PACKAGE_HOST in self.hosts else frozenset()

    @property
    def allowing(self) -> frozenset[str]:
        """Returns the actions on reviewed packages, in the account that has the package repository."""
        return ALLOWING if PACKAGE_HOST in self.hosts else frozenset()

    @property
    def pushing(self) -> frozenset[str]:
        """Returns the actions on the repositories of use cases, in the account that has them."""
        return PUSHING if "tooling" in self.hosts else frozenset()

    @property
    def with_repositories(self) -> list[Kind]:
        """Returns the kinds of the account whose stacks, with the key of the same name, have repositories."""
        return [
            kind
            for kind in self.hosts
            if any(
                "codecommit:CreateRepository" in calls.allowed for _, calls in calls_in([kind], cluster=self.cluster)
            )
        ]

    @property
    def using_keys_of_code(self) -> frozenset[str]:
        """Returns the actions on the keys of repositories, in an account that has repositories."""
        return frozenset(CHANGE_KEY) if self.with_repositories else frozenset()

    @property
    def bearing_tokens(self) -> frozenset[str]:
        return BEARING_TOKENS if PACKAGE_HOST in self.hosts else frozenset()

    @property
    def removable_arns(self) -> list[str]:
        return [f"arn:aws:s3:::{name}{part}" for name in self.removable_buckets for part in ("", "/*")]

    @property
    def passes_to(self) -> list[str]:
        """Returns the services to which stacks pass a role."""
        return sorted({service for _, calls in self._calls for service in calls.passes_to})

    @property
    def services_with_key_grants(self) -> list[str]:
        """Returns the services that use a key by a grant, with a passed role or under their own name."""
        return sorted({*self.passes_to, *ENCRYPTING_BY_GRANT.intersection(map(service_of, self.actions))})

    @property
    def linked(self) -> list[str]:
        """Returns the services whose service-linked role is created with their first resource."""
        return sorted({service for _, calls in self._calls for service in calls.linked})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Permission:
    """Actions that are allowed under the same conditions."""

    sid: str
    actions: frozenset[str]
    resources: Callable[[Sequence[str]], AsIs] = field(default=lambda _: ["*"])
    """Function that returns the resources, given the services of the actions."""
    conditions: Conditions = field(default_factory=dict)

    def of(self, services: Iterable[str]) -> Iterator[Statement]:
        """Yields the statement restricted to some services, unless they have no action in it."""
        actions = sorted(action for action in self.actions if service_of(action) in services)
        if actions:
            present = sorted({service_of(action) for action in actions})
            yield Statement(
                sid=self.sid, actions=actions, resources=self.resources(present), conditions=self.conditions
            )


def deployment_policies(scope: DeployerScope) -> list[list[Statement]]:
    """Returns the statements, distributed over as many policies as they need. Actions on roles are not included.

    Raises: ValueError when they need more policies than can be attached to a role.
    """
    # Their length does not depend on the account and the organization.
    measured = _permissions(replace(scope, account_id="0" * 12, organization_id=f"o-{'0' * 32}"))
    bundles: list[list[str]] = [[]]
    for service in sorted({service_of(action) for permission in measured for action in permission.actions}):
        if bundles[-1] and _length(_statements(measured, [*bundles[-1], service])) > POLICY.size:
            bundles.append([])
        bundles[-1].append(service)
    if len(bundles) > MANAGED_POLICIES_OF_A_ROLE:
        raise ValueError(f"deployer of {', '.join(scope.hosts)}: needs {len(bundles)} policies; a role has at most 10")
    return [_statements(_permissions(scope), bundle) for bundle in bundles]


def boundary_statements(scope: DeployerScope) -> list[Statement]:
    """Builds the allow statements of the deployer's permissions boundary, with wildcards. The caller adds denials."""
    others = {action for actions in RESOURCES_OF_OTHER_ACCOUNTS.values() for action in actions}
    ownerless = {action for action in scope.actions if action in WITHOUT_OWNER or service_of(action) == "organizations"}
    beside = scope.reading_logs | scope.publishing | scope.allowing | scope.pushing | scope.using_keys_of_code
    return [
        Statement(
            sid="BuildHere",
            actions=with_wildcards((scope.actions | beside) - others - ownerless),
            resources=["*"],
            conditions={"StringEquals": {"aws:ResourceAccount": scope.account_id}},
        ),
        *_some(
            "BuildWithOthers",
            scope.actions & others,
            conditions={"StringEquals": {"aws:ResourceOrgID": scope.organization_id}},
        ),
        *_some("BuildWhatHasNoOwner", ownerless | scope.bearing_tokens),
    ]


def _some(sid: str, actions: Iterable[str], conditions: Conditions | None = None) -> Iterator[Statement]:
    if listed := with_wildcards(actions):
        yield Statement(sid=sid, actions=listed, resources=["*"], conditions=conditions or {})


def _permissions(scope: DeployerScope) -> list[_Permission]:
    """Assigns each of the account's actions, except those on roles, to one set of conditions."""
    known = {action for action in scope.actions if service_of(action) != "iam"}
    elsewhere = {arn: known.intersection(actions) for arn, actions in RESOURCES_OF_OTHER_ACCOUNTS.items()}
    removing, granting = known.intersection(REMOVING_BUCKETS), known.intersection(KEY_GRANTS)
    seen = {action for action in known if is_read_only(action)} - removing
    wide = known & WITHOUT_RESOURCE
    zones = {action for action in known if service_of(action) == "route53"}
    made = known - seen - wide - removing - granting - zones
    points = [_in_account("s3", scope, "accesspoint/*")] if made & ACCESS_POINTS else []
    in_regions: Conditions = {"StringEquals": {"aws:RequestedRegion": list(scope.regions)}}
    permissions = [
        _Permission(sid="See", actions=_regional(seen), conditions=in_regions),
        _Permission(sid="SeeGlobally", actions=_global(seen)),
        _Permission(
            sid="Make", actions=frozenset(made - {a for a in made if service_of(a) == "s3"}),
            resources=lambda services: [_in_account(service, scope) for service in services], conditions=in_regions,
        ),
        _Permission(
            sid="MakeBuckets", actions=frozenset(a for a in made if service_of(a) == "s3"),
            resources=lambda _: ["arn:aws:s3:::*", *points],
            conditions={
                "StringEquals": {"aws:RequestedRegion": list(scope.regions), "aws:ResourceAccount": scope.account_id}
            },
        ),
        _Permission(
            sid="RemoveBuckets", actions=frozenset(removing),
            resources=lambda _: scope.removable_arns,
            conditions={"StringEquals": {"aws:ResourceAccount": scope.account_id}},
        ),
        _Permission(sid="SwitchAccountWide", actions=_regional(wide), conditions=in_regions),
        _Permission(sid="SwitchAccountWideGlobally", actions=_global(wide)),
        _Permission(
            sid="MakeWithOthers", actions=frozenset().union(*elsewhere.values()) - seen,
            resources=lambda services: [
                arn for arn, found in elsewhere.items() if found and arn.split(":")[2] in services
            ],
            conditions={"StringEquals": {"aws:ResourceOrgID": scope.organization_id}},
        ),
        *_permissions_of_commands(scope, in_regions),
        _Permission(sid="NameEndpoints", actions=frozenset(zones), resources=lambda _: [ZONES]),
        _Permission(
            sid="LetServicesUseKeys", actions=frozenset(granting), resources=lambda _: [_in_account("kms", scope)],
            conditions={
                "Bool": {"kms:GrantIsForAWSResource": "true"},
                "StringLike": {
                    "kms:ViaService": [f"{service}.*.amazonaws.com" for service in scope.services_with_key_grants]
                },
            },
        ),
        _Permission(
            sid="UseKeysOfRepositories", actions=scope.using_keys_of_code,
            resources=lambda _: [_in_account("kms", scope)],
            conditions={
                "StringEquals": {f"aws:ResourceTag/{STACK_TAG}": scope.with_repositories},
                "StringLike": {"kms:ViaService": CODECOMMIT},
            },
        ),
    ]  # fmt: skip
    return [permission for permission in permissions if permission.actions]


def _permissions_of_commands(scope: DeployerScope, in_regions: Conditions) -> list[_Permission]:
    """Returns what commands need beside the actions on resources."""
    return [
        _Permission(
            sid="ReadLogsOfBuilds", actions=scope.reading_logs,
            resources=lambda _: [_in_account("logs", scope, BUILD_LOGS)], conditions=in_regions,
        ),
        _Permission(
            sid="PublishTheLibrary", actions=scope.publishing,
            resources=lambda _: [_in_account("codeartifact", scope, zone) for zone in PUBLISHED], conditions=in_regions,
        ),
        _Permission(
            sid="AllowPackages", actions=scope.allowing,
            resources=lambda _: [_in_account("codeartifact", scope, resource) for resource in ALLOWED],
            conditions=in_regions,
        ),
        _Permission(
            sid="PushFirstCommits", actions=scope.pushing,
            resources=lambda _: [_in_account("codecommit", scope, f"*--*-{repository}") for repository in REPOSITORIES],
            conditions={"StringEqualsIfExists": {"codecommit:References": FIRST_BRANCH}},
        ),
        _Permission(
            sid="BearTokensOfCodeArtifact", actions=scope.bearing_tokens,
            conditions={"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}},
        ),
    ]  # fmt: skip


def _in_account(service: str, scope: DeployerScope, resource: str = "*") -> pulumi.Input[str]:
    if isinstance(scope.account_id, str):
        return f"arn:aws:{service}:*:{scope.account_id}:{resource}"
    return arn_of(service, "*", scope.account_id, resource)


def _regional(actions: Iterable[str]) -> frozenset[str]:
    return frozenset(action for action in actions if not is_global(action))


def _global(actions: Iterable[str]) -> frozenset[str]:
    return frozenset(action for action in actions if is_global(action))


def _statements(permissions: Iterable[_Permission], services: Sequence[str]) -> list[Statement]:
    return [statement for permission in permissions for statement in permission.of(services)]


def _length(statements: Iterable[Statement]) -> int:
    document = {"Version": VERSION, "Statement": [statement.as_json() for statement in statements]}
    return len(json.dumps(document, separators=(",", ":")))
