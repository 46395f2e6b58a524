"""What an environment copies out of the lake, and what Glue does for its pipelines: a state machine for each."""

from __future__ import annotations

import pulumi

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.integration.arrival_bus import ArrivalBus, ArrivalBusArgs
from components.integration.arrival_rule import ArrivalRule, ArrivalRuleArgs
from components.integration.claim_table import ClaimTable, ClaimTableArgs
from components.integration.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.integration.intake import Intake, IntakeArgs
from components.integration.intake_permissions import IntakeScope, intake_permissions
from components.integration.step_journal import StepJournal, StepJournalArgs
from settings.derived.foundation import Foundation
from settings.derived.outputs import IntakeOutputs
from settings.derived.sharing import columns_read
from settings.derived.stack_graph import StackIdentity
from settings.types.naming import named
from stacks.intake.context import IntakePlace, pipeline_name
from stacks.intake.glue_steps import Shared, do_steps
from stacks.shared.exports import export
from stacks.shared.providers import account_provider


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Everything lands in the environment's account, but for what tells it of arrivals, which is the lake's. The team's
    data is granted to the role that is made here."""
    place = IntakePlace.of(stack, foundation)
    opts = pulumi.ResourceOptions(provider=account_provider(foundation, stack, place.account, place.account_id))
    claims = ClaimTable("claims", ClaimTableArgs(table_name=place.label, key_arn=place.key_arn), opts)
    queue = _queue(place, opts)
    journal = _journal(place, opts)
    copying = _copy(place, claims, queue, journal, stack, opts) if place.settings.intake else None
    shared = Shared(place=place, claims=claims, queue=queue, journal=journal, opts=opts)
    export(
        IntakeOutputs,
        state_machines={} if copying is None else copying[1],
        queues=do_steps(shared),
        role_arn=None if copying is None else copying[0].arn,
        claims_table=claims.table_name,
        dead_letter_queue_url=queue.url,
    )


def _copy(
    place: IntakePlace,
    claims: ClaimTable,
    queue: DeadLetterQueue,
    journal: StepJournal,
    stack: StackIdentity,
    opts: pulumi.ResourceOptions,
) -> tuple[BoundedRole, dict[str, pulumi.Output[str]]]:
    """The role of all intakes, and the state machine of each."""
    foundation = place.foundation
    role, starter = _role(place, claims, queue, opts), _starter(place, opts)
    bus = _arrivals(place, queue, stack, opts) if place.arrivals else None
    machines = {
        name: Intake(
            name,
            IntakeArgs(
                label=named("state machine", place.label, name),
                intake=intake,
                dataset=foundation.datasets[intake.dataset],
                columns=intake.columns or columns_read(foundation.datasets[intake.dataset], place.settings.environment),
                workgroup=place.workgroup,
                pipeline=pipeline_name(place.settings.team, intake),
                table=claims.table_name,
                queue_url=queue.url,
                queue_arn=queue.arn,
                bucket_name=place.bucket_name,
                database=place.database(intake.part),
                role_arn=role.arn,
                start_role_arn=starter.arn,
                key_arn=place.key_arn,
                journal_arn=journal.destination_arn,
                bus_name=None if bus is None else bus.bus_name,
                zone_bucket=place.zone_bucket(foundation.datasets[intake.dataset].zone),
            ),
            opts,
        ).state_machine_arn
        for name, intake in place.settings.intake.items()
    }
    return role, machines


def _arrivals(
    place: IntakePlace, queue: DeadLetterQueue, stack: StackIdentity, opts: pulumi.ResourceOptions
) -> ArrivalBus:
    """Both sides of the way from the lake: a rule that sends in its account, and here the bus that takes it."""
    host = place.foundation.account_of("data-lake")
    in_lake = opts
    if not place.shares_the_lakes_account:
        provider = account_provider(place.foundation, stack, host, place.lake_account_id)
        in_lake = pulumi.ResourceOptions(provider=provider)
    sender = named("role", place.label, "tell")
    args = ArrivalBusArgs(
        bus_name=named("event bus", place.label),
        sender_account_id=place.lake_account_id,
        sender_role=sender,
        organization_id=place.organization_id,
        key_arn=place.key_arn,
        dead_letter_queue_arn=queue.arn,
    )
    bus = ArrivalBus("bus", args, opts)
    untold = DeadLetterQueueArgs(
        queue_name=f"{place.label}-untold",
        account_id=place.lake_account_id,
        organization_id=place.organization_id,
        region=place.region,
        rules=f"{place.label}-*",
        key_arn=place.lake.apply(lambda outputs: outputs.key_arn),
    )
    rule = ArrivalRuleArgs(
        label=place.label,
        role_name=sender,
        account_id=place.lake_account_id,
        organization_id=place.organization_id,
        bucket_names=[place.zone_bucket(zone) for zone in sorted({dataset.zone for dataset, _ in place.arrivals})],
        prefixes=sorted({dataset.prefix(part) for dataset, part in place.arrivals}),
        bus_arn=bus.arn,
        dead_letter_queue_arn=DeadLetterQueue("untold", untold, in_lake).arn,
        boundary_arn=place.lake.apply(lambda outputs: outputs.permissions_boundary_arn),
    )
    ArrivalRule("arrivals", rule, in_lake)
    return bus


def _queue(place: IntakePlace, opts: pulumi.ResourceOptions) -> DeadLetterQueue:
    args = DeadLetterQueueArgs(
        queue_name=f"{place.label}-dead-letters",
        account_id=place.account_id,
        organization_id=place.organization_id,
        region=place.region,
        rules=f"{place.label}-*",
        key_arn=place.key_arn,
    )
    return DeadLetterQueue("dead-letters", args, opts)


def _journal(place: IntakePlace, opts: pulumi.ResourceOptions) -> StepJournal:
    args = StepJournalArgs(
        label=place.label,
        account_id=place.account_id,
        region=place.region,
        key_arn=place.key_arn,
        retention_days=place.settings.log_retention_days,
    )
    return StepJournal("journal", args, opts)


def _role(place: IntakePlace, claims: ClaimTable, queue: DeadLetterQueue, opts: pulumi.ResourceOptions) -> BoundedRole:
    intakes = place.settings.intake.values()
    parts = sorted({intake.part for intake in intakes})
    scope = IntakeScope(
        account_id=place.account_id,
        region=place.region,
        bucket_arn=place.bucket_arn,
        key_arn=place.key_arn,
        workgroup=place.workgroup,
        databases=[
            *(place.database_of_the_lake(part) for part in parts),
            *(() if place.shares_the_lakes_account else map(place.database, parts)),
        ],
        use_cases=sorted({intake.use_case for intake in intakes}),
        pipelines=sorted(set(place.pipelines().values())),
        table_arn=claims.arn,
        queue_arn=queue.arn,
    )
    args = BoundedRoleArgs(
        role_name=place.label,
        description=f"Copies out of the lake for {place.settings.stack}",
        trust=service_trust("states", account_id=place.account_id, source_arns=[_machines(place)]),
        permissions=intake_permissions(scope),
        boundary_arn=place.boundary_arn,
    )
    return BoundedRole("role", args, opts)


def _starter(place: IntakePlace, opts: pulumi.ResourceOptions) -> BoundedRole:
    """In whose name EventBridge starts the state machines, and does nothing else."""
    rules = pulumi.Output.concat(f"arn:aws:events:{place.region}:", place.account_id, ":rule/")
    args = BoundedRoleArgs(
        role_name=named("role", place.label, "start"),
        description=f"Starts the intakes of {place.settings.stack}",
        trust=service_trust(
            "events",
            account_id=place.account_id,
            source_arns=[pulumi.Output.concat(rules, bus, place.label, "-*") for bus in ("", f"{place.label}/")],
        ),
        permissions=[
            Statement(sid="StartIntakes", actions=["states:StartExecution"], resources=[_machines(place)]),
        ],
        boundary_arn=place.boundary_arn,
    )
    return BoundedRole("start-role", args, opts)


def _machines(place: IntakePlace) -> pulumi.Output[str]:
    """By name, so that a state machine and its role need not wait for each other."""
    return pulumi.Output.concat(f"arn:aws:states:{place.region}:", place.account_id, f":stateMachine:{place.label}-*")
