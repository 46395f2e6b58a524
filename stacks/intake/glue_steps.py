"""Pipeline steps that run as Glue jobs. They are part of the stack of an environment's intakes."""

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
from settings.derived.sharing import readers_of
from settings.rules.partial_config import stack_file
from settings.types.aws.bucket_names import team_bucket_name
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS, named
from stacks.data_lake.lake_formation import role_arn
from stacks.dataset.etl import script_text
from stacks.intake.context import IntakeContext


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedResources:
    """Resources that Glue steps share with intakes."""

    context: IntakeContext
    claims: ClaimTable
    queue: DeadLetterQueue
    journal: StepJournal
    opts: pulumi.ResourceOptions


def create_glue_steps(shared: SharedResources) -> Mapping[str, pulumi.Output[str]]:
    """Creates the Glue steps. Returns the URL of each step's queue, by step.

    Raises: ScriptMissing, before any resource of the steps is registered.
    """
    context, steps = shared.context, shared.context.settings.glue_steps
    key = f"{stack_file(context.settings.stack)}: plinth:environment.glue_steps"
    texts = {name: script_text(step.script, f"{key}.{name}.script") for name, step in steps.items()}
    if not texts:
        return {}
    scope = EtlScope(
        account_id=context.environment.account_id,
        region=context.region,
        key_arn=context.environment.key_arn,
        source_arns=[],
        sources=[],
    )
    runtime = _runtime(shared)
    scripts = _scripts(shared)
    machines, pipes = _machine_role(shared, scope), _pipe_role(shared, scope)
    return {
        name: GlueCallback(
            name,
            GlueCallbackArgs(
                label=_label(context, name),
                step=step,
                script=texts[name],
                account_id=context.environment.account_id,
                organization_id=context.organization.organization_id,
                queue_name=_queue_name(context, name, step),
                sender_arn=role_arn(
                    context.environment.account_id,
                    f"{context.settings.team}--{step.use_case}-{_short(context)}-pipeline",
                ),
                dead_letter_queue_url=shared.queue.url,
                dead_letter_queue_arn=shared.queue.arn,
                table=shared.claims.table_name,
                bucket_name=context.environment.bucket_name,
                script_bucket=scripts.bucket_name,
                tables=_tables(context, step),
                job_role_name=named("role", context.settings.stack, job_role_suffix(name)),
                job_permissions=_job_permissions(context, scope, scripts, name, step),
                machine_role_arn=machines.arn,
                pipe_role_arn=pipes.arn,
                key_arn=context.environment.key_arn,
                journal_arn=shared.journal.destination_arn,
                security_configuration=runtime.security_configuration,
                connections=runtime.connections,
                boundary_arn=context.environment.permissions_boundary_arn,
            ),
            shared.opts,
        ).queue_url
        for name, step in steps.items()
    }


def _runtime(shared: SharedResources) -> GlueRuntime:
    context = shared.context
    args = GlueRuntimeArgs(
        label=context.label,
        key_arn=context.environment.key_arn,
        subnet_ids=context.environment.private_subnet_ids.first(context.settings.zones),
        security_group_id=context.environment.workload_security_group_id,
    )
    return GlueRuntime("glue", args, shared.opts)


def _scripts(shared: SharedResources) -> PrivateBucket:
    """Creates the bucket of the scripts. It is deleted with the stack, because the repository has the originals."""
    context = shared.context
    team, environment, region = context.settings.team, context.settings.environment, context.region
    name = context.environment.account_id.apply(
        lambda known: team_bucket_name(team, environment, "scripts", account_id=known, region=region)
    )
    args = PrivateBucketArgs(
        bucket_name=name,
        key_arn=context.environment.key_arn,
        organization_id=context.organization.organization_id,
        log_bucket_name=context.environment.access_log_bucket_name,
        noncurrent_retention_days=context.settings.noncurrent_retention_days,
        durable=False,
    )
    return PrivateBucket("scripts", args, shared.opts)


def _machine_role(shared: SharedResources, scope: EtlScope) -> BoundedRole:
    context = shared.context
    permissions = machine_permissions(
        scope,
        jobs=[_label(context, name) for name in sorted(context.settings.glue_steps)],
        use_cases=sorted(
            {f"{context.settings.team}--{step.use_case}" for step in context.settings.glue_steps.values()}
        ),
        table_arn=shared.claims.arn,
        queue_arn=shared.queue.arn,
    )
    args = BoundedRoleArgs(
        role_name=named("role", context.settings.stack, STATE_MACHINE_ROLE_SUFFIX),
        description=f"Has Glue do steps of pipelines in {context.settings.stack}",
        trust=service_trust(
            "states",
            account_id=context.environment.account_id,
            source_arns=[scope.arn("states", f"stateMachine:{context.label}-*")],
        ),
        permissions=permissions,
        boundary_arn=context.environment.permissions_boundary_arn,
    )
    return BoundedRole("steps-role", args, shared.opts)


def _pipe_role(shared: SharedResources, scope: EtlScope) -> BoundedRole:
    context = shared.context
    steps = sorted(context.settings.glue_steps.items())
    permissions = pipe_permissions(
        queue_arns=[scope.arn("sqs", _queue_name(context, name, step)) for name, step in steps],
        machine_arns=[scope.arn("states", f"stateMachine:{_label(context, name)}") for name, _ in steps],
        key_arn=context.environment.key_arn,
    )
    args = BoundedRoleArgs(
        role_name=named("role", context.label, "pipes"),
        description=f"Starts steps of pipelines in {context.settings.stack}",
        trust=service_trust(
            "pipes",
            account_id=context.environment.account_id,
            source_arns=[scope.arn("pipes", f"pipe/{context.label}-*")],
        ),
        permissions=permissions,
        boundary_arn=context.environment.permissions_boundary_arn,
    )
    return BoundedRole("pipes-role", args, shared.opts)


def _job_permissions(
    context: IntakeContext, scope: EtlScope, scripts: PrivateBucket, name: str, step: GlueStep
) -> list[Statement]:
    return job_permissions(
        scope,
        label=context.label,
        use_case=step.use_case,
        bucket_arn=context.environment.bucket_arn,
        script_arn=pulumi.Output.concat(scripts.arn, f"/{name}/*"),
        tables=[arn for dataset, part in _parts_read(context, step) for arn in _table_arns(context, dataset, part)],
    )


def _parts_read(context: IntakeContext, step: GlueStep) -> list[tuple[Dataset, Part]]:
    """Returns the dataset parts that the step reads in this environment."""
    team, environment = context.settings.team, context.settings.environment
    datasets = [context.foundation.datasets[name] for name in step.datasets]
    return [
        (dataset, part)
        for dataset in datasets
        for part in dataset.parts
        if environment in readers_of(dataset, part, team)
    ]


def _tables(context: IntakeContext, step: GlueStep) -> list[pulumi.Output[str]]:
    return [
        pulumi.Output.concat(context.database(part), f".{dataset.table}")
        for dataset, part in _parts_read(context, step)
    ]


def _table_arns(context: IntakeContext, dataset: Dataset, part: Part) -> list[pulumi.Output[str]]:
    """Returns the ARNs of a part's database and table in the lake and of the resource links to them."""
    names: list[pulumi.Input[str]] = [context.catalog.databases[part]]
    if not context.shares_the_lakes_account:
        names.append(context.database(part))
    start = f"arn:aws:glue:{context.region}:*:"
    return [
        pulumi.Output.concat(start, kind, name, below)
        for name in names
        for kind, below in (("database/", ""), ("table/", f"/{dataset.table}"))
    ]


def _label(context: IntakeContext, name: str) -> str:
    return named("state machine", context.label, name)


def _short(context: IntakeContext) -> str:
    return ENVIRONMENT_ABBREVIATIONS[context.settings.environment]


def _queue_name(context: IntakeContext, name: str, step: GlueStep) -> str:
    return queue_name(context.settings.team, step.use_case, context.settings.environment, name)
