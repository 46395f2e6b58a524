"""The role with which the runner of requests works in the management account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.deployer.authorization import service_of
from components.identity.deployer.resources.management import TEAMS
from components.identity.iam.arns import arn_of
from components.identity.iam.principals import role_trust
from components.identity.iam.role_names import ACCOUNT_ACCESS, PROVISIONER, RUNNER
from components.identity.iam.statements import Statement
from components.identity.reviews.reviewer_permissions import reviewer_ceiling, reviewer_statements
from components.identity.workloads.bounded_role import ROLE_PATH, BoundedRole, BoundedRoleArgs
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs
from settings.types.kinds import Kind

STATES = (".pulumi/*", ".plinth/*")
"""Objects of the Pulumi engine and of commands in the bucket of a backend."""
_PARAMETERS = "parameter/plinth/relaxed-rules/*"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformProvisionerArgs:
    """Arguments of :class:`PlatformProvisioner`."""

    hosts: Sequence[Kind]
    """Account kinds placed in the management account, which determine what the role reads there."""

    account_id: pulumi.Input[str]
    """Id of the management account."""

    organization_id: pulumi.Input[str]
    """Id of the organization, whose accounts alone the role enters."""

    governance_account_id: pulumi.Input[str]
    """Id of the account in which the runner works."""

    regions: Sequence[str]
    """Regions in which the account may have resources."""

    state_bucket: str
    """Name of the bucket with the states of all stacks."""

    state_keys: Sequence[str] = ()
    """ARNs of the KMS keys of the bucket and of secrets in states."""


class PlatformProvisioner:
    """A role that creates, changes and removes teams in the management account, and enters the accounts of the
    organization with the role that AWS Organizations created there.

    Only the runner of requests assumes it, after people have approved a request. In the management account it changes
    what a team consists of: units, accounts, budgets, contacts, groups and assignments. It attaches guardrails to
    accounts and detaches none, so decommissions need a person. It changes no guardrail, role or permission set there.

    Not a component resource, because a stack has few resources to spare.

    Creates: the role; its permissions boundary.

    Outputs: ``arn``.

    Cost: none.

    Example::

        PlatformProvisioner("provisioner", PlatformProvisionerArgs(
            hosts=["organization"], account_id=account_id, organization_id="o-acme",
            governance_account_id="111111111111", regions=["eu-west-1"], state_bucket="acme-states",
        ), opts)
    """

    arn: pulumi.Output[str]
    """ARN of the role; known once it has its permissions."""

    def __init__(self, name: str, args: PlatformProvisionerArgs, opts: pulumi.ResourceOptions) -> None:
        changing = _permissions(args)
        reading = reviewer_statements(args.hosts, args.account_id, args.regions)
        boundary = RoleCeiling(
            f"{name}-boundary",
            RoleCeilingArgs(
                policy_name=f"{PROVISIONER}-boundary",
                description="Ceiling of the runner of requests in this account",
                statements=[*changing, *reviewer_ceiling(reading)],
            ),
            opts,
        )
        runner = arn_of("iam", "", args.governance_account_id, f"role{ROLE_PATH}{RUNNER}")
        role = BoundedRole(
            name,
            BoundedRoleArgs(
                role_name=PROVISIONER,
                description="The runner of requests creates and removes teams",
                trust=role_trust(
                    account_id=args.governance_account_id, organization_id=args.organization_id, role_arns=[runner]
                ),
                permissions=[*changing, *reading],
                boundary_arn=boundary.arn,
            ),
            opts,
        )
        self.arn = role.arn


_RESOURCES = {
    "account": ("arn:aws:account::{account}:account", "arn:aws:account::{account}:account/*"),
    "budgets": ("arn:aws:budgets::{account}:budget/*",),
    "identitystore": ("arn:aws:identitystore::{account}:identitystore/*", "arn:aws:identitystore:::group/*"),
    "organizations": ("arn:aws:organizations::{account}:*",),
    "ssm": (f"arn:aws:ssm:*:{{account}}:{_PARAMETERS}",),
    "sso": (
        "arn:aws:sso:::account/*", "arn:aws:sso:::instance/*", "arn:aws:sso:::permissionSet/*",
        "arn:aws:sso::{account}:application/*",
    ),
}  # fmt: skip
"""Resources of teams in the management account, by service (Service Authorization Reference)."""
_DIRECTORY = (
    *_RESOURCES["identitystore"], "arn:aws:identitystore:::membership/*", "arn:aws:identitystore:::user/*",
)  # fmt: skip
"""Resources of the question whether somebody is in a group."""
_WITHOUT_RESOURCES = frozenset({"organizations:CreateAccount", "organizations:DescribeCreateAccountStatus"})
"""Actions that accept no narrower resource than all (Service Authorization Reference)."""


def _permissions(args: PlatformProvisionerArgs) -> list[Statement]:
    actions = {action for calls in TEAMS.values() for action in calls.allowed} - _WITHOUT_RESOURCES
    bucket = f"arn:aws:s3:::{args.state_bucket}"
    statements = [
        Statement(
            sid="EnterAccounts",
            actions=["sts:AssumeRole"],
            resources=[ACCOUNT_ACCESS],
            conditions={"StringEquals": {"aws:ResourceOrgID": args.organization_id}},
        ),
        *(
            _keep(service, sorted(action for action in actions if service_of(action) == service), args)
            for service in _RESOURCES
        ),
        Statement(
            sid="AskForApprovers",
            actions=["identitystore:IsMemberInGroups"],
            resources=[_in_account(args, template) for template in _DIRECTORY],
        ),
        Statement(sid="CreateAccounts", actions=sorted(_WITHOUT_RESOURCES), resources=["*"]),
        Statement(
            sid="GuardAccounts",
            actions=["organizations:AttachPolicy"],
            resources=["arn:aws:organizations::*:account/*", "arn:aws:organizations::*:policy/*"],
        ),
        Statement(sid="ListStates", actions=["s3:ListBucket"], resources=[bucket]),
        Statement(
            sid="KeepStates",
            actions=["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            resources=[f"{bucket}/{objects}" for objects in STATES],
        ),
    ]
    if args.state_keys:
        statements.append(
            Statement(
                sid="EncryptStates",
                actions=["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                resources=list(args.state_keys),
            )
        )
    return statements


def _keep(service: str, actions: Sequence[str], args: PlatformProvisionerArgs) -> Statement:
    return Statement(
        sid=f"KeepTeamsIn{service.capitalize()}",
        actions=actions,
        resources=[_in_account(args, template) for template in _RESOURCES[service]],
    )


def _in_account(args: PlatformProvisionerArgs, template: str) -> pulumi.Output[str]:
    return pulumi.Output.from_input(args.account_id).apply(lambda id_: template.format(account=id_))
