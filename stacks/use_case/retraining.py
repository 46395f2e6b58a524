"""The retraining of a use case: buses for results of monitoring and for new data, and the rules that start builds."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pulumi

from components.data_lake.etl.etl_job import job_name
from components.delivery.retraining_rules import RetrainingRules, RetrainingRulesArgs, ended_jobs
from components.integration.arrival_bus import ArrivalBus, ArrivalBusArgs
from components.integration.dead_letter_queue import DeadLetterQueue
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import InferenceKind
from settings.types.naming import named
from stacks.shared.lake_events import LakeEvents, receive
from stacks.shared.outputs import DataLakeOutputs
from stacks.shared.references import read
from stacks.use_case.context import UseCaseContext
from stacks.use_case.roles import UseCaseRoles


def create_retraining(
    context: UseCaseContext,
    roles: UseCaseRoles,
    project_arn: pulumi.Input[str],
    queue: DeadLetterQueue,
    opts: pulumi.ResourceOptions,
    in_lake: pulumi.ResourceOptions | None,
) -> None:
    """Creates the bus for results of monitoring and, if the settings have any, the rules that start retraining.
    ``in_lake`` are options of resources in the account of the lake; None without a lake.

    There is a bus also without retraining, so that whoever removes the setting does not make monitoring fail.
    """
    senders = _comparing(context)
    bus = _bus(context, senders, queue, opts) if senders else None
    retraining, names = context.delivery.retraining, context.names
    if retraining is None:
        return
    datasets = retraining.on_data
    arrivals = _new_data(context, datasets, queue, opts, in_lake) if datasets and in_lake else None
    args = RetrainingRulesArgs(
        label=names.folder,
        drift_rule_name=named("event rule", names.prefix, "drift"),
        data_rule_name=named("event rule", names.prefix, "data"),
        schedule_rule_name=named("event rule", names.prefix, "retraining"),
        event_source=names.event_source,
        bus_name=bus.bus_name if bus is not None and retraining.on_drift else None,
        data_bus_name=None if arrivals is None else arrivals.bus_name,
        schedule=retraining.schedule,
        project_arn=project_arn,
        role_arn=roles.start,
        dead_letter_queue_arn=queue.arn,
    )
    RetrainingRules("retraining", args, opts)


def _bus(
    context: UseCaseContext, senders: Sequence[str], queue: DeadLetterQueue, opts: pulumi.ResourceOptions
) -> ArrivalBus:
    """Creates the bus to which only jobs send that compare data of production with those of training."""
    args = ArrivalBusArgs(
        bus_name=context.names.monitoring_bus,
        sender_account_id=context.released_to["production"].account_id,
        sender_roles=senders,
        description=f"Results of monitoring of {context.names.folder}",
        organization_id=context.organization.organization_id,
        key_arn=context.tooling.key_arn,
        dead_letter_queue_arn=queue.arn,
    )
    return ArrivalBus("bus", args, opts)


def _new_data(
    context: UseCaseContext,
    datasets: Sequence[str],
    queue: DeadLetterQueue,
    opts: pulumi.ResourceOptions,
    in_lake: pulumi.ResourceOptions,
) -> ArrivalBus:
    """Creates the bus for new data, and the rule in the account of the lake that sends to it when a job of one of the
    datasets has succeeded."""
    names = context.names
    events = LakeEvents(
        label=names.prefix,
        bus_name=names.data_bus,
        bus_description=f"New data in the lake for {names.folder}",
        rule_description=f"New data for the training of {names.folder}",
        event_pattern=json.dumps(ended_jobs(*map(job_name, datasets))),
        organization=context.organization,
        lake=read(DataLakeOutputs, StackIdentity("data-lake")),
        region=context.use_case.region,
        key_arn=context.tooling.key_arn,
        dead_letter_queue_arn=queue.arn,
    )
    return receive(events, opts, in_lake, bus_resource="data-bus", rule_resource="new-data")


def _comparing(context: UseCaseContext) -> list[str]:
    """Returns the names of the roles that compare data of production with those of training: those of monitoring and of
    pipelines of batch inference. There are none if no model is released."""
    if not context.approvers:
        return []
    case = context.use_case
    roles: dict[InferenceKind, str] = {
        "real-time": case.role_name("monitoring", "production"),
        "batch": case.role_name("pipeline", "production"),
    }
    return [role for kind, role in roles.items() if kind in context.inference]
