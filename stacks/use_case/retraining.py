"""The retraining of a use case: the bus for results of monitoring, and the rules that start builds."""

from __future__ import annotations

import pulumi

from components.delivery.retraining_rules import RetrainingRules, RetrainingRulesArgs
from components.integration.arrival_bus import ArrivalBus, ArrivalBusArgs
from components.integration.dead_letter_queue import DeadLetterQueue
from settings.types.naming import named
from stacks.use_case.context import UseCaseContext
from stacks.use_case.roles import UseCaseRoles


def create_retraining(
    context: UseCaseContext,
    roles: UseCaseRoles,
    project_arn: pulumi.Input[str],
    queue: DeadLetterQueue,
    opts: pulumi.ResourceOptions,
) -> None:
    """Creates the bus for results of monitoring and, if the settings have any, the rules that start retraining.

    There is a bus also without retraining, so that whoever removes the setting does not make monitoring fail.
    """
    bus = _bus(context, queue, opts) if context.is_monitored else None
    retraining, names = context.delivery.retraining, context.names
    if retraining is None:
        return
    args = RetrainingRulesArgs(
        label=names.folder,
        drift_rule_name=named("event rule", names.prefix, "drift"),
        schedule_rule_name=named("event rule", names.prefix, "retraining"),
        event_source=names.event_source,
        bus_name=bus.bus_name if bus is not None and retraining.on_drift else None,
        schedule=retraining.schedule,
        project_arn=project_arn,
        role_arn=roles.start,
        dead_letter_queue_arn=queue.arn,
    )
    RetrainingRules("retraining", args, opts)


def _bus(context: UseCaseContext, queue: DeadLetterQueue, opts: pulumi.ResourceOptions) -> ArrivalBus:
    """Creates the bus to which only jobs that monitor production send."""
    args = ArrivalBusArgs(
        bus_name=context.names.monitoring_bus,
        sender_account_id=context.released_to["production"].account_id,
        sender_role=context.use_case.role_name("monitoring", "production"),
        description=f"Results of monitoring of {context.names.folder}",
        organization_id=context.organization.organization_id,
        key_arn=context.tooling.key_arn,
        dead_letter_queue_arn=queue.arn,
    )
    return ArrivalBus("bus", args, opts)
