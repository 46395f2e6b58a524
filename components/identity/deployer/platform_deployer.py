"""The role with which the governance account deploys into another account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.deployer.authorization import service_of
from components.identity.deployer.deployer_permissions import (
    CODECOMMIT,
    DATA_ACCESS,
    READING_DATA,
    USING_KEYS,
    DeployerScope,
    boundary_statements,
    deployment_policies,
)
from components.identity.iam.arns import arn_of
from components.identity.iam.principals import SIGN_IN_PATH, WorkerPods, deployment_trust, worker_trust
from components.identity.iam.role_names import RUNNER, STACK_WORKER
from components.identity.iam.statements import Conditions, Statement, policy_document
from components.identity.workloads.bounded_role import ROLE_PATH, BoundedRole, BoundedRoleArgs
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs
from settings.types.aws.account_access import DEPLOYER
from settings.types.kinds import Kind

ACTIONS_WITH_BOUNDARY = frozenset(
    {"iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePolicy"}
)
"""Actions whose requests carry the boundary of the role as ``iam:PermissionsBoundary``."""
LINKED_ROLES = frozenset({"iam:DeleteServiceLinkedRole", "iam:GetServiceLinkedRoleDeletionStatus"})
LINKED_ROLE_MAINTENANCE = frozenset({"iam:GetRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateRoleDescription"})
CREATE_LINKED_ROLE = "iam:CreateServiceLinkedRole"
OWN_LINKED_ROLE = "role/aws-service-role/config.amazonaws.com/*"
"""Service-linked role of the recorder, which stacks create, and pass to AWS Config."""
OWN_LINKED_ROLES = (OWN_LINKED_ROLE, "role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/*")
"""The service-linked roles that stacks create explicitly. Others are created by the services that need them."""

PRIVILEGE_ESCALATION = (
    "iam:*AccessKey*", "iam:*Boundary", "iam:*LoginProfile*", "iam:*Provider*", "iam:*User*", "iam:Attach*",
    "iam:CreatePolicy*", "iam:DeletePolicy*", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy",
    "organizations:LeaveOrganization", "sso:*", "sts:AssumeRole",
)  # fmt: skip
"""Actions for privilege escalation. The boundary denies them explicitly, whatever the role's policies allow (IA-06)."""
ROLE_CHANGES = ("iam:Delete*", "iam:Detach*", "iam:PassRole", "iam:Put*", "iam:Tag*", "iam:Untag*", "iam:Update*")


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformDeployerArgs:
    """Arguments of :class:`PlatformDeployer`."""

    hosts: Sequence[Kind]
    """Account kinds placed in the account, which determine the resource types."""

    account_id: pulumi.Input[str]
    """Id of the account. Resources of other accounts are not accessible."""

    organization_id: pulumi.Input[str]
    """Id of the runner's organization."""

    governance_account_id: pulumi.Input[str]
    """Id of the account in which the runner works."""

    regions: Sequence[str]
    """Regions in which resources may be created."""

    passed_roles: Sequence[str]
    """Name patterns of roles that the deployer may pass to services: those of the account's own stacks."""

    removable_buckets: Sequence[str] = ()
    """Name patterns of buckets that are deleted with their stack. All other buckets are kept."""

    cluster: bool = False
    """Whether the tooling account has a Kubernetes cluster, which the deployer upgrades."""

    worker_pods: WorkerPods | None = None
    """Pods that may assume the role too; None if stack operations do not run in a cluster."""


class PlatformDeployer(pulumi.ComponentResource):
    """A role that creates the resources of stacks in one account and the organization's regions, on behalf of a named
    person.

    The role creates only roles under the foundation's path that have an existing permissions boundary. It changes
    neither boundaries nor trust policies, and cannot modify itself. The first deployment of an account, and all changes
    of boundaries or trust policies, are therefore made by the management account with the organization's access role.
    In durable accounts the role deletes neither keys, buckets, recorders nor detectors.

    Creates: the role with two inline policies; its permissions boundary; as many more policies as its permissions
    need, each with its attachment.

    Outputs: ``arn``.

    Raises: ValueError when the permissions exceed IAM's limits.

    Cost: none.

    Example::

        PlatformDeployer("deployer", PlatformDeployerArgs(
            hosts=["development"], account_id=account_id, organization_id="o-acme",
            governance_account_id="111111111111", regions=["eu-west-1"], passed_roles=["fraud-development-*"],
            removable_buckets=["fraud-dev-*"],
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for the runner that assumes it; known once its policies are attached."""

    def __init__(self, name: str, args: PlatformDeployerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:identity:PlatformDeployer", name, None, opts)
        self._name = name
        scope = DeployerScope(
            hosts=args.hosts,
            account_id=args.account_id,
            organization_id=args.organization_id,
            regions=args.regions,
            removable_buckets=args.removable_buckets,
            cluster=args.cluster,
        )
        boundary = RoleCeiling(
            f"{name}-boundary",
            RoleCeilingArgs(
                policy_name=f"{DEPLOYER}-boundary",
                description="Ceiling of whoever deploys into this account",
                statements=[*boundary_statements(scope), *_boundary_statements(args, scope)],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        role = BoundedRole(
            name,
            BoundedRoleArgs(
                role_name=DEPLOYER,
                description="Stack operations of the account that governs",
                trust=_trust(args),
                permissions=_about_roles(args, scope),
                boundary_arn=boundary.arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        # The first part is an inline policy, which needs no attachment: a stack has few resources to spare.
        inline, *managed = deployment_policies(scope)
        attached = [
            self._put(inline, role),
            *(self._attach(place, statements, role) for place, statements in enumerate(managed, start=2)),
        ]
        self.arn = pulumi.Output.all(role.arn, *attached).apply(lambda known: str(known[0]))
        self.register_outputs({"arn": self.arn})

    def _put(self, statements: Sequence[Statement], role: BoundedRole) -> pulumi.Output[str]:
        policy = aws.iam.RolePolicy(
            f"{self._name}-builds-1",
            name="builds",
            role=role.role_name,
            policy=policy_document(*statements),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return policy.id

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


def _trust(args: PlatformDeployerArgs) -> list[Statement]:
    runner = deployment_trust(
        account_id=args.governance_account_id,
        organization_id=args.organization_id,
        runner_role=f"{ROLE_PATH}{RUNNER}",
    )
    if args.worker_pods is None:
        return runner
    worker = f"{ROLE_PATH}{STACK_WORKER}"
    return [*runner, *worker_trust(args.worker_pods, organization_id=args.organization_id, worker_role=worker)]


def _about_roles(args: PlatformDeployerArgs, scope: DeployerScope) -> list[Statement]:
    roles, policies = _iam(args, f"role{ROLE_PATH}*"), _iam(args, f"policy{ROLE_PATH}*")
    about = {action for action in scope.actions if service_of(action) == "iam"}
    passwords = {action for action in about if "Password" in action}
    seen = {action for action in about if "GetPolicy" in action or action == "iam:ListPolicyVersions"}
    care = about - ACTIONS_WITH_BOUNDARY - LINKED_ROLES - passwords - seen - {CREATE_LINKED_ROLE}
    return [
        Statement(
            sid="MakeBoundedRoles",
            actions=sorted(ACTIONS_WITH_BOUNDARY),
            resources=[roles],
            # The deployer creates no policies, so these boundaries are the foundation's, and none exceeds the
            # deployer's own.
            conditions={"ArnLike": {"iam:PermissionsBoundary": [_iam(args, f"policy{ROLE_PATH}*-boundary")]}},
        ),
        Statement(sid="CareForRoles", actions=sorted(care), resources=[roles]),
        Statement(sid="SeePolicies", actions=sorted(seen), resources=[policies]),
        Statement(sid="AskForLongPasswords", actions=sorted(passwords), resources=["*"]),
        Statement(
            sid="CareForLinkedRoles",
            actions=sorted((about & LINKED_ROLES) | LINKED_ROLE_MAINTENANCE),
            resources=[_iam(args, role) for role in OWN_LINKED_ROLES],
        ),
        _link(args, scope),
        _pass_roles([_iam(args, f"role{ROLE_PATH}{pattern}") for pattern in args.passed_roles], scope),
        Statement(
            sid="PassTheRecordersRole",
            actions=["iam:PassRole"],
            resources=[_iam(args, OWN_LINKED_ROLE)],
            conditions={"StringEquals": {"iam:PassedToService": "config.amazonaws.com"}},
        ),
    ]


def _boundary_statements(args: PlatformDeployerArgs, scope: DeployerScope) -> list[Statement]:
    """Builds the statements about roles in the boundary, with denials that apply whatever the role's policies allow."""
    out_of_reach = (f"role{ROLE_PATH}platform-*", f"role{SIGN_IN_PATH}*", f"role{ROLE_PATH}people-*")
    return [
        _pass_roles([_iam(args, f"role{ROLE_PATH}*"), _iam(args, OWN_LINKED_ROLE)], scope),
        Statement(
            sid="NeverItselfNorPeople",
            effect="Deny",
            actions=ROLE_CHANGES,
            resources=[_iam(args, pattern) for pattern in out_of_reach],
        ),
        *_never_climb(scope),
    ]


def _never_climb(scope: DeployerScope) -> list[Statement]:
    """Builds the denial of privilege escalation and of access to data. Where there are repositories, CodeCommit uses
    their keys in the name of the deployer, and nothing else does."""
    never = READING_DATA if scope.using_keys_of_code else DATA_ACCESS
    denials = [Statement(sid="NeverClimb", effect="Deny", actions=[*PRIVILEGE_ESCALATION, *never], resources=["*"])]
    if scope.using_keys_of_code:
        otherwise: Conditions = {"StringNotLike": {"kms:ViaService": CODECOMMIT}}
        denials.append(
            Statement(sid="NeverDecrypt", effect="Deny", actions=USING_KEYS, resources=["*"], conditions=otherwise)
        )
    return denials


def _link(args: PlatformDeployerArgs, scope: DeployerScope) -> Statement:
    return Statement(
        sid="LetServicesMakeTheirRoles",
        actions=[CREATE_LINKED_ROLE],
        resources=[_iam(args, "role/aws-service-role/*")],
        conditions={"StringEquals": {"iam:AWSServiceName": _service_hosts(scope.linked)}},
    )


def _pass_roles(roles: Sequence[pulumi.Input[str]], scope: DeployerScope) -> Statement:
    return Statement(
        sid="PassRoles",
        actions=["iam:PassRole"],
        resources=roles,
        conditions={"StringEquals": {"iam:PassedToService": _service_hosts(scope.passes_to)}},
    )


def _service_hosts(services: Sequence[str]) -> list[str]:
    return [f"{service}.amazonaws.com" for service in services]


def _iam(args: PlatformDeployerArgs, resource: str) -> pulumi.Output[str]:
    return arn_of("iam", "", args.account_id, resource)
