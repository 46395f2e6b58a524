"""Rules about jobs and pipelines: shut in wherever they are said, and what a pipeline says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.security.inputs.pipelines import PIPELINE, Step, definition, role_of_pipelines, steps, texts
from policies.security.inputs.readers import Properties, Unknown, lacks
from policies.security.inputs.sagemaker_job import (
    Job,
    encrypts_between_instances,
    ends_by_itself,
    is_isolated,
    keeps_data_under_keys_of_ours,
    runs_in_the_network,
)
from policies.security.inputs.stack import Stack
from policies.security.inputs.subject import Subject, Surroundings
from policies.security.rule import Judgement, Relation, Rule, Verdict, first, for_each, refuse
from policies.security.rules.identity.stack_identities import strangers
from policies.security.rules.sagemaker.images import TRAINING_JOB
from settings.types.kinds import ENVIRONMENTS
from settings.types.redaction import holds_credential

TUNING_JOB = ("aws:sagemaker/hyperParameterTuningJob:HyperParameterTuningJob",)
PROCESSING_JOB = ("aws-native:sagemaker:ProcessingJob",)

MOST_CHARACTERS = 1_048_576
"""Of a definition (SageMaker API, CreatePipeline)."""
_PROCESSING = ("ClarifyCheck", "Processing", "QualityCheck")
"""Steps that process: the SageMaker SDK has processing jobs check quality and bias as well."""
_OF_TUNING = "hyperParameterTuningResourceConfig"
_ROLE = role_of_pipelines(*ENVIRONMENTS)

_ARN = re.compile(r"arn:aws[\w-]*:(?P<service>[^:\s]*):[^:\s]*:(?P<account>\d{12}):(?P<resource>[^:/\s]*)")
_QUEUE = re.compile(r"\bsqs\.[a-z0-9-]+\.amazonaws\.com/(?P<account>\d{12})/")
_BUCKET = re.compile(
    r"(?:s3://|:s3:::)(?P<named>[a-z0-9.-]{0,63}?(?<!\d)(?P<account>\d{12})(?!\d))"
    r"|\b(?P<namespaced>[a-z0-9-]{1,63}?-(?P<owner>\d{12})-[a-z0-9-]{1,20}-an)\b"
)
"""A bucket that says whose it is: by an address, or by a name in an account's own namespace."""
_OPEN_SERVICES = ("ecr", "glue", "kms")
_OPEN_RESOURCES = (
    ("s3", "accesspoint"),
    ("sagemaker", "feature-group"),
    ("sagemaker", "model-package"),
    ("sagemaker", "model-package-group"),
)
"""What the registry and the lake let environments use, each by policies of its own, which ST-06 binds to the
organization."""


def training_job_is_shut_in(subject: Subject) -> Verdict:
    return _trains(subject.properties)


def tuning_job_is_shut_in(subject: Subject) -> Verdict:
    return _tunes(subject.properties)


def processing_job_is_confined(subject: Subject) -> Verdict:
    return _is_confined(_processing(subject.properties))


def pipeline_starts_what_is_shut_in(subject: Subject) -> Verdict:
    return first(_in_step(step, _started(step)) for step in steps(subject))


def _in_step(step: Step, verdict: Verdict) -> Verdict:
    return verdict and f"has a step at {step.place} that {verdict}"


def _started(step: Step) -> Verdict:
    if step.type == "Training":
        return _trains(step.arguments, is_step=True)
    if step.type == "Tuning":
        return _tunes(step.arguments, is_step=True)
    if step.type in _PROCESSING:
        return _is_confined(_processing(step.arguments, is_step=True))
    return _transforms(step.arguments) if step.type == "Transform" else None


def _trains(said: Properties, *, resources: str = "resourceConfig", is_step: bool = False) -> Verdict:
    if said.flag("remoteDebugConfig", "enableRemoteDebug") is True:
        return refuse("opens its containers to Systems Manager", fix="leave remote debugging off")
    job = Job(said=said, cluster=(resources,), output="outputDataConfig", network=(), is_step=is_step)
    return is_isolated(job) or _is_confined(job)


def _tunes(said: Properties, *, is_step: bool = False) -> Verdict:
    """By what it trains, once or in several ways."""
    trained = [*said.blocks("trainingJobDefinition"), *said.blocks("trainingJobDefinitions")]
    return first(
        _trains(one, resources="resourceConfig" if lacks(one.value(_OF_TUNING)) else _OF_TUNING, is_step=is_step)
        for one in trained
    )


def _transforms(said: Properties) -> Verdict:
    """In the network and the isolation of its model, which is judged itself."""
    return keeps_data_under_keys_of_ours(
        Job(said=said, cluster=("transformResources",), output="transformOutput", is_step=True)
    )


def _is_confined(job: Job) -> Verdict:
    return (
        runs_in_the_network(job)
        or encrypts_between_instances(job)
        or keeps_data_under_keys_of_ours(job)
        or ends_by_itself(job)
    )


def _processing(said: Properties, *, is_step: bool = False) -> Job:
    cluster = ("processingResources", "clusterConfig")
    return Job(said=said, cluster=cluster, output="processingOutputConfig", is_step=is_step)


def are_isolated_if_they_can(stack: Stack) -> Iterator[Judgement]:
    """Processing that asks Athena or Feature Store calls AWS itself, as SCP-09 lets it."""
    for job in stack.of(PROCESSING_JOB):
        yield job, is_isolated(_processing(job.properties))
    for pipeline in stack.of(PIPELINE):
        processing = [step for step in steps(pipeline) if step.type in _PROCESSING]
        yield pipeline, first(_in_step(step, is_isolated(_processing(step.arguments))) for step in processing)


def says_what_it_does(subject: Subject) -> Verdict:
    """In a definition that rules can read, one in a bucket being anybody's to change."""
    text = subject.properties.text("pipelineDefinition")
    if isinstance(text, Unknown):
        return None
    if not text:
        return refuse("is defined where no rule reads it", fix="give the definition itself, as pipelineDefinition")
    if len(text) > MOST_CHARACTERS:
        return refuse("has a definition that is too long", fix=f"keep it to {MOST_CHARACTERS:,} characters")
    if definition(subject) is None:
        return refuse("has a definition that is no JSON", fix="write the definition as the SageMaker SDK does")
    return None


def keeps_to_its_role_and_accounts(subject: Subject) -> Verdict:
    role = subject.properties.text("roleArn")
    if not isinstance(role, Unknown) and not _ROLE.fullmatch(role or ""):
        return refuse("runs in a role that is no pipeline's", fix="name the pipeline role of its use case")
    said = [*texts(definition(subject)), *texts(role)]
    if any(map(holds_credential, said)):
        return refuse("carries a credential", fix="take it out, withdraw it, and give the role what it needs")
    if strangers({account for text in said for account in _reached(text, subject)}, subject):
        return refuse(
            "reaches into an account that may be anybody's",
            fix="use what the own account has, and of others what the registry and the lake share",
        )
    return None


def _reached(text: str, subject: Subject) -> Iterator[str]:
    """The accounts that a text names, but for what is shared; images SM-11 judges."""
    for arn in _ARN.finditer(text):
        if arn["service"] not in _OPEN_SERVICES and (arn["service"], arn["resource"]) not in _OPEN_RESOURCES:
            yield arn["account"]
    for queue in _QUEUE.finditer(text):
        yield queue["account"]
    for bucket in _BUCKET.finditer(text):
        name = bucket["named"] or bucket["namespaced"]
        if not name.startswith(_open_buckets(subject.surroundings)):
            yield bucket["account"] or bucket["owner"]


def _open_buckets(around: Surroundings) -> tuple[str, ...]:
    """How the names begin of buckets that the registry and the lake let work in environments use."""
    return tuple(start for start in (around.artifacts, around.lake) if start)


def pipeline_is_sound(subject: Subject) -> Verdict:
    return says_what_it_does(subject) or keeps_to_its_role_and_accounts(subject)


RULES = (
    Rule(
        id="SM-21",
        title="Jobs are shut in, also those that pipelines start",
        severity="high",
        sources=("prowler sagemaker_training_jobs_*", "condition key sagemaker:EnableRemoteDebug"),
        remedy="Give training, tuning and processing subnets and a security group, the environment's key for volumes "
        "and results, and a longest runtime; encrypt traffic where there may be several instances; isolate training "
        "and tuning, and leave remote debugging off. Isolation is advice for processing, which may ask Athena or "
        "Feature Store itself. A batch transform keeps data under keys. In a pipeline's definition what a parameter "
        "gives is not judged, but a number of instances that a parameter gives may be any.",
        judges=for_each(TRAINING_JOB, training_job_is_shut_in)
        | for_each(TUNING_JOB, tuning_job_is_shut_in)
        | for_each(PROCESSING_JOB, processing_job_is_confined)
        | for_each(PIPELINE, pipeline_starts_what_is_shut_in),
        relations=(Relation((*PROCESSING_JOB, *PIPELINE), are_isolated_if_they_can, advises=True),),
        exceptions={"experimentation": "advisory"},
    ),
    Rule(
        id="SM-22",
        title="A pipeline says what it does, runs in its own role, and keeps to known accounts",
        severity="high",
        sources=("SageMaker API, CreatePipeline", "MLSEC03-BP01"),
        remedy=f"Give the definition itself, as JSON of at most {MOST_CHARACTERS:,} characters, and the use case's "
        "pipeline role. Leave credentials out. Of accounts, the own one and those that the settings name by id are "
        "known; in any other it may use what the registry and the lake share (model packages, images, features, "
        "tables, keys, access points, and buckets of their names), whose own policies admit the organization alone.",
        judges=for_each(PIPELINE, pipeline_is_sound),
    ),
)
