"""An environment's intakes, which copy data out of the lake, and the Glue steps of its pipelines."""

from __future__ import annotations

import pulumi

from components.identity.iam.arns import arn_of
from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.integration.arrival_bus import ArrivalBus
from components.integration.arrival_rule import arrival_pattern
from components.integration.claim_table import ClaimTable, ClaimTableArgs
from components.integration.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.integration.intake import Intake, IntakeArgs
from components.integration.intake_permissions import IntakeScope, intake_permissions
from components.integration.step_journal import StepJournal, StepJournalArgs
from settings.derived.foundation import Foundation
from settings.derived.sharing import columns_read
from settings.derived.stack_graph import StackIdentity
from settings.types.naming import named
from stacks.intake.context import IntakeContext, pipeline_name
from stacks.intake.glue_steps import SharedResources, create_glue_steps
from stacks.shared.exports import export
from stacks.shared.lake_events import LakeEvents, receive
from stacks.shared.outputs import IntakeOutputs
from stacks.shared.providers.accounts import account_provider


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the intakes in the environment's account, and the rule for arriving data in the lake's account.

    The stack of the team's data access grants the team's data to the role that this stack creates.
    """
    context = IntakeContext.of(stack, foundation)
    opts = pulumi.ResourceOptions(
        provider=account_provider(foundation, stack, context.account, context.environment.account_id)
    )
    claims = ClaimTable("claims", ClaimTableArgs(table_name=context.label, key_arn=context.environment.key_arn), opts)
    queue = _queue(context, opts)
    journal = _journal(context, opts)
    intakes = _intakes(context, claims, queue, journal, stack, opts) if context.settings.intake else None
    shared = SharedResources(context=context, claims=claims, queue=queue, journal=journal, opts=opts)
    export(
        IntakeOutputs,
        state_machines={} if intakes is None else intakes[1],
        queues=create_glue_steps(shared),
        role_arn=None if intakes is None else intakes[0].arn,
        claims_table=claims.table_name,
        dead_letter_queue_url=queue.url,
    )


def _intakes(
    context: IntakeContext,
    claims: ClaimTable,
    queue: DeadLetterQueue,
    journal: StepJournal,
    stack: StackIdentity,
    opts: pulumi.ResourceOptions,
) -> tuple[BoundedRole, dict[str, pulumi.Output[str]]]:
    """Creates the intakes. Returns their common role and the ARN of each state machine, by intake."""
    foundation = context.foundation
    role, starter = _role(context, claims, queue, opts), _starter(context, opts)
    bus = _arrivals(context, queue, stack, opts) if context.arrivals else None
    machines = {
        name: Intake(
            name,
            IntakeArgs(
                label=named("state machine", context.label, name),
                intake=intake,
                dataset=foundation.datasets[intake.dataset],
                columns=intake.columns
                or columns_read(foundation.datasets[intake.dataset], context.settings.environment),
                workgroup=context.workgroup,
                pipeline=pipeline_name(context.settings.team, intake),
                table=claims.table_name,
                queue_url=queue.url,
                queue_arn=queue.arn,
                bucket_name=context.environment.bucket_name,
                database=context.database(intake.part),
                role_arn=role.arn,
                start_role_arn=starter.arn,
                key_arn=context.environment.key_arn,
                journal_arn=journal.destination_arn,
                bus_name=None if bus is None else bus.bus_name,
                zone_bucket=context.lake.zone_buckets[foundation.datasets[intake.dataset].zone],
                feature_group=context.feature_group(intake),
                features_database=context.features_database,
            ),
            opts,
        ).state_machine_arn
        for name, intake in context.settings.intake.items()
    }
    return role, machines


def _arrivals(
    context: IntakeContext, queue: DeadLetterQueue, stack: StackIdentity, opts: pulumi.ResourceOptions
) -> ArrivalBus:
    """Creates the event bus for arriving data, and the rule in the lake's account that sends to it."""
    host = context.foundation.account_of("data-lake")
    in_lake = opts
    if not context.shares_the_lakes_account:
        provider = account_provider(context.foundation, stack, host, context.organization.accounts["data-lake"])
        in_lake = pulumi.ResourceOptions(provider=provider)
    events = LakeEvents(
        label=context.label,
        bus_name=named("event bus", context.label),
        bus_description="What arrived in the lake",
        rule_description=f"Something arrived that {context.label} copies",
        event_pattern=arrival_pattern(
            [context.lake.zone_buckets[zone] for zone in sorted({dataset.zone for dataset, _ in context.arrivals})],
            sorted({dataset.prefix(part) for dataset, part in context.arrivals}),
        ),
        organization=context.organization,
        lake=context.lake,
        region=context.region,
        key_arn=context.environment.key_arn,
        dead_letter_queue_arn=queue.arn,
    )
    return receive(events, opts, in_lake, bus_resource="bus", rule_resource="arrivals")


def _queue(context: IntakeContext, opts: pulumi.ResourceOptions) -> DeadLetterQueue:
    args = DeadLetterQueueArgs(
        queue_name=f"{context.label}-dead-letters",
        account_id=context.environment.account_id,
        organization_id=context.organization.organization_id,
        region=context.region,
        rules=f"{context.label}-*",
        key_arn=context.environment.key_arn,
    )
    return DeadLetterQueue("dead-letters", args, opts)


def _journal(context: IntakeContext, opts: pulumi.ResourceOptions) -> StepJournal:
    args = StepJournalArgs(
        label=context.label,
        account_id=context.environment.account_id,
        region=context.region,
        key_arn=context.environment.key_arn,
        retention_days=context.settings.log_retention_days,
    )
    return StepJournal("journal", args, opts)


def _role(
    context: IntakeContext, claims: ClaimTable, queue: DeadLetterQueue, opts: pulumi.ResourceOptions
) -> BoundedRole:
    intakes = context.settings.intake.values()
    parts = sorted({intake.part for intake in intakes})
    in_lake = [context.catalog.databases[part] for part in parts]
    linked = [context.database(part) for part in parts]
    if context.waits_for_features:
        in_lake.append(context.catalog.features_database)
        linked.append(context.features_database)
    scope = IntakeScope(
        account_id=context.environment.account_id,
        region=context.region,
        bucket_arn=context.environment.bucket_arn,
        key_arn=context.environment.key_arn,
        workgroup=context.workgroup,
        databases=in_lake if context.shares_the_lakes_account else [*in_lake, *linked],
        use_cases=sorted({intake.use_case for intake in intakes}),
        pipelines=sorted(set(context.pipelines().values())),
        table_arn=claims.arn,
        queue_arn=queue.arn,
    )
    args = BoundedRoleArgs(
        role_name=context.label,
        description=f"Copies out of the lake for {context.settings.stack}",
        trust=service_trust("states", account_id=context.environment.account_id, source_arns=[_machines(context)]),
        permissions=intake_permissions(scope),
        boundary_arn=context.environment.permissions_boundary_arn,
    )
    return BoundedRole("role", args, opts)


def _starter(context: IntakeContext, opts: pulumi.ResourceOptions) -> BoundedRole:
    """Creates the role that EventBridge uses to start the state machines. It allows nothing else."""
    rules = arn_of("events", context.region, context.environment.account_id, "rule/")
    args = BoundedRoleArgs(
        role_name=named("role", context.label, "start"),
        description=f"Starts the intakes of {context.settings.stack}",
        trust=service_trust(
            "events",
            account_id=context.environment.account_id,
            source_arns=[pulumi.Output.concat(rules, bus, context.label, "-*") for bus in ("", f"{context.label}/")],
        ),
        permissions=[
            Statement(sid="StartIntakes", actions=["states:StartExecution"], resources=[_machines(context)]),
        ],
        boundary_arn=context.environment.permissions_boundary_arn,
    )
    return BoundedRole("start-role", args, opts)


def _machines(context: IntakeContext) -> pulumi.Output[str]:
    """Returns the ARN pattern of the state machines. Names avoid a dependency cycle between machine and role."""
    return arn_of("states", context.region, context.environment.account_id, f"stateMachine:{context.label}-*")
