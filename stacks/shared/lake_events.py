"""Events of the data lake account that another account receives."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.integration.arrival_bus import ArrivalBus, ArrivalBusArgs
from components.integration.arrival_rule import ArrivalRule, ArrivalRuleArgs
from components.integration.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from settings.types.naming import named
from stacks.shared.outputs import DataLakeOutputs, OrganizationOutputs


@dataclass(frozen=True, kw_only=True, slots=True)
class LakeEvents:
    """Which events of the lake are received, and by which bus."""

    label: str
    """Name of the receiver, with which the names of rule, role and queue in the lake's account begin."""
    bus_name: str
    bus_description: str
    rule_description: str
    event_pattern: pulumi.Input[str]
    organization: OrganizationOutputs
    lake: DataLakeOutputs
    region: str
    key_arn: pulumi.Input[str]
    """ARN of the key that encrypts the bus."""
    dead_letter_queue_arn: pulumi.Input[str]
    """ARN of the receiver's queue for events that cannot be decrypted."""


def receive(
    events: LakeEvents,
    opts: pulumi.ResourceOptions,
    in_lake: pulumi.ResourceOptions,
    *,
    bus_resource: str,
    rule_resource: str,
) -> ArrivalBus:
    """Creates the bus, and the rule in the lake's account that sends to it. ``bus_resource`` and ``rule_resource`` are
    their names in the stack."""
    account_id, organization_id = events.organization.accounts["data-lake"], events.organization.organization_id
    sender = named("role", events.label, "tell")
    bus_args = ArrivalBusArgs(
        bus_name=events.bus_name,
        sender_account_id=account_id,
        sender_roles=[sender],
        description=events.bus_description,
        organization_id=organization_id,
        key_arn=events.key_arn,
        dead_letter_queue_arn=events.dead_letter_queue_arn,
    )
    bus = ArrivalBus(bus_resource, bus_args, opts)
    undelivered = DeadLetterQueueArgs(
        queue_name=f"{events.label}-untold",
        account_id=account_id,
        organization_id=organization_id,
        region=events.region,
        rules=f"{events.label}-*",
        key_arn=events.lake.key_arn,
    )
    rule_args = ArrivalRuleArgs(
        label=events.label,
        description=events.rule_description,
        event_pattern=events.event_pattern,
        role_name=sender,
        account_id=account_id,
        organization_id=organization_id,
        bus_arn=bus.arn,
        dead_letter_queue_arn=DeadLetterQueue("untold", undelivered, in_lake).arn,
        boundary_arn=events.lake.permissions_boundary_arn,
    )
    ArrivalRule(rule_resource, rule_args, in_lake)
    return bus
