"""Steps of pipelines that Glue does, in the stack of what an environment copies out of the lake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.data_lake.etl.etl_permissions import EtlScope
from components.data_lake.etl.glue_runtime import GlueRuntime, GlueRuntimeArgs
from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.integration.claim_table import ClaimTable
from components.integration.dead_letter_queue import DeadLetterQueue
from components.integration.glue_callback import GlueCallback, GlueCallbackArgs
from components.integration.glue_callback_permissions import job_permissions, machine_permissions, pipe_permissions
from components.integration.step_journal import StepJournal
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from settings.data.dataset import Dataset
from settings.data.glue_step import STATE_MACHINE_ROLE_SUFFIX, GlueStep, job_role_suffix, queue_name
from settings.data.lake import Part
from settings.derived.partial_config import stack_file
from settings.derived.sharing import readers_of
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS, bucket_name, named
from stacks.data_lake.lake_formation import role_arn
from stacks.dataset.making import text_of
from stacks.intake.context import IntakePlace


@dataclass(frozen=True, kw_only=True, slots=True)
class Shared:
    """What steps share with intakes."""

    place: IntakePlace
    claims: ClaimTable
    queue: DeadLetterQueue
    journal: StepJournal
    opts: pulumi.ResourceOptions


def do_steps(shared: Shared) -> Mapping[str, pulumi.Output[str]]:
    """The queue of each step.

    Raises: ScriptMissing, before anything of the steps is registered.
    """
    place, steps = shared.place, shared.place.settings.glue_steps
    said = f"{stack_file(place.settings.stack)}: plinth:environment.glue_steps"
    texts = {name: text_of(step.script, f"{said}.{name}.script") for name, step in steps.items()}
    if not texts:
        return {}
    scope = EtlScope(
        account_id=place.account_id, region=place.region, key_arn=place.key_arn, source_arns=[], sources=[]
    )
    runtime = _runtime(shared)
    scripts = _scripts(shared)
    machines, pipes = _machine_role(shared, scope), _pipe_role(shared, scope)
    return {
        name: GlueCallback(
            name,
            GlueCallbackArgs(
                label=_label(place, name),
                step=step,
                script=texts[name],
                account_id=place.account_id,
                organization_id=place.organization_id,
                queue_name=_queue_name(place, name, step),
                sender_arn=role_arn(
                    place.account_id, f"{place.settings.team}--{step.use_case}-{_short(place)}-pipeline"
                ),
                dead_letter_queue_url=shared.queue.url,
                dead_letter_queue_arn=shared.queue.arn,
                table=shared.claims.table_name,
                bucket_name=place.bucket_name,
                script_bucket=scripts.bucket_name,
                tables=_tables(place, step),
                job_role_name=named("role", place.settings.stack, job_role_suffix(name)),
                job_permissions=_job_permissions(place, scope, scripts, name, step),
                machine_role_arn=machines.arn,
                pipe_role_arn=pipes.arn,
                key_arn=place.key_arn,
                journal_arn=shared.journal.destination_arn,
                security_configuration=runtime.security_configuration,
                connections=runtime.connections,
                boundary_arn=place.boundary_arn,
            ),
            shared.opts,
        ).queue_url
        for name, step in steps.items()
    }


def _runtime(shared: Shared) -> GlueRuntime:
    place = shared.place
    args = GlueRuntimeArgs(
        label=place.label,
        key_arn=place.key_arn,
        subnet_ids=[_subnet(place, zone) for zone in range(place.settings.zones)],
        security_group_id=place.environment.apply(lambda outputs: outputs.workload_security_group_id),
    )
    return GlueRuntime("glue", args, shared.opts)


def _subnet(place: IntakePlace, zone: int) -> pulumi.Output[str]:
    return place.environment.apply(lambda outputs: outputs.private_subnet_ids[zone])


def _scripts(shared: Shared) -> PrivateBucket:
    """Scripts are in the repository; what is here goes with the stack."""
    place = shared.place
    name = place.account_id.apply(
        lambda known: bucket_name(place.settings.team, _short(place), "scripts", account_id=known, region=place.region)
    )
    args = PrivateBucketArgs(
        bucket_name=name,
        key_arn=place.key_arn,
        organization_id=place.organization_id,
        log_bucket_name=place.environment.apply(lambda outputs: outputs.access_log_bucket_name),
        noncurrent_retention_days=place.settings.noncurrent_retention_days,
        durable=False,
    )
    return PrivateBucket("scripts", args, shared.opts)


def _machine_role(shared: Shared, scope: EtlScope) -> BoundedRole:
    place = shared.place
    permissions = machine_permissions(
        scope,
        jobs=[_label(place, name) for name in sorted(place.settings.glue_steps)],
        use_cases=sorted({f"{place.settings.team}--{step.use_case}" for step in place.settings.glue_steps.values()}),
        table_arn=shared.claims.arn,
        queue_arn=shared.queue.arn,
    )
    args = BoundedRoleArgs(
        role_name=named("role", place.settings.stack, STATE_MACHINE_ROLE_SUFFIX),
        description=f"Has Glue do steps of pipelines in {place.settings.stack}",
        trust=service_trust(
            "states", account_id=place.account_id, source_arns=[scope.arn("states", f"stateMachine:{place.label}-*")]
        ),
        permissions=permissions,
        boundary_arn=place.boundary_arn,
    )
    return BoundedRole("steps-role", args, shared.opts)


def _pipe_role(shared: Shared, scope: EtlScope) -> BoundedRole:
    place = shared.place
    steps = sorted(place.settings.glue_steps.items())
    permissions = pipe_permissions(
        queue_arns=[scope.arn("sqs", _queue_name(place, name, step)) for name, step in steps],
        machine_arns=[scope.arn("states", f"stateMachine:{_label(place, name)}") for name, _ in steps],
        key_arn=place.key_arn,
    )
    args = BoundedRoleArgs(
        role_name=named("role", place.label, "pipes"),
        description=f"Starts steps of pipelines in {place.settings.stack}",
        trust=service_trust(
            "pipes", account_id=place.account_id, source_arns=[scope.arn("pipes", f"pipe/{place.label}-*")]
        ),
        permissions=permissions,
        boundary_arn=place.boundary_arn,
    )
    return BoundedRole("pipes-role", args, shared.opts)


def _job_permissions(
    place: IntakePlace, scope: EtlScope, scripts: PrivateBucket, name: str, step: GlueStep
) -> list[Statement]:
    return job_permissions(
        scope,
        label=place.label,
        use_case=step.use_case,
        bucket_arn=place.bucket_arn,
        script_arn=pulumi.Output.concat(scripts.arn, f"/{name}/*"),
        tables=[arn for dataset, part in _read(place, step) for arn in _arns(place, dataset, part)],
    )


def _read(place: IntakePlace, step: GlueStep) -> list[tuple[Dataset, Part]]:
    """The parts of its datasets that are read in the environment."""
    team, environment = place.settings.team, place.settings.environment
    datasets = [place.foundation.datasets[name] for name in step.datasets]
    return [
        (dataset, part)
        for dataset in datasets
        for part in dataset.parts
        if environment in readers_of(dataset, part, team)
    ]


def _tables(place: IntakePlace, step: GlueStep) -> list[pulumi.Output[str]]:
    return [pulumi.Output.concat(place.database(part), f".{dataset.table}") for dataset, part in _read(place, step)]


def _arns(place: IntakePlace, dataset: Dataset, part: Part) -> list[pulumi.Output[str]]:
    """The environment's link, and what it links to."""
    names: list[pulumi.Input[str]] = [place.database_of_the_lake(part)]
    if not place.shares_the_lakes_account:
        names.append(place.database(part))
    start = f"arn:aws:glue:{place.region}:*:"
    return [
        pulumi.Output.concat(start, kind, name, below)
        for name in names
        for kind, below in (("database/", ""), ("table/", f"/{dataset.table}"))
    ]


def _label(place: IntakePlace, name: str) -> str:
    return named("state machine", place.label, name)


def _short(place: IntakePlace) -> str:
    return ENVIRONMENT_ABBREVIATIONS[place.settings.environment]


def _queue_name(place: IntakePlace, name: str, step: GlueStep) -> str:
    return queue_name(place.settings.team, step.use_case, place.settings.environment, name)
