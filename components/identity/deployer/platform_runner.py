"""The role of stack operations in the governance account: of tasks, and of builds that carry out requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from components.identity.iam.actions import PULLING
from components.identity.iam.arns import arn_of
from components.identity.iam.principals import service_trust
from components.identity.iam.role_names import PLATFORM_DEPLOYER, PROVISIONER, RUNNER
from components.identity.iam.statements import Statement, through
from components.identity.workloads.bounded_role import ROLE_PATH, BoundedRole, BoundedRoleArgs
from components.identity.workloads.code_permissions import use_key_of_code
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs
from components.identity.workloads.workload_permissions import join_network
from settings.types.aws.request_builds import PROJECT, REPOSITORY
from settings.types.naming import PLATFORM_IMAGES

LOG_GROUP = f"/plinth/{RUNNER}"
_PROJECT = f"project/{PROJECT}"
LOG_GROUP_DAYS = 365
"""Days that logs are kept. The trail keeps the record of each call for longer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestBuilds:
    """The accounts that builds for requests need besides their own."""

    management_account_id: pulumi.Input[str]
    """Id of the management account, in which builds assume the provisioner role."""

    tooling_account_id: pulumi.Input[str]
    """Id of the account from which builds pull their image."""

    workflows_secret: pulumi.Input[str] | None = None
    """ARN of the secret with which builds connect with the database of workflows; None without one."""

    workflows_key_secret: pulumi.Input[str] | None = None
    """ARN of the secret in which the first build stores the key of the workflows; None if nobody needs to store one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformRunnerArgs:
    """Arguments of :class:`PlatformRunner`."""

    account_id: pulumi.Input[str]
    """Id of the governance account. Only its tasks get the role."""

    organization_id: pulumi.Input[str]
    """Id of the organization. The role can be used only for accounts of the organization."""

    region: str
    """Region of the tasks and their log group."""

    key_arn: pulumi.Input[str]
    """ARN of the log group's KMS key."""

    builds: RequestBuilds | None = None
    """Accounts and secrets that builds for requests need; None if only tasks run as the role."""


class PlatformRunner(pulumi.ComponentResource):
    """A role that assumes the deployer roles of the organization's accounts for a named person, without further
    permissions.

    With ``builds``, builds of the project for requests have the role too. They assume the provisioner role of the
    management account, because a deployer creates no accounts, boundaries and policies. An ECS task needs no
    permissions of its own to start and to use the network, because whatever starts it has them. No deployer can create,
    change or pass this role and its boundary; only the management account can.

    Creates: the role; its permissions boundary; its log group.

    Outputs: ``arn``.

    Cost: the log group, by GB ingested.

    Example::

        PlatformRunner("runner", PlatformRunnerArgs(
            account_id=account_id, organization_id="o-acme", region="eu-west-1", key_arn=key.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for task definitions; known once it may assume deployer roles."""

    def __init__(self, name: str, args: PlatformRunnerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:identity:PlatformRunner", name, None, opts)
        group = aws.cloudwatch.LogGroup(
            f"{name}-group",
            name=LOG_GROUP,
            retention_in_days=LOG_GROUP_DAYS,
            kms_key_id=args.key_arn,
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        permissions = _permissions(args, group.arn)
        boundary = RoleCeiling(
            f"{name}-boundary",
            RoleCeilingArgs(
                policy_name=f"{RUNNER}-boundary",
                description="Ceiling of stack operations",
                statements=permissions,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        role = BoundedRole(
            name,
            BoundedRoleArgs(
                role_name=RUNNER,
                description="Tasks and builds that run stack operations",
                trust=_trust(args),
                permissions=permissions,
                boundary_arn=boundary.arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.arn = role.arn
        self.register_outputs({"arn": self.arn})


def _trust(args: PlatformRunnerArgs) -> list[Statement]:
    # The cluster cannot be named here (ECS Developer Guide).
    tasks = arn_of("ecs", args.region, args.account_id, "*")
    trust = [service_trust("ecs-tasks", account_id=args.account_id, source_arns=[tasks])]
    if args.builds is None:
        return trust
    builds = service_trust("codebuild", account_id=args.account_id, source_arns=[_arn("codebuild", args, _PROJECT)])
    return [*trust, replace(builds, sid="AssumedByBuildsForRequests")]


def _permissions(args: PlatformRunnerArgs, group_arn: pulumi.Input[str]) -> Sequence[Statement]:
    """Builds all permissions of the role. The deployer's trust policy also requires a source identity, so neither
    relies on the other."""
    return [
        Statement(
            sid="EnterAsDeployerForSomebody",
            actions=["sts:AssumeRole", "sts:SetSourceIdentity"],
            resources=[PLATFORM_DEPLOYER],
            conditions={
                "StringEquals": {"aws:ResourceOrgID": args.organization_id},
                "Null": {"sts:SourceIdentity": "false"},
            },
        ),
        Statement(
            sid="WriteTheOwnLog",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[pulumi.Output.concat(group_arn, ":*")],
        ),
        *(_for_builds(args, args.builds) if args.builds is not None else []),
    ]


def _for_builds(args: PlatformRunnerArgs, builds: RequestBuilds) -> list[Statement]:
    """Builds what a build needs to start in the network and to read the settings, and its way to the management
    account."""
    provisioner = arn_of("iam", "", builds.management_account_id, f"role{ROLE_PATH}{PROVISIONER}")
    image = arn_of("ecr", args.region, builds.tooling_account_id, f"repository/{PLATFORM_IMAGES}")
    return [
        Statement(
            sid="EnterTheManagementAccount",
            actions=["sts:AssumeRole"],
            resources=[provisioner],
            conditions={"StringEquals": {"aws:ResourceOrgID": args.organization_id}},
        ),
        Statement(
            sid="PullTheImage",
            actions=PULLING,
            resources=[image],
            conditions={"StringEquals": {"aws:ResourceOrgID": args.organization_id}},
        ),
        Statement(
            sid="ReadTheSettings", actions=["codecommit:GitPull"], resources=[_arn("codecommit", args, REPOSITORY)]
        ),
        use_key_of_code([args.key_arn], args.region),
        Statement(
            sid="WriteLogsOfBuilds",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[_arn("logs", args, f"log-group:/aws/codebuild/{PROJECT}:*")],
        ),
        *(_read_secret(args, builds.workflows_secret) if builds.workflows_secret is not None else []),
        *(_keep_key(args, builds.workflows_key_secret) if builds.workflows_key_secret is not None else []),
        *join_network(args.region, args.account_id),
    ]


def _read_secret(args: PlatformRunnerArgs, arn: pulumi.Input[str]) -> list[Statement]:
    return [
        Statement(sid="ReadTheConnectionString", actions=["secretsmanager:GetSecretValue"], resources=[arn]),
        _use_key_of_secrets(args, "DecryptTheConnectionString", "kms:Decrypt"),
    ]


def _keep_key(args: PlatformRunnerArgs, secret_arn: pulumi.Input[str]) -> list[Statement]:
    """Builds what a build needs to read the key of the workflows, and to store it the first time."""
    return [
        Statement(
            sid="KeepTheKeyOfWorkflows",
            actions=["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
            resources=[secret_arn],
        ),
        _use_key_of_secrets(args, "EncryptTheKeyOfWorkflows", "kms:Decrypt", "kms:GenerateDataKey"),
    ]


def _use_key_of_secrets(args: PlatformRunnerArgs, sid: str, *actions: str) -> Statement:
    """Allows Secrets Manager to use the account's key for the role."""
    return Statement(
        sid=sid,
        actions=actions,
        resources=[args.key_arn],
        conditions=through("secretsmanager", args.region),
    )


def _arn(service: str, args: PlatformRunnerArgs, resource: str) -> pulumi.Output[str]:
    return arn_of(service, args.region, args.account_id, resource)
