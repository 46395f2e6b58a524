"""The most that a role of the audit stack can ever do: hand logs on, and look up who belongs to the organization."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.statements import Statement, policy_document
from components.identity.workloads.bounded_role import ROLE_PATH

LOOKING_UP = (
    "organizations:DescribeOrganization",
    "organizations:ListAWSServiceAccessForOrganization",
    "organizations:ListAccounts",
    "organizations:ListDelegatedAdministrators",
)
"""What AWS Config asks of Organizations for an aggregator (its managed policy ``AWSConfigRoleForOrganizations``)."""
HANDING_ON = ("logs:CreateLogStream", "logs:PutLogEvents")


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceBoundaryArgs:
    """Arguments of :class:`ServiceBoundary`."""

    policy_name: str
    """Name in the account, under the foundation's path."""

    account_id: pulumi.Input[str]
    """Account whose log groups the roles may write to."""


class ServiceBoundary(pulumi.ComponentResource):
    """A ceiling on the roles that AWS services assume to watch over the organization; people assume none of them.

    Creates: one managed policy under the foundation's path.

    Args: see :class:`ServiceBoundaryArgs`.

    Outputs: ``arn``.

    Raises: nothing of its own.

    Cost: none.

    Example::

        boundary = ServiceBoundary("boundary", ServiceBoundaryArgs(
            policy_name="audit-services-boundary", account_id="111111111111",
        ))
    """

    arn: pulumi.Output[str]
    """For every role of the audit stack."""

    def __init__(self, name: str, args: ServiceBoundaryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:audit:ServiceBoundary", name, None, opts)
        own_groups = pulumi.Output.concat("arn:aws:logs:*:", args.account_id, ":log-group:*")
        policy = aws.iam.Policy(
            name,
            name=args.policy_name,
            path=ROLE_PATH,
            description="Ceiling of the roles that watch over the organization",
            policy=policy_document(
                Statement(sid="HandLogsOn", actions=HANDING_ON, resources=[own_groups]),
                Statement(sid="LookUpMembers", actions=LOOKING_UP, resources=["*"]),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = policy.arn
        self.register_outputs({"arn": self.arn})
