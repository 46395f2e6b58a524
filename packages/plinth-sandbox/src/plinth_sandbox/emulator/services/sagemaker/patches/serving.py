"""Configurations of SageMaker endpoints: validation and defaults.

The fallback store keeps configurations and endpoints, because moto loses most of their members and knows few instance
types. Executors create and update endpoints.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPES

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.record import Record

_NAMED: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "EndpointConfig": ("EndpointConfigName", "endpoint-config", "endpoint configuration"),
        "Endpoint": ("EndpointName", "endpoint", "endpoint"),
    }
)
"""Identifying member, resource type in the ARN and name in messages, by noun."""
_VARIANTS = ("ProductionVariants", "ShadowProductionVariants")


def _find(exchange: Exchange, noun: str) -> Record:
    member, kind, called = _NAMED[noun]
    call, name = exchange.call, exchange.call.parameters[member]
    record = exchange.kept(noun, {member: name})
    if record is None:
        arn = f"arn:aws:sagemaker:{call.region}:{call.account}:{kind}/{name}"
        raise AwsError("ValidationException", f'Could not find {called} "{arn}".')
    return record


def _of_configuration(exchange: Exchange) -> Answer:
    _find(exchange, "EndpointConfig")
    return exchange.below()


def _of_endpoint(exchange: Exchange) -> Answer:
    _find(exchange, "Endpoint")
    return exchange.below()


def _create_configuration(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    _refuse(_faults(given))
    answer = exchange.below()
    if answer.succeeded:
        kept = _find(exchange, "EndpointConfig").values
        for kind in _VARIANTS:
            if kind in kept:
                kept[kind] = [{"InitialVariantWeight": 1.0, **variant} for variant in kept[kind]]
        if "DataCaptureConfig" in kept:
            kept["DataCaptureConfig"] = {"EnableCapture": True, **kept["DataCaptureConfig"]}
    return answer


def _refuse(faults: Iterator[str]) -> None:
    if fault := next(faults, None):
        raise AwsError("ValidationException", fault)


def _faults(given: Mapping[str, Any]) -> Iterator[str]:
    serving, shadows = (given.get(kind) or [] for kind in _VARIANTS)
    names = [variant["VariantName"] for variant in (*serving, *shadows)]
    if len(set(names)) < len(names):
        yield "Variant names must be unique within an endpoint configuration."
    if shadows and (len(serving), len(shadows)) != (1, 1):
        yield "A shadow variant takes exactly one production variant and one shadow variant."
    if given.get("KmsKeyId") and any(map(_has_local_storage, (*serving, *shadows))):
        yield "KMS key is not supported for NVMe instance storage."
    if any("InstanceType" not in variant and not variant.get("ServerlessConfig") for variant in serving):
        yield "Each production variant needs an instance type or a serverless configuration."
    if any("ModelName" not in variant for variant in serving) and "ExecutionRoleArn" not in given:
        yield "Variants for inference components need an execution role."


def _has_local_storage(variant: Mapping[str, Any]) -> bool:
    described = INSTANCE_TYPES.get(str(variant.get("InstanceType")).removeprefix("ml."), {})
    return bool(described.get("InstanceStorageSupported"))


PATCHES: Patches = {
    "CreateEndpointConfig": _create_configuration,
    "DescribeEndpoint": _of_endpoint,
    **dict.fromkeys(("DeleteEndpointConfig", "DescribeEndpointConfig"), _of_configuration),
}
