"""AWS Config's aggregated view of all accounts and regions."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.audit.service_boundary import ORGANIZATION_READS
from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganizationInventoryArgs:
    """Arguments of :class:`OrganizationInventory`."""

    aggregator_name: str
    """Name of the aggregator in the account."""

    account_id: pulumi.Input[str]
    """Id of the account, to which Config's use of the role is restricted."""

    role_name: str
    """Name of the role with which Config looks up the accounts of the organization."""

    boundary_arn: pulumi.Input[str]
    """ARN of the role's permissions boundary."""


class OrganizationInventory(pulumi.ComponentResource):
    """An aggregator for the resources, configuration history and compliance of all accounts.

    Creates: the aggregator for all accounts and regions; the role that looks up the accounts.

    Outputs: ``aggregator_arn``.

    Cost: none for the aggregator.

    Example::

        OrganizationInventory("inventory", OrganizationInventoryArgs(
            aggregator_name="acme", account_id="111111111111", role_name="audit-inventory", boundary_arn=boundary.arn,
        ))
    """

    aggregator_arn: pulumi.Output[str]
    """ARN of the aggregator, for permissions to query it."""

    def __init__(self, name: str, args: OrganizationInventoryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:audit:OrganizationInventory", name, None, opts)
        role = BoundedRole(
            f"{name}-role",
            BoundedRoleArgs(
                role_name=args.role_name,
                description="AWS Config looks up the accounts of the organization",
                trust=service_trust("config", account_id=args.account_id),
                permissions=[Statement(sid="LookUpMembers", actions=ORGANIZATION_READS, resources=["*"])],
                boundary_arn=args.boundary_arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        aggregator = aws.cfg.ConfigurationAggregator(
            name,
            name=args.aggregator_name,
            organization_aggregation_source=aws.cfg.ConfigurationAggregatorOrganizationAggregationSourceArgs(
                role_arn=role.arn, all_regions=True
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.aggregator_arn = aggregator.arn
        self.register_outputs({"aggregator_arn": self.aggregator_arn})
