"""Rules about what watches models: its jobs are shut in, under keys of ours, and end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.security.inputs.readers import Properties, Unknown, lacks
from policies.security.inputs.sagemaker_job import (
    Job,
    encrypts_between_containers,
    ends_by_itself,
    is_isolated,
    keeps_data_under_keys_of_ours,
    runs_in_the_network,
)
from policies.security.inputs.stack import Stack
from policies.security.inputs.subject import Subject
from policies.security.rule import Judgement, Relation, Rule, Verdict, for_each, refuse

SCHEDULE = ("aws:sagemaker/monitoringSchedule:MonitoringSchedule",)
DEFINITION: Mapping[str, str] = {
    "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition": "dataQualityJobOutputConfig",
    "aws-native:sagemaker:ModelBiasJobDefinition": "modelBiasJobOutputConfig",
    "aws-native:sagemaker:ModelExplainabilityJobDefinition": "modelExplainabilityJobOutputConfig",
    "aws-native:sagemaker:ModelQualityJobDefinition": "modelQualityJobOutputConfig",
}
"""Where each type of definition says where its jobs leave what they find."""

_CONFIGURATION = "monitoringScheduleConfig"
_INLINE = (_CONFIGURATION, "monitoringJobDefinition")
_NAMED = (_CONFIGURATION, "monitoringJobDefinitionName")
_NAMES = ("name", "jobDefinitionName")


def is_shut_in(subject: Subject) -> Verdict:
    job = _job(subject)
    return None if job is None else is_isolated(job) or encrypts_between_containers(job)


def is_in_the_network_under_our_keys_and_ends(subject: Subject) -> Verdict:
    job = _job(subject)
    if job is None:
        return None
    return runs_in_the_network(job) or keeps_data_under_keys_of_ours(job) or ends_by_itself(job)


def _job(subject: Subject) -> Job | None:
    """None where a schedule names a definition, which is judged itself."""
    properties = subject.properties
    if subject.type in DEFINITION:
        return Job(said=properties, cluster=("jobResources", "clusterConfig"), output=DEFINITION[subject.type])
    inline = properties.value(*_INLINE)
    if isinstance(inline, Unknown) or not lacks(properties.value(*_NAMED)):
        return None
    return Job(
        said=Properties(inline if isinstance(inline, dict) else {}),
        cluster=("monitoringResources", "clusterConfig"),
        output="monitoringOutputConfig",
        end="stoppingConditions",
    )


def run_definitions_of_their_stack(stack: Stack) -> Iterator[Judgement]:
    """What is made elsewhere, no rule has judged."""
    made = {definition.properties.value(key) for definition in stack.of(DEFINITION) for key in _NAMES}
    for schedule in stack.of(SCHEDULE):
        named = schedule.properties.text(*_NAMED)
        if isinstance(named, str) and named not in made:
            yield (
                schedule,
                refuse("runs a definition of elsewhere", fix="make the definition in the stack that runs it"),
            )


RULES = (
    Rule(
        id="SM-19",
        title="Jobs that watch models are shut in",
        severity="high",
        sources=(
            "FSBP SageMaker.9 to .15",
            "FSBP SageMaker.20",
            "FSBP SageMaker.22",
            "FSBP SageMaker.25",
            "CKV_AWS_369",
        ),
        remedy="Turn network isolation and encryption between containers on, in definitions and where a schedule says "
        "what it runs itself. A schedule that names a definition names one of its own stack.",
        judges=for_each((*DEFINITION, *SCHEDULE), is_shut_in),
        relations=(Relation((*DEFINITION, *SCHEDULE), run_definitions_of_their_stack),),
    ),
    Rule(
        id="SM-20",
        title="Jobs that watch models run in the network, under keys of ours, and end",
        severity="medium",
        sources=("CKV_AWS_367", "CKV_AWS_368", "condition keys sagemaker:OutputKmsKey, MaxRuntimeInSeconds"),
        remedy="Name subnets and a security group, the environment's key for volumes and for what is found, and the "
        "longest runtime.",
        judges=for_each((*DEFINITION, *SCHEDULE), is_in_the_network_under_our_keys_and_ends),
    ),
)
