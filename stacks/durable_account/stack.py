"""A durable account in which something runs. ``tooling`` is this module; the lake and governance build on it."""

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
from settings.derived.outputs import DurableAccountOutputs
from settings.derived.stack_graph import StackIdentity
from settings.types.naming import named
from stacks.durable_account.context import DurablePlace
from stacks.shared.account_setup import set_up_account
from stacks.shared.connections import Connections
from stacks.shared.exports import export
from stacks.shared.people import admit_without_identity_center
from stacks.shared.providers import account_provider

SERVICES_WITH_THE_KEY = (
    "codebuild",
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
"""What encrypts with the account's key on behalf of its principals; log groups do so in their own name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DurableAccount:
    """What every durable account has, for what its stack builds on it."""

    place: DurablePlace
    key: EncryptionKey
    boundary: PermissionsBoundary
    network: PrivateNetwork
    endpoints: PrivateEndpoints
    opts: pulumi.ResourceOptions

    @property
    def outputs(self) -> dict[str, Any]:
        """What every durable account's stack promises."""
        return {
            "account_id": self.place.account_id,
            "region": self.place.region,
            "vpc_id": self.network.vpc_id,
            "private_subnet_ids": self.network.subnet_ids,
            "key_arn": self.key.arn,
            "permissions_boundary_arn": self.boundary.arn,
        }


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Everything lands in the account of the stack's kind. No team is named here: teams come to it (ACC-03)."""
    export(DurableAccountOutputs, **build_account(stack, foundation).outputs)


def _nobody_else(_place: DurablePlace) -> Sequence[Statement]:
    return ()


def build_account(
    stack: StackIdentity,
    foundation: Foundation,
    *,
    key_roles: Sequence[str] = (),
    key_users: Callable[[DurablePlace], Sequence[Statement]] = _nobody_else,
    uses_events: bool = False,
    work: Sequence[str] = (),
    event_bus_pattern: str | None = None,
    pushes: bool = False,
) -> DurableAccount:
    """The account's switches, key, boundary and network. ``key_roles``, which may be patterns, use the key without a
    service between, EventBridge does for queues, and ``key_users`` are others that its policy lets use it; ``work`` is
    what the account's roles do beside what roles do anywhere, ``event_bus_pattern`` which buses of teams they tell,
    and where it ``pushes`` they write into environments."""
    place = DurablePlace.of(stack, foundation)
    connections = Connections.of(
        stack, foundation, account=place.account, place=place.network, perimeter=place.perimeter, archive=place.archive
    )
    opts = pulumi.ResourceOptions(provider=account_provider(foundation, stack, place.account, place.account_id))

    set_up_account(foundation, place, place.archive.apply(lambda outputs: outputs.log_bucket_name), opts)
    key = _key(place, key_roles, uses_events, key_users(place), opts)
    boundary = _boundary(place, work, event_bus_pattern, pushes, opts)
    network = PrivateNetwork("network", place.network, opts)
    connections.to_archive(network, opts)
    endpoints = connections.to_aws(network, endpoint_services(place.kind), opts)
    connections.to_names(network, opts)
    admit_without_identity_center(foundation, place.kind, place.label, place.organization_id, opts)
    return DurableAccount(place=place, key=key, boundary=boundary, network=network, endpoints=endpoints, opts=opts)


def _key(
    place: DurablePlace,
    roles: Sequence[str],
    uses_events: bool,
    others: Sequence[Statement],
    opts: pulumi.ResourceOptions,
) -> EncryptionKey:
    deliveries = [roles_use_the_key(place.account_id, roles)] if roles else []
    if uses_events:
        deliveries.append(events_use_the_key(place.account_id))
    args = EncryptionKeyArgs(
        alias=place.path,
        description=f"Everything that {place.label} keeps",
        account_id=place.account_id,
        region=place.region,
        services=SERVICES_WITH_THE_KEY,
        deliveries=[*deliveries, *others],
        durable=True,
    )
    return EncryptionKey("key", args, opts)


def _boundary(
    place: DurablePlace, work: Sequence[str], event_bus_pattern: str | None, pushes: bool, opts: pulumi.ResourceOptions
) -> PermissionsBoundary:
    args = PermissionsBoundaryArgs(
        policy_name=named("policy", place.label, "boundary"),
        account_id=place.account_id,
        organization_id=place.organization_id,
        resource_account_ids=place.durable_account_ids or [place.account_id],
        region=place.region,
        delivers=place.kind == "tooling",
        additional_actions=work,
        event_bus_pattern=event_bus_pattern,
        pushes=pushes,
    )
    return PermissionsBoundary("boundary", args, opts)
