"""Quotas of SageMaker: domains, and instances of jobs and endpoints by their type.

AWS has a quota for each type and use. The sandbox knows a few of them. Types with accelerators that it does not know
are refused, because new accounts have none. Other types are not limited. Source: AWS General Reference, "Amazon
SageMaker AI endpoints and quotas", and the text of ``ResourceLimitExceeded`` (read 2026-11-26).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.quotas.increases import value_of
from plinth_sandbox.emulator.quotas.limits import Limit
from plinth_sandbox.emulator.quotas.table import BY_NAME
from plinth_sandbox.emulator.store.record import Place, Record

_ACCELERATED = re.compile(r"ml\.(g|p|trn|dl|inf)[0-9]")
"""Beginnings of types with GPUs or other accelerators (EC2 User Guide, "Instance type naming conventions")."""
_USES: Mapping[str, tuple[str, str]] = {
    "TrainingJob": ("ResourceConfig", "training job usage"),
    "ProcessingJob": ("ProcessingResources", "processing job usage"),
    "TransformJob": ("TransformResources", "transform job usage"),
}
"""Member of the request that names the instances, and use as quotas name it, by noun of the job."""
_ENDPOINT = "endpoint usage"


def _refuse_beyond(wanted: Counter[str], used: Counter[str], use: str, call: Call, memory: Memory) -> None:
    for type_, count in wanted.items():
        quota = BY_NAME.get(("sagemaker", f"{type_} for {use}"))
        if quota is None and not _ACCELERATED.match(type_):
            continue
        most = 0 if quota is None else value_of(memory, call.account, call.region, quota)
        if used[type_] + count > most:
            raise _exceeded(f"{type_} for {use}", most, used[type_], count, "Instances")


def _exceeded(quota: str, most: int, used: int, wanted: int, unit: str) -> AwsError:
    return AwsError(
        "ResourceLimitExceeded",
        f"The account-level service limit '{quota}' is {most} {unit}, with current utilization of {used} {unit} and a "
        f"request delta of {wanted} {unit}. Please use AWS Service Quotas to request an increase for this quota. If "
        "AWS Service Quotas is not available, contact AWS support to request an increase for this quota.",
    )


def _job(noun: str) -> Limit:
    member, use = _USES[noun]

    def check(call: Call, memory: Memory) -> None:
        running = [
            record for record in _records(call, memory, noun) if record.values.get(f"{noun}Status") == "InProgress"
        ]
        _refuse_beyond(
            _of_job(call.parameters[member]),
            sum((_of_job(record.values[member]) for record in running), Counter()),
            use,
            call,
            memory,
        )

    return check


def _of_job(resources: Mapping[str, Any]) -> Counter[str]:
    cluster = resources.get("ClusterConfig", resources)
    return Counter({str(cluster.get("InstanceType")): int(cluster.get("InstanceCount", 1))})


def _endpoint(call: Call, memory: Memory) -> None:
    present = _records(call, memory, "Endpoint")
    others = [record for record in present if record.values["EndpointName"] != call.parameters["EndpointName"]]
    _refuse_beyond(
        _of_configuration(str(call.parameters["EndpointConfigName"]), call, memory),
        sum(
            (_of_configuration(str(record.values["EndpointConfigName"]), call, memory) for record in others), Counter()
        ),
        _ENDPOINT,
        call,
        memory,
    )


def _of_configuration(name: str, call: Call, memory: Memory) -> Counter[str]:
    """Returns the instances of an endpoint by type. Serverless variants have none."""
    place = Place(call.account, call.region, "sagemaker")
    found = memory.store.find(place, "EndpointConfig", {"EndpointConfigName": name})
    variants: Iterable[Mapping[str, Any]] = () if found is None else found.values.get("ProductionVariants", ())
    counted: Counter[str] = Counter()
    for variant in variants:
        if "InstanceType" in variant:
            counted[str(variant["InstanceType"])] += int(variant.get("InitialInstanceCount", 1))
    return counted


def _domains(call: Call, memory: Memory) -> None:
    most = value_of(memory, call.account, call.region, BY_NAME["sagemaker", "Total domains"])
    present = len(_records(call, memory, "Domain"))
    if present >= most:
        raise _exceeded("Total domains", most, present, 1, "Domains")


def _records(call: Call, memory: Memory, noun: str) -> list[Record]:
    return memory.store.records(Place(call.account, call.region, "sagemaker"), noun)


LIMITS: Mapping[tuple[str, str], Limit] = {
    ("sagemaker", "CreateDomain"): _domains,
    ("sagemaker", "CreateEndpoint"): _endpoint,
    **{("sagemaker", f"Create{noun}"): _job(noun) for noun in _USES},
}
