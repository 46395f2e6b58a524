"""Rules about jobs and pipelines: jobs are confined, also those that pipelines start, and definitions are readable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from policies.evaluation.readers import Properties, Unknown, is_missing
from policies.evaluation.resource import Resource, StackContext
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, first, for_each, violation
from policies.evaluation.stack import Stack
from policies.security.inputs.pipelines import PIPELINE, Step, definition, role_of_pipelines, steps, texts, waiting
from policies.security.inputs.sagemaker_job import (
    Job,
    encrypts_between_instances,
    has_a_maximum_runtime,
    is_isolated,
    runs_in_the_vpc,
    uses_customer_managed_keys,
)
from policies.security.rules.identity.stack_identities import unknown_accounts
from policies.security.rules.sagemaker.images import TRAINING_JOB
from settings.types.kinds import ENVIRONMENTS
from settings.types.redaction import holds_credential

TUNING_JOB = ("aws:sagemaker/hyperParameterTuningJob:HyperParameterTuningJob",)
PROCESSING_JOB = ("aws-native:sagemaker:ProcessingJob",)

MOST_CHARACTERS = 1_048_576
"""Longest pipeline definition (SageMaker API, CreatePipeline)."""
MOST_VARIABLES = 100
"""Most entries of a container's environment (SageMaker API: CreateTrainingJob, CreateProcessingJob)."""
FEWER_VARIABLES = {"Transform": 16, "Tuning": 48}
"""Most entries in other types of steps (SageMaker API: CreateTransformJob, CreateHyperParameterTuningJob)."""
_PROCESSING = ("ClarifyCheck", "Processing", "QualityCheck")
"""Step types that run processing jobs. The SageMaker SDK uses them for quality and bias checks too."""
_TUNING_RESOURCES = "hyperParameterTuningResourceConfig"
_ROLE = role_of_pipelines(*ENVIRONMENTS)

_ARN = re.compile(r"arn:aws[\w-]*:(?P<service>[^:\s]*):[^:\s]*:(?P<account>\d{12}):(?P<resource>[^:/\s]*)")
_QUEUE = re.compile(r"\bsqs\.[a-z0-9-]+\.amazonaws\.com/(?P<account>\d{12})/")
_BUCKET = re.compile(
    r"(?:s3://|:s3:::)(?P<named>[a-z0-9.-]{0,63}?(?<!\d)(?P<account>\d{12})(?!\d))"
    r"|\b(?P<namespaced>[a-z0-9-]{1,63}?-(?P<owner>\d{12})-[a-z0-9-]{1,20}-an)\b"
)
"""A bucket whose URI or name contains its account."""
_SHARED_SERVICES = ("ecr", "glue", "kms")
_SHARED_RESOURCES = (
    ("s3", "accesspoint"),
    ("sagemaker", "feature-group"),
    ("sagemaker", "model-package"),
    ("sagemaker", "model-package-group"),
)
"""Resource types that the registry and the lake share with environments. Their resource policies admit only the
organization (ST-06)."""


def training_job_is_confined(resource: Resource) -> Violation | None:
    return _check_training(resource.properties)


def tuning_job_is_confined(resource: Resource) -> Violation | None:
    return _check_tuning(resource.properties)


def processing_job_is_confined(resource: Resource) -> Violation | None:
    return _is_confined(_processing(resource.properties))


def pipeline_steps_are_confined(resource: Resource) -> Violation | None:
    return first(_in_step(step, _check_step(step)) for step in steps(resource))


def _in_step(step: Step, verdict: Violation | None) -> Violation | None:
    return verdict and f"has a step at {step.pointer} that {verdict}"


def _check_step(step: Step) -> Violation | None:
    if step.type == "Training":
        return _check_training(step.arguments, is_step=True)
    if step.type == "Tuning":
        return _check_tuning(step.arguments, is_step=True)
    if step.type in _PROCESSING:
        return _is_confined(_processing(step.arguments, is_step=True))
    return _check_transform(step.arguments) if step.type == "Transform" else None


def _check_training(
    properties: Properties, *, resources: str = "resourceConfig", is_step: bool = False
) -> Violation | None:
    if properties.flag("remoteDebugConfig", "enableRemoteDebug") is True:
        return violation("opens its containers to Systems Manager", fix="leave remote debugging off")
    job = Job(properties=properties, cluster=(resources,), output="outputDataConfig", network=(), is_step=is_step)
    return is_isolated(job) or _is_confined(job)


def _check_tuning(properties: Properties, *, is_step: bool = False) -> Violation | None:
    """Checks a tuning job by its training job definitions."""
    trained = [*properties.blocks("trainingJobDefinition"), *properties.blocks("trainingJobDefinitions")]
    return first(
        _check_training(
            block,
            resources="resourceConfig" if is_missing(block.value(_TUNING_RESOURCES)) else _TUNING_RESOURCES,
            is_step=is_step,
        )
        for block in trained
    )


def _check_transform(properties: Properties) -> Violation | None:
    """Checks the encryption of a batch transform. Its network and isolation are those of its model, which is checked
    separately."""
    return uses_customer_managed_keys(
        Job(properties=properties, cluster=("transformResources",), output="transformOutput", is_step=True)
    )


def _is_confined(job: Job) -> Violation | None:
    return (
        runs_in_the_vpc(job)
        or encrypts_between_instances(job)
        or uses_customer_managed_keys(job)
        or has_a_maximum_runtime(job)
    )


def _processing(properties: Properties, *, is_step: bool = False) -> Job:
    cluster = ("processingResources", "clusterConfig")
    return Job(properties=properties, cluster=cluster, output="processingOutputConfig", is_step=is_step)


def advises_isolation_of_processing(stack: Stack) -> Iterator[CheckResult]:
    """Advises network isolation for processing. A job that queries Athena or Feature Store cannot be isolated, which
    SCP-09 allows."""
    for job in stack.of(PROCESSING_JOB):
        yield job, is_isolated(_processing(job.properties))
    for pipeline in stack.of(PIPELINE):
        processing = [step for step in steps(pipeline) if step.type in _PROCESSING]
        yield pipeline, first(_in_step(step, is_isolated(_processing(step.arguments))) for step in processing)


def has_a_readable_definition(resource: Resource) -> Violation | None:
    """Requires an inline definition. A definition in a bucket can change without a review, and rules cannot read it."""
    text = resource.properties.text("pipelineDefinition")
    if isinstance(text, Unknown):
        return None
    if not text:
        return violation("has no inline definition", fix="set pipelineDefinition")
    if len(text) > MOST_CHARACTERS:
        return violation("has a definition that is too long", fix=f"shorten it to {MOST_CHARACTERS:,} characters")
    if definition(resource) is None:
        return violation("has a definition that is not JSON", fix="generate the definition with the SageMaker SDK")
    return None


def steps_can_start(resource: Resource) -> Violation | None:
    """Requires what SageMaker requires of steps. It refuses the pipeline, or the run ends at the step."""
    found = steps(resource)
    return _has_no_cycle(resource, found) or first(_in_step(step, _has_few_variables(step)) for step in found)


def _has_no_cycle(resource: Resource, found: list[Step]) -> Violation | None:
    places = {step.name: step.pointer for step in found}
    try:
        TopologicalSorter(waiting(resource)).prepare()
    except CycleError as error:
        place = places.get(error.args[1][0], "/Steps")
        return violation(f"has a step at {place} that waits for itself", fix="remove a dependency of the cycle")
    return None


def _has_few_variables(step: Step) -> Violation | None:
    most = FEWER_VARIABLES.get(step.type, MOST_VARIABLES)
    definitions = (step.arguments.blocks(name) for name in ("trainingJobDefinition", "trainingJobDefinitions"))
    given = (
        properties.value("environment")
        for properties in [step.arguments, *(block for found in definitions for block in found)]
    )
    if any(len(variables) > most for variables in given if isinstance(variables, Mapping)):
        return violation(f"has more than {most} variables", fix="pass the others in a file of an input")
    return None


def uses_its_role_and_known_accounts(resource: Resource) -> Violation | None:
    role = resource.properties.text("roleArn")
    if not isinstance(role, Unknown) and not _ROLE.fullmatch(role or ""):
        return violation("does not run with a pipeline role", fix="set roleArn to the pipeline role of its use case")
    found = [*texts(definition(resource)), *texts(role)]
    if any(map(holds_credential, found)):
        return violation("contains a credential", fix="remove and revoke it, and grant the role what it needs")
    if unknown_accounts({account for text in found for account in _accounts_in(text, resource)}, resource):
        return violation(
            "uses resources of an unknown account",
            fix="use resources of the own account, or what the registry and the lake share",
        )
    return None


def _accounts_in(text: str, resource: Resource) -> Iterator[str]:
    """Yields the accounts that a text names, except in shared resources. SM-11 checks images."""
    for arn in _ARN.finditer(text):
        if arn["service"] not in _SHARED_SERVICES and (arn["service"], arn["resource"]) not in _SHARED_RESOURCES:
            yield arn["account"]
    for queue in _QUEUE.finditer(text):
        yield queue["account"]
    for bucket in _BUCKET.finditer(text):
        name = bucket["named"] or bucket["namespaced"]
        if not name.startswith(_shared_buckets(resource.context)):
            yield bucket["account"] or bucket["owner"]


def _shared_buckets(context: StackContext) -> tuple[str, ...]:
    """Returns the name prefixes of buckets that the registry and the lake share with environments."""
    return tuple(start for start in (context.artifacts, context.lake) if start)


def pipeline_is_sound(resource: Resource) -> Violation | None:
    return (
        has_a_readable_definition(resource) or steps_can_start(resource) or uses_its_role_and_known_accounts(resource)
    )


RULES = (
    Rule(
        id="SM-21",
        title="Jobs are confined to the VPC, encrypted and limited in time, also in pipelines",
        severity="high",
        sources=("prowler sagemaker_training_jobs_*", "condition key sagemaker:EnableRemoteDebug"),
        remedy="Give training, tuning and processing jobs subnets and a security group, the environment's key for "
        "volumes and results, and a maximum runtime. Encrypt traffic between containers if there may be several "
        "instances. Isolate training and tuning, and disable remote debugging. Isolation is only advised for "
        "processing, which may query Athena or Feature Store. A batch transform encrypts its data. In a pipeline "
        "definition, values from parameters are not checked, and an instance count from a parameter counts as several.",
        checks=for_each(TRAINING_JOB, training_job_is_confined)
        | for_each(TUNING_JOB, tuning_job_is_confined)
        | for_each(PROCESSING_JOB, processing_job_is_confined)
        | for_each(PIPELINE, pipeline_steps_are_confined),
        stack_checks=(StackCheck((*PROCESSING_JOB, *PIPELINE), advises_isolation_of_processing, is_advisory=True),),
        exceptions={"experimentation": "advisory"},
    ),
    Rule(
        id="SM-22",
        title="Pipelines have an inline definition, run with a pipeline role, and use known accounts",
        severity="high",
        sources=("SageMaker API, CreatePipeline", "MLSEC03-BP01"),
        remedy=f"Set pipelineDefinition to JSON of at most {MOST_CHARACTERS:,} characters, and roleArn to the use "
        f"case's pipeline role. No step waits for itself, and a container has at most {MOST_VARIABLES} variables, "
        f"{FEWER_VARIABLES['Tuning']} in a tuning step and {FEWER_VARIABLES['Transform']} in a transform step. "
        "Leave credentials out. Known accounts are the own one and those that the settings name by id. In other "
        "accounts a pipeline may use what the registry and the lake share: model packages, images, features, tables, "
        "keys, access points, and their buckets. Their resource policies admit only the organization.",
        checks=for_each(PIPELINE, pipeline_is_sound),
    ),
)
