"""Permissions boundary of the audit stack's roles: writing logs, looking up the organization's accounts, and copying
the configuration history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.former_components import without_component
from components.identity.iam.arns import arn_of
from components.identity.iam.statements import Statement, policy_document
from components.identity.workloads.bounded_role import ROLE_PATH

ORGANIZATION_READS = (
    "organizations:DescribeOrganization",
    "organizations:ListAWSServiceAccessForOrganization",
    "organizations:ListAccounts",
    "organizations:ListDelegatedAdministrators",
)
"""Actions that AWS Config requires for an organization aggregator (managed policy
``AWSConfigRoleForOrganizations``)."""
LOG_WRITES = ("logs:CreateLogStream", "logs:PutLogEvents")


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceBoundaryArgs:
    """Arguments of :class:`ServiceBoundary`."""

    policy_name: str
    """Name of the policy in the account, under the foundation's path."""

    account_id: pulumi.Input[str]
    """Id of the account whose log groups the roles may write to."""

    replication: Sequence[Statement] = ()
    """Permissions of the role that copies the configuration history into the log archive."""


class ServiceBoundary:
    """A permissions boundary for the roles that AWS services assume for auditing. People assume none of them.

    Not a component resource, because the audit stack has many resources. An alias finds the policy of stacks that were
    deployed when it was one.

    Creates: one managed policy under the foundation's path.

    Outputs: ``arn``.

    Cost: none.

    Example::

        boundary = ServiceBoundary("boundary", ServiceBoundaryArgs(
            policy_name="audit-services-boundary", account_id="111111111111",
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the policy, for all roles of the audit stack."""

    def __init__(self, name: str, args: ServiceBoundaryArgs, opts: pulumi.ResourceOptions) -> None:
        own_groups = arn_of("logs", "*", args.account_id, "log-group:*")
        policy = aws.iam.Policy(
            name,
            name=args.policy_name,
            path=ROLE_PATH,
            description="Ceiling of the roles that watch over the organization",
            policy=policy_document(
                Statement(sid="HandLogsOn", actions=LOG_WRITES, resources=[own_groups]),
                Statement(sid="LookUpMembers", actions=ORGANIZATION_READS, resources=["*"]),
                *args.replication,
            ),
            opts=without_component(name, "plinth:audit:ServiceBoundary", opts),
        )
        self.arn = policy.arn
