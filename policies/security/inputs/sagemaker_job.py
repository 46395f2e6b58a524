"""Checks of SageMaker jobs: training, processing and monitoring.

Resources and pipeline steps describe a job with the same members (SageMaker API, CreateTrainingJob,
CreateProcessingJob, CreateDataQualityJobDefinition), at different paths.
"""

from __future__ import annotations

from dataclasses import dataclass

from policies.evaluation.readers import UNKNOWN, Properties, is_missing, is_not_customer_managed
from policies.evaluation.rule import Violation, violation
from settings.types.instance_families import has_local_storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The properties of a job, and the paths of the members that the checks read."""

    properties: Properties
    cluster: tuple[str, ...]
    """Path of the instance configuration, which includes the key of the volumes."""
    output: str
    """Property with the output configuration."""
    network: tuple[str, ...] = ("networkConfig",)
    """Path of the network configuration."""
    end: str = "stoppingCondition"
    is_step: bool = False
    """Whether the job is a pipeline step, whose unknown values are parameters that are only set at the pipeline's
    start."""


def runs_in_the_vpc(job: Job) -> Violation | None:
    for part in ("subnets", "securityGroupIds"):
        if is_missing(job.properties.value(*job.network, "vpcConfig", part)):
            return violation("runs outside the VPC", fix="name subnets and a security group of the VPC")
    return None


def is_isolated(job: Job) -> Violation | None:
    """Requires network isolation. SageMaker itself transfers the input and output of an isolated container."""
    if job.properties.flag(*job.network, "enableNetworkIsolation") in (True, UNKNOWN):
        return None
    return violation("does not isolate its containers from the network", fix="enable network isolation")


def encrypts_between_containers(job: Job) -> Violation | None:
    if job.properties.flag(*job.network, "enableInterContainerTrafficEncryption") in (True, UNKNOWN):
        return None
    return violation("does not encrypt traffic between containers", fix="enable inter-container traffic encryption")


def encrypts_between_instances(job: Job) -> Violation | None:
    return encrypts_between_containers(job) if _may_be_several(job) else None


def _may_be_several(job: Job) -> bool:
    counts = _instance_values(job, "instanceCount")
    return job.is_step if UNKNOWN in counts else counts != [1]


def _instance_values(job: Job, what: str) -> list[object]:
    """Returns a member of the instance configuration, or of each instance group."""
    groups = job.properties.blocks(*job.cluster, "instanceGroups")
    more = [UNKNOWN] if job.properties.may_have_more(*job.cluster, "instanceGroups") else []
    values = (job.properties.value(*job.cluster, what), *(group.value(what) for group in groups), *more)
    return [value for value in values if value is not None]


def uses_customer_managed_keys(job: Job) -> Violation | None:
    key = job.properties.value(*job.cluster, "volumeKmsKeyId")
    if is_not_customer_managed(key) and not _may_have_local_storage(job):
        return violation("has volumes without a customer managed key", fix="set the environment's key for its volumes")
    if not is_missing(job.properties.value(job.output)) and is_not_customer_managed(
        job.properties.value(job.output, "kmsKeyId")
    ):
        return violation(
            "writes results without a customer managed key", fix="set the environment's key for its output"
        )
    return None


def _may_have_local_storage(job: Job) -> bool:
    """Whether all instances may have local storage, for which SageMaker accepts no volume key (SageMaker Python SDK,
    instance_supports_kms)."""
    instance_types = _instance_values(job, "instanceType")
    if UNKNOWN in instance_types:
        return not job.is_step
    return bool(instance_types) and all(has_local_storage(str(machine)) for machine in instance_types)


def has_a_maximum_runtime(job: Job) -> Violation | None:
    if job.properties.may_have_more(job.end):
        return None
    if any(not is_missing(condition.value("maxRuntimeInSeconds")) for condition in job.properties.blocks(job.end)):
        return None
    return violation("has no maximum runtime", fix="set maxRuntimeInSeconds")
