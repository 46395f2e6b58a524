"""A durable account that runs workloads. The stacks of tooling, the lake and governance extend it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.identity.iam.statements import Statement
from components.identity.workloads.permissions_boundary import PermissionsBoundary, PermissionsBoundaryArgs
from components.network.private_endpoints import PrivateEndpoints
from components.network.private_network import PrivateNetwork
from components.security.encryption_key import EncryptionKey, EncryptionKeyArgs, events_use_the_key, roles_use_the_key
from settings.derived.endpoint_services import endpoint_services
from settings.derived.foundation import Foundation
from settings.derived.source_repositories import created_connection
from settings.derived.stack_graph import StackIdentity
from settings.types.naming import named
from stacks.durable_account.context import DurableAccountContext
from stacks.shared.account_setup import set_up_account
from stacks.shared.connections import Connections
from stacks.shared.people import create_people_roles
from stacks.shared.providers.accounts import account_provider

KEY_SERVICES = (
    "codeartifact",
    "codebuild",
    "codecommit",
    "dynamodb",
    "ec2",
    "ecr",
    "glue",
    "s3",
    "sagemaker",
    "secretsmanager",
    "sns",
    "sqs",
)
"""Services that use the account's key on behalf of its principals. CloudWatch Logs uses it as itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DurableAccount:
    """The resources of every durable account, for the stacks that extend it."""

    context: DurableAccountContext
    key: EncryptionKey
    boundary: PermissionsBoundary
    network: PrivateNetwork
    endpoints: PrivateEndpoints
    opts: pulumi.ResourceOptions

    @property
    def outputs(self) -> dict[str, Any]:
        """Values of the outputs that every durable account's stack has."""
        return {
            "account_id": self.context.account_id,
            "region": self.context.region,
            "vpc_id": self.network.vpc_id,
            "private_subnet_ids": self.network.subnet_ids,
            "key_arn": self.key.arn,
            "permissions_boundary_arn": self.boundary.arn,
        }


def _no_statements(_place: DurableAccountContext) -> Sequence[Statement]:
    return ()


def build_account(
    stack: StackIdentity,
    foundation: Foundation,
    *,
    key_roles: Sequence[str] = (),
    key_users: Callable[[DurableAccountContext], Sequence[Statement]] = _no_statements,
    uses_events: bool = False,
    work: Sequence[str] = (),
    event_bus_pattern: str | None = None,
    pushes: bool = False,
    key_services: Sequence[str] = (),
) -> DurableAccount:
    """Creates the account's baseline, key, permissions boundary and network. It names no team: stacks of teams and use
    cases add what they need (ACC-03).

    Args:
        key_roles: Names or name patterns of roles that use the key directly, not through a service.
        key_users: Returns further statements of the key policy.
        uses_events: Whether EventBridge uses the key to send to encrypted queues.
        work: Actions that the account's roles need beyond those of every boundary.
        event_bus_pattern: Name pattern of the teams' event buses that the account's roles send to.
        pushes: Whether the account's roles write into buckets of environments.
        key_services: Services besides :data:`KEY_SERVICES` that use the key on behalf of the account's principals.
    """
    context = DurableAccountContext.of(stack, foundation)
    connections = Connections.of(
        stack,
        foundation,
        account=context.account,
        private_network=context.network,
        perimeter=context.perimeter,
        audit=context.audit,
    )
    opts = pulumi.ResourceOptions(provider=account_provider(foundation, stack, context.account, context.account_id))

    set_up_account(foundation, context, context.audit.configuration_bucket_name, opts)
    key = _key(context, key_roles, uses_events, key_users(context), key_services, opts)
    boundary = _boundary(context, work, event_bus_pattern, pushes, foundation.has_packages, opts)
    network = PrivateNetwork("network", context.network, opts)
    connections.create_flow_logs(network, opts)
    services = endpoint_services(
        context.kind,
        deliveries=foundation.has_deliveries,
        connections=created_connection(foundation.organization.source) is not None,
        cluster=foundation.has_cluster,
        packages=foundation.has_packages,
        requests=foundation.runs_requests,
        platform_image=foundation.builds_platform_image,
        workflows=foundation.creates_workflow_database,
    )
    endpoints = connections.create_endpoints(network, services, opts)
    connections.restrict_dns(network, opts)
    create_people_roles(foundation, context.kind, context.label, context.organization.organization_id, opts)
    return DurableAccount(context=context, key=key, boundary=boundary, network=network, endpoints=endpoints, opts=opts)


def _key(
    context: DurableAccountContext,
    roles: Sequence[str],
    uses_events: bool,
    others: Sequence[Statement],
    services: Sequence[str],
    opts: pulumi.ResourceOptions,
) -> EncryptionKey:
    deliveries = [roles_use_the_key(context.account_id, roles)] if roles else []
    if uses_events:
        deliveries.append(events_use_the_key(context.account_id))
    args = EncryptionKeyArgs(
        alias=context.path,
        description=f"Everything that {context.label} keeps",
        account_id=context.account_id,
        region=context.region,
        services=[*KEY_SERVICES, *services],
        deliveries=[*deliveries, *others],
        durable=True,
    )
    return EncryptionKey("key", args, opts)


def _boundary(
    context: DurableAccountContext,
    work: Sequence[str],
    event_bus_pattern: str | None,
    pushes: bool,
    has_packages: bool,
    opts: pulumi.ResourceOptions,
) -> PermissionsBoundary:
    args = PermissionsBoundaryArgs(
        policy_name=named("policy", context.label, "boundary"),
        account_id=context.account_id,
        organization_id=context.organization.organization_id,
        resource_account_ids=context.durable_account_ids or [context.account_id],
        region=context.region,
        delivers=context.kind == "tooling",
        additional_actions=work,
        event_bus_pattern=event_bus_pattern,
        pushes=pushes,
        installs_packages=has_packages and context.kind == "tooling",
    )
    return PermissionsBoundary("boundary", args, opts)
