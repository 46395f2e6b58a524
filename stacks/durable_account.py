"""A durable account in which something runs: ``data-lake``, ``tooling``, ``governance``. All three are this module."""

from __future__ import annotations

import pulumi

from components.identity.permissions_boundary import PermissionsBoundary, PermissionsBoundaryArgs
from components.network.private_network import PrivateNetwork
from components.security.encryption_key import EncryptionKey, EncryptionKeyArgs
from settings.endpoint_services import endpoint_services
from settings.foundation import Foundation
from settings.naming import named
from settings.outputs import DurableAccountOutputs
from settings.stacks import StackIdentity
from stacks.account_setup import set_up_account
from stacks.connections import Connections
from stacks.durable_place import DurablePlace
from stacks.exports import export
from stacks.people import admit_without_identity_center
from stacks.providers import account_provider

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


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Everything lands in the account of the stack's kind. No team is named here: teams come to it (ACC-03)."""
    place = DurablePlace.of(stack, foundation)
    connections = Connections.of(
        stack, foundation, account=place.account, place=place.network, perimeter=place.perimeter, archive=place.archive
    )
    opts = pulumi.ResourceOptions(provider=account_provider(foundation, stack, place.account, place.account_id))

    set_up_account(foundation, place, place.archive.apply(lambda outputs: outputs.log_bucket_name), opts)
    key = _key(place, opts)
    boundary = _boundary(place, opts)
    network = PrivateNetwork("network", place.network, opts)
    connections.to_archive(network, opts)
    connections.to_aws(network, endpoint_services(place.kind), opts)
    connections.to_names(network, opts)
    admit_without_identity_center(foundation, place.kind, place.label, place.organization_id, opts)

    export(
        DurableAccountOutputs,
        account_id=place.account_id,
        region=place.region,
        vpc_id=network.vpc_id,
        private_subnet_ids=network.subnet_ids,
        key_arn=key.arn,
        permissions_boundary_arn=boundary.arn,
    )


def _key(place: DurablePlace, opts: pulumi.ResourceOptions) -> EncryptionKey:
    args = EncryptionKeyArgs(
        alias=place.path,
        description=f"Everything that {place.label} keeps",
        account_id=place.account_id,
        region=place.region,
        services=SERVICES_WITH_THE_KEY,
        durable=True,
    )
    return EncryptionKey("key", args, opts)


def _boundary(place: DurablePlace, opts: pulumi.ResourceOptions) -> PermissionsBoundary:
    args = PermissionsBoundaryArgs(
        policy_name=named("policy", place.label, "boundary"),
        account_id=place.account_id,
        organization_id=place.organization_id,
        resource_account_ids=place.durable_account_ids or [place.account_id],
        region=place.region,
        delivers=place.kind == "tooling",
    )
    return PermissionsBoundary("boundary", args, opts)
