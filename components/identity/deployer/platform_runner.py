"""The role that stack operations run with in the account that governs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.principals import service_trust
from components.identity.iam.role_names import PLATFORM_DEPLOYER, RUNNER
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs

LOG_GROUP = f"/plinth/{RUNNER}"
DAYS_AT_HAND = 365
"""The trail has what became of each call for longer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformRunnerArgs:
    """Arguments of :class:`PlatformRunner`."""

    account_id: pulumi.Input[str]
    """Account that governs, whose tasks alone get the role."""

    organization_id: pulumi.Input[str]
    """Organization whose accounts are entered, and no others."""

    region: str
    """Region of the tasks and of their log group."""

    key_arn: pulumi.Input[str]
    """Key of the log group."""


class PlatformRunner(pulumi.ComponentResource):
    """Enters the organization's accounts as their deployer, for a person that it names, and has no rights of its own.

    A task of ECS needs no rights to be in a network or to start, so the role has none: what starts the task has those.
    No deployer makes, changes or gives away this role or its ceiling; that is left to the management account.

    Creates: the role; its boundary; its log group.

    Args: see :class:`PlatformRunnerArgs`.

    Outputs: ``arn``.

    Raises: nothing of its own.

    Cost: what is written to the log group, by the GB.

    Example::

        PlatformRunner("runner", PlatformRunnerArgs(
            account_id=account_id, organization_id="o-acme", region="eu-west-1", key_arn=key.arn,
        ))
    """

    arn: pulumi.Output[str]
    """For task definitions; known once it may enter accounts."""

    def __init__(self, name: str, args: PlatformRunnerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:identity:PlatformRunner", name, None, opts)
        group = aws.cloudwatch.LogGroup(
            f"{name}-group",
            name=LOG_GROUP,
            retention_in_days=DAYS_AT_HAND,
            kms_key_id=args.key_arn,
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        rights = _rights(args, group.arn)
        bounds = RoleCeiling(
            f"{name}-boundary",
            RoleCeilingArgs(
                policy_name=f"{RUNNER}-boundary",
                description="Ceiling of stack operations",
                statements=rights,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        role = BoundedRole(
            name,
            BoundedRoleArgs(
                role_name=RUNNER,
                description="Tasks that run stack operations",
                trust=service_trust(
                    "ecs-tasks",
                    account_id=args.account_id,
                    # No narrower: the ECS Developer Guide has it that a cluster cannot be named here.
                    source_arns=[pulumi.Output.concat(f"arn:aws:ecs:{args.region}:", args.account_id, ":*")],
                ),
                permissions=rights,
                boundary_arn=bounds.arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.arn = role.arn
        self.register_outputs({"arn": self.arn})


def _rights(args: PlatformRunnerArgs, group_arn: pulumi.Input[str]) -> Sequence[Statement]:
    """All of them. The deployer's trust asks for a name as well; neither side has to rely on the other."""
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
    ]
