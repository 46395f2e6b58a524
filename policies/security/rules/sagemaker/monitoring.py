"""Rules about model monitoring: its jobs are isolated, encrypted and limited in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.evaluation.readers import Properties, Unknown, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, for_each, violation
from policies.evaluation.stack import Stack
from policies.security.inputs.sagemaker_job import (
    Job,
    encrypts_between_containers,
    has_a_maximum_runtime,
    is_isolated,
    runs_in_the_vpc,
    uses_customer_managed_keys,
)

SCHEDULE = ("aws:sagemaker/monitoringSchedule:MonitoringSchedule",)
DEFINITION: Mapping[str, str] = {
    "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition": "dataQualityJobOutputConfig",
    "aws-native:sagemaker:ModelBiasJobDefinition": "modelBiasJobOutputConfig",
    "aws-native:sagemaker:ModelExplainabilityJobDefinition": "modelExplainabilityJobOutputConfig",
    "aws-native:sagemaker:ModelQualityJobDefinition": "modelQualityJobOutputConfig",
}
"""Property with the output configuration, by type of job definition."""

_CONFIGURATION = "monitoringScheduleConfig"
_INLINE = (_CONFIGURATION, "monitoringJobDefinition")
_NAMED = (_CONFIGURATION, "monitoringJobDefinitionName")
_NAMES = ("name", "jobDefinitionName")


def monitoring_is_isolated(resource: Resource) -> Violation | None:
    job = _job(resource)
    return None if job is None else is_isolated(job) or encrypts_between_containers(job)


def monitoring_is_confined(resource: Resource) -> Violation | None:
    job = _job(resource)
    if job is None:
        return None
    return runs_in_the_vpc(job) or uses_customer_managed_keys(job) or has_a_maximum_runtime(job)


def _job(resource: Resource) -> Job | None:
    """Returns the monitoring job, or None if a schedule names a definition, which is checked separately."""
    properties = resource.properties
    if resource.type in DEFINITION:
        return Job(properties=properties, cluster=("jobResources", "clusterConfig"), output=DEFINITION[resource.type])
    inline = properties.value(*_INLINE)
    if isinstance(inline, Unknown) or not is_missing(properties.value(*_NAMED)):
        return None
    return Job(
        properties=Properties(inline if isinstance(inline, dict) else {}),
        cluster=("monitoringResources", "clusterConfig"),
        output="monitoringOutputConfig",
        end="stoppingConditions",
    )


def definitions_belong_to_the_stack(stack: Stack) -> Iterator[CheckResult]:
    """Checks that schedules name job definitions of their own stack, because no rule checks others."""
    made = {definition.properties.value(key) for definition in stack.of(DEFINITION) for key in _NAMES}
    for schedule in stack.of(SCHEDULE):
        named = schedule.properties.text(*_NAMED)
        if isinstance(named, str) and named not in made:
            yield (
                schedule,
                violation(
                    "runs a job definition of another stack", fix="create the definition in the schedule's stack"
                ),
            )


RULES = (
    Rule(
        id="SM-19",
        title="Monitoring jobs are isolated",
        severity="high",
        sources=(
            "FSBP SageMaker.9 to .15",
            "FSBP SageMaker.20",
            "FSBP SageMaker.22",
            "FSBP SageMaker.25",
            "CKV_AWS_369",
        ),
        remedy="Enable network isolation and encryption between containers, in job definitions and in schedules with "
        "an inline definition. A schedule may only name a definition of its own stack.",
        checks=for_each((*DEFINITION, *SCHEDULE), monitoring_is_isolated),
        stack_checks=(StackCheck((*DEFINITION, *SCHEDULE), definitions_belong_to_the_stack),),
    ),
    Rule(
        id="SM-20",
        title="Monitoring jobs run in the VPC, use customer managed keys and are limited in time",
        severity="medium",
        sources=("CKV_AWS_367", "CKV_AWS_368", "condition keys sagemaker:OutputKmsKey, MaxRuntimeInSeconds"),
        remedy="Set subnets and a security group, the environment's key for volumes and results, and a maximum "
        "runtime.",
        checks=for_each((*DEFINITION, *SCHEDULE), monitoring_is_confined),
    ),
)
