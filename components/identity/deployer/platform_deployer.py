"""The role by which the account that governs deploys into another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.deployer.authorization import service_of
from components.identity.deployer.deployer_permissions import NO_DATA, Site, building_policies, ceiling
from components.identity.deployer.kinds import OF_KIND, calls_in
from components.identity.iam.principals import SIGN_IN_PATH, deployment_trust
from components.identity.iam.role_names import DEPLOYER, RUNNER
from components.identity.iam.statements import Statement, policy_document
from components.identity.workloads.bounded_role import ROLE_PATH, BoundedRole, BoundedRoleArgs
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs
from settings.types.kinds import Kind

ROLES_WITHIN_BOUNDS = frozenset({"iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy"})
"""Actions that IAM tells the role's boundary of, as ``iam:PermissionsBoundary``."""
LINKED_ROLES = frozenset({"iam:DeleteServiceLinkedRole", "iam:GetServiceLinkedRoleDeletionStatus"})
CARE_OF_LINKED_ROLES = frozenset({"iam:GetRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateRoleDescription"})
LINKING = "iam:CreateServiceLinkedRole"
OWN_LINKED_ROLE = "role/aws-service-role/config.amazonaws.com/*"
"""The one service-linked role that stacks make themselves; others appear with what needs them."""

CLIMBING = (
    "iam:*AccessKey*", "iam:*Boundary", "iam:*LoginProfile*", "iam:*Provider*", "iam:*User*", "iam:Attach*",
    "iam:CreatePolicy*", "iam:DeletePolicy*", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy",
    "organizations:LeaveOrganization", "sso:*", "sts:AssumeRole",
)  # fmt: skip
"""Ways to more than one has: denied by name in the ceiling, whatever the role may come to say (IA-06)."""
TOUCHING_ROLES = ("iam:Delete*", "iam:PassRole", "iam:Put*", "iam:Tag*", "iam:Untag*", "iam:Update*")


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformDeployerArgs:
    """Arguments of :class:`PlatformDeployer`."""

    hosts: Sequence[Kind]
    """Kinds that land in the account: what their stacks consist of is what is built."""

    account_id: pulumi.Input[str]
    """Account that is deployed into, the only one whose resources are in reach."""

    organization_id: pulumi.Input[str]
    """Organization of the runner."""

    governance_account_id: pulumi.Input[str]
    """Account that the runner works in."""

    regions: Sequence[str]
    """Regions that may be built in."""

    passed_roles: Sequence[str]
    """Patterns of the names of roles that it may give to services: those of the account's own stacks."""

    removable_buckets: Sequence[str] = ()
    """Patterns of the names of buckets that go with their stack; all others stay."""


class PlatformDeployer(pulumi.ComponentResource):
    """Makes what stacks consist of, in one account and the organization's regions, for a named person, and no way up.

    It makes only roles under the foundation's path with a boundary that is there already, changes neither boundaries
    nor trust, and is out of its own reach. An account's first deployment, and every change of a boundary or of a trust
    policy, is therefore the management account's, by the role of Organizations. In durable accounts it removes neither
    keys and buckets nor what records and detects.

    Creates: the role; its boundary; as many policies as its rights fill, each with its attachment.

    Args: see :class:`PlatformDeployerArgs`.

    Outputs: ``arn``.

    Raises: ValueError when the rights exceed IAM's limits.

    Cost: none.

    Example::

        PlatformDeployer("deployer", PlatformDeployerArgs(
            hosts=["development"], account_id=account_id, organization_id="o-acme",
            governance_account_id="111111111111", regions=["eu-west-1"], passed_roles=["fraud-development-*"],
            removable_buckets=["fraud-dev-*"],
        ))
    """

    arn: pulumi.Output[str]
    """For the runner, which assumes it; known once it may build."""

    def __init__(self, name: str, args: PlatformDeployerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:identity:PlatformDeployer", name, None, opts)
        self._name = name
        site = Site(
            hosts=args.hosts,
            account_id=args.account_id,
            organization_id=args.organization_id,
            regions=args.regions,
            removable_buckets=args.removable_buckets,
        )
        bounds = RoleCeiling(
            f"{name}-boundary",
            RoleCeilingArgs(
                policy_name=f"{DEPLOYER}-boundary",
                description="Ceiling of whoever deploys into this account",
                statements=[*ceiling(site), *_bounds(args, site)],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        role = BoundedRole(
            name,
            BoundedRoleArgs(
                role_name=DEPLOYER,
                description="Stack operations of the account that governs",
                trust=deployment_trust(
                    account_id=args.governance_account_id,
                    organization_id=args.organization_id,
                    runner_role=f"{ROLE_PATH}{RUNNER}",
                ),
                permissions=_about_roles(args, site),
                boundary_arn=bounds.arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        attached = [
            self._attach(place, statements, role) for place, statements in enumerate(building_policies(site), start=1)
        ]
        self.arn = pulumi.Output.all(role.arn, *attached).apply(lambda known: str(known[0]))
        self.register_outputs({"arn": self.arn})

    def _attach(self, place: int, statements: Sequence[Statement], role: BoundedRole) -> pulumi.Output[str]:
        policy = aws.iam.Policy(
            f"{self._name}-builds-{place}",
            name=f"{DEPLOYER}-builds-{place}",
            path=ROLE_PATH,
            description="What stacks of this account consist of",
            policy=policy_document(*statements),
            opts=pulumi.ResourceOptions(parent=self),
        )
        attachment = aws.iam.RolePolicyAttachment(
            f"{self._name}-builds-{place}",
            role=role.role_name,
            policy_arn=policy.arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return attachment.id


def session_policy(account_id: str) -> list[Statement]:
    """What a runner asks for when it assumes the role: this one account, wherever it was led (T-03)."""
    services = {service_of(action) for _, calls in calls_in(OF_KIND) for action in calls.allowed}
    return [
        Statement(
            sid="ThisAccountAlone",
            actions=[f"{service}:*" for service in sorted(services)],
            resources=["*"],
            conditions={"StringEquals": {"aws:PrincipalAccount": account_id}},
        )
    ]


def _about_roles(args: PlatformDeployerArgs, site: Site) -> list[Statement]:
    roles, policies = _iam(args, f"role{ROLE_PATH}*"), _iam(args, f"policy{ROLE_PATH}*")
    about = {action for action in site.actions if service_of(action) == "iam"}
    passwords = {action for action in about if "Password" in action}
    seen = {action for action in about if "GetPolicy" in action or action == "iam:ListPolicyVersions"}
    care = about - ROLES_WITHIN_BOUNDS - LINKED_ROLES - passwords - seen - {LINKING}
    return [
        Statement(
            sid="MakeBoundedRoles",
            actions=sorted(ROLES_WITHIN_BOUNDS),
            resources=[roles],
            # It makes no policy, so these are the foundation's; none gives more than its own ceiling.
            conditions={"ArnLike": {"iam:PermissionsBoundary": [_iam(args, f"policy{ROLE_PATH}*-boundary")]}},
        ),
        Statement(sid="CareForRoles", actions=sorted(care), resources=[roles]),
        Statement(sid="SeePolicies", actions=sorted(seen), resources=[policies]),
        Statement(sid="AskForLongPasswords", actions=sorted(passwords), resources=["*"]),
        Statement(
            sid="CareForTheRecordersRole",
            actions=sorted((about & LINKED_ROLES) | CARE_OF_LINKED_ROLES),
            resources=[_iam(args, OWN_LINKED_ROLE)],
        ),
        _link(args, site),
        _pass_on([_iam(args, f"role{ROLE_PATH}{pattern}") for pattern in args.passed_roles], site),
        Statement(
            sid="PassTheRecordersRole",
            actions=["iam:PassRole"],
            resources=[_iam(args, OWN_LINKED_ROLE)],
            conditions={"StringEquals": {"iam:PassedToService": "config.amazonaws.com"}},
        ),
    ]


def _bounds(args: PlatformDeployerArgs, site: Site) -> list[Statement]:
    """Of roles, and what is denied whatever the role may come to say."""
    out_of_reach = (f"role{ROLE_PATH}platform-*", f"role{SIGN_IN_PATH}*", f"role{ROLE_PATH}people-*")
    return [
        _pass_on([_iam(args, f"role{ROLE_PATH}*"), _iam(args, OWN_LINKED_ROLE)], site),
        Statement(
            sid="NeverItselfNorPeople",
            effect="Deny",
            actions=TOUCHING_ROLES,
            resources=[_iam(args, pattern) for pattern in out_of_reach],
        ),
        Statement(sid="NeverClimb", effect="Deny", actions=[*CLIMBING, *NO_DATA], resources=["*"]),
    ]


def _link(args: PlatformDeployerArgs, site: Site) -> Statement:
    return Statement(
        sid="LetServicesMakeTheirRoles",
        actions=[LINKING],
        resources=[_iam(args, "role/aws-service-role/*")],
        conditions={"StringEquals": {"iam:AWSServiceName": _hosts(site.linked)}},
    )


def _pass_on(roles: Sequence[pulumi.Input[str]], site: Site) -> Statement:
    return Statement(
        sid="PassRoles",
        actions=["iam:PassRole"],
        resources=roles,
        conditions={"StringEquals": {"iam:PassedToService": _hosts(site.passes_to)}},
    )


def _hosts(services: Sequence[str]) -> list[str]:
    return [f"{service}.amazonaws.com" for service in services]


def _iam(args: PlatformDeployerArgs, resource: str) -> pulumi.Output[str]:
    return pulumi.Output.concat("arn:aws:iam::", args.account_id, f":{resource}")
