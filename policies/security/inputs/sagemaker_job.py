"""A job of SageMaker, as whoever starts it says what it is: it trains, processes or watches.

Resources and steps of pipelines say the same in the same members (SageMaker API, CreateTrainingJob,
CreateProcessingJob, CreateDataQualityJobDefinition), which have different names around them.
"""

from __future__ import annotations

from dataclasses import dataclass

from policies.security.inputs.readers import UNKNOWN, Properties, is_no_key_of_ours, lacks
from policies.security.rule import Verdict, refuse
from settings.types.instance_families import has_local_storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is said of a job, and where."""

    said: Properties
    cluster: tuple[str, ...]
    """The path to its instances, and to the key of their volumes."""
    output: str
    """What says where it leaves its results."""
    network: tuple[str, ...] = ("networkConfig",)
    """The path to the network that it runs in."""
    end: str = "stoppingCondition"
    is_step: bool = False
    """Whether what is unknown of it stays so: whoever starts a pipeline gives its parameters."""


def runs_in_the_network(job: Job) -> Verdict:
    for part in ("subnets", "securityGroupIds"):
        if lacks(job.said.value(*job.network, "vpcConfig", part)):
            return refuse("runs outside the network", fix="name subnets and a security group of the VPC")
    return None


def is_isolated(job: Job) -> Verdict:
    """SageMaker itself brings what an isolated container reads, and takes what it leaves."""
    if job.said.flag(*job.network, "enableNetworkIsolation") in (True, UNKNOWN):
        return None
    return refuse("lets its containers call whom they like", fix="turn network isolation on")


def encrypts_between_containers(job: Job) -> Verdict:
    if job.said.flag(*job.network, "enableInterContainerTrafficEncryption") in (True, UNKNOWN):
        return None
    return refuse("sends data from container to container in the open", fix="turn encryption of that traffic on")


def encrypts_between_instances(job: Job) -> Verdict:
    return encrypts_between_containers(job) if _may_be_several(job) else None


def _may_be_several(job: Job) -> bool:
    counts = _of_instances(job, "instanceCount")
    return job.is_step if UNKNOWN in counts else counts != [1]


def _of_instances(job: Job, what: str) -> list[object]:
    """What is said of the instances, or of each group of them."""
    groups = job.said.blocks(*job.cluster, "instanceGroups")
    more = [UNKNOWN] if job.said.may_hold_more(*job.cluster, "instanceGroups") else []
    return [said for said in (job.said.value(*job.cluster, what), *(g.value(what) for g in groups), *more)
            if said is not None]  # fmt: skip


def keeps_data_under_keys_of_ours(job: Job) -> Verdict:
    key = job.said.value(*job.cluster, "volumeKmsKeyId")
    if is_no_key_of_ours(key) and not _may_have_local_storage(job):
        return refuse("works on volumes without a key of ours", fix="name the environment's key for its volumes")
    if not lacks(job.said.value(job.output)) and is_no_key_of_ours(job.said.value(job.output, "kmsKeyId")):
        return refuse("leaves results without a key of ours", fix="name the environment's key for its output")
    return None


def _may_have_local_storage(job: Job) -> bool:
    """SageMaker takes no key for volumes where all instances have disks of their own, and uses one where any has not
    (SageMaker Python SDK, instance_supports_kms)."""
    machines = _of_instances(job, "instanceType")
    if UNKNOWN in machines:
        return not job.is_step
    return bool(machines) and all(has_local_storage(str(machine)) for machine in machines)


def ends_by_itself(job: Job) -> Verdict:
    if job.said.may_hold_more(job.end):
        return None
    if any(not lacks(condition.value("maxRuntimeInSeconds")) for condition in job.said.blocks(job.end)):
        return None
    return refuse("runs as long as SageMaker lets it", fix="set its longest runtime in seconds")
