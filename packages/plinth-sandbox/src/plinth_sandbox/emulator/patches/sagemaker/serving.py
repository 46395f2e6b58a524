"""SageMaker endpoints: validation of configurations, states of variants, and updates of endpoints.

The fallback store keeps configurations and endpoints, because moto loses most of their members, knows few instance
types and does not update anything. The patches add what AWS derives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.sagemaker.models import sagemaker_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.record import Record, now

_NAMED: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "EndpointConfig": ("EndpointConfigName", "endpoint-config", "endpoint configuration"),
        "Endpoint": ("EndpointName", "endpoint", "endpoint"),
    }
)
"""Identifying member, resource type in the ARN and name in messages, by noun."""
_VARIANTS = ("ProductionVariants", "ShadowProductionVariants")
_STEPS: Mapping[str, tuple[str, int, int]] = MappingProxyType(
    {"CANARY": ("CanarySize", 1, 50), "LINEAR": ("LinearStepSize", 10, 50)}
)
"""Members for the size of the first traffic shift, with their maximum per cent of the capacity (SageMaker API,
TrafficRoutingConfig)."""
_ROLLING = ("MaximumBatchSize", 5, 50)
_RETAINED = ("DesiredInstanceCount", "CurrentInstanceCount", "DesiredWeight", "CurrentWeight")


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
    _require_models(exchange)
    answer = exchange.below()
    if answer.succeeded:
        kept = _find(exchange, "EndpointConfig").values
        for kind in _VARIANTS:
            if kind in kept:
                kept[kind] = [{"InitialVariantWeight": 1.0, **variant} for variant in kept[kind]]
        if "DataCaptureConfig" in kept:
            kept["DataCaptureConfig"] = {"EnableCapture": True, **kept["DataCaptureConfig"]}
    return answer


def _require_models(exchange: Exchange) -> None:
    call = exchange.call
    known = sagemaker_backends[call.account][call.region]._models
    variants = [variant for kind in _VARIANTS for variant in call.parameters.get(kind) or []]
    for name in (variant["ModelName"] for variant in variants if "ModelName" in variant):
        if name not in known:
            arn = f"arn:aws:sagemaker:{call.region}:{call.account}:model/{name.lower()}"
            raise AwsError("ValidationException", f'Could not find model "{arn}".')


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


def _create_endpoint(exchange: Exchange) -> Answer:
    given, configuration = exchange.call.parameters, _find(exchange, "EndpointConfig")
    _refuse(_faults_of_deployment(given.get("DeploymentConfig") or {}, configuration))
    answer = exchange.below()
    if answer.succeeded:
        _apply_configuration(_find(exchange, "Endpoint"), configuration, given.get("DeploymentConfig"))
    return answer


def _apply_configuration(endpoint: Record, configuration: Record, deployment: Mapping[str, Any] | None) -> None:
    """Sets the endpoint's variants as the configuration requires, without delay."""
    said, stands = configuration.values, endpoint.values
    for member in (*_VARIANTS, "AsyncInferenceConfig", "DataCaptureConfig", "LastDeploymentConfig"):
        stands.pop(member, None)
    stands["EndpointStatus"], stands["EndpointConfigName"] = "InService", said["EndpointConfigName"]
    stands |= {kind: [_summary(variant) for variant in said[kind]] for kind in _VARIANTS if kind in said}
    if "AsyncInferenceConfig" in said:
        stands["AsyncInferenceConfig"] = said["AsyncInferenceConfig"]
    if capture := said.get("DataCaptureConfig"):
        stands["DataCaptureConfig"] = {
            "EnableCapture": capture["EnableCapture"],
            "CaptureStatus": "Started" if capture["EnableCapture"] else "Stopped",
            "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
            "DestinationS3Uri": capture["DestinationS3Uri"],
            "KmsKeyId": capture.get("KmsKeyId", ""),
        }
    if deployment:
        stands["LastDeploymentConfig"] = deployment
    endpoint.changed = now()


def _summary(variant: Mapping[str, Any]) -> dict[str, Any]:
    stands = {"VariantName": variant["VariantName"]}
    for member, asked in (("InstanceCount", "InitialInstanceCount"), ("Weight", "InitialVariantWeight"),
                          ("ServerlessConfig", "ServerlessConfig")):  # fmt: skip
        if asked in variant:
            stands |= {f"Current{member}": variant[asked], f"Desired{member}": variant[asked]}
    return stands | {name: variant[name] for name in ("ManagedInstanceScaling", "RoutingConfig") if name in variant}


def _faults_of_deployment(deployment: Mapping[str, Any], configuration: Record) -> Iterator[str]:
    shift = deployment.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
    rolling = deployment.get("RollingUpdatePolicy")
    if shift and rolling:
        yield "Only one of BlueGreenUpdatePolicy and RollingUpdatePolicy can be given."
    counts = [variant.get("InitialInstanceCount", 1) for variant in configuration.values["ProductionVariants"]]
    if shift.get("Type") in _STEPS:
        yield from _faults_of_step(shift, *_STEPS[shift["Type"]], counts)
    if rolling:
        yield from _faults_of_step(rolling, *_ROLLING, counts)


def _faults_of_step(said: Mapping[str, Any], member: str, least: int, most: int, counts: list[int]) -> Iterator[str]:
    step = said.get(member)
    if step is None:
        yield f"{member} is required."
        return
    shares = [step["Value"]] if step["Type"] == "CAPACITY_PERCENT" else [100 * step["Value"] / n for n in counts]
    if not all(least <= share <= most for share in shares):
        yield f"{member} must be {least} to {most} % of the instances of each variant."


def _update_endpoint(exchange: Exchange) -> Answer:
    given, endpoint = exchange.call.parameters, _find(exchange, "Endpoint")
    configuration = _find(exchange, "EndpointConfig")
    before = {variant["VariantName"]: variant for variant in endpoint.values["ProductionVariants"]}
    deployment = given.get("DeploymentConfig")
    if deployment is None and given.get("RetainDeploymentConfig"):
        deployment = endpoint.values.get("LastDeploymentConfig")
    _refuse(_faults_of_deployment(deployment or {}, configuration))
    _refuse(_faults_of_conversion(before, configuration))
    _apply_configuration(endpoint, configuration, deployment)
    if given.get("RetainAllVariantProperties"):
        excluded = {p["VariantPropertyType"] for p in given.get("ExcludeRetainedVariantProperties") or []}
        _retain(endpoint, before, excluded)
    return exchange.call.reply({"EndpointArn": endpoint.arn})


def _faults_of_conversion(before: Mapping[str, Mapping[str, Any]], configuration: Record) -> Iterator[str]:
    """Yields violations of the rules for conversion to serverless (SageMaker Developer Guide, "Deploy models with
    Amazon SageMaker Serverless Inference")."""
    on_instances = any("CurrentInstanceCount" in variant for variant in before.values())
    if on_instances and any("ServerlessConfig" in variant for variant in configuration.values["ProductionVariants"]):
        yield "An instance-based endpoint cannot be updated to a serverless one."


def _retain(endpoint: Record, before: Mapping[str, Mapping[str, Any]], excluded: set[str]) -> None:
    for variant in endpoint.values["ProductionVariants"]:
        stood = before.get(variant["VariantName"], {})
        kept = [name for name in _RETAINED if name in stood and name.replace("Current", "Desired") not in excluded]
        variant |= {name: stood[name] for name in kept}


def _update_weights(exchange: Exchange) -> Answer:
    endpoint = _find(exchange, "Endpoint")
    variants = {variant["VariantName"]: variant for variant in endpoint.values["ProductionVariants"]}
    for wanted in exchange.call.parameters["DesiredWeightsAndCapacities"]:
        if wanted["VariantName"] not in variants:
            raise AwsError("ValidationException", f"The variant {wanted['VariantName']} does not exist.")
        for member in ("Weight", "InstanceCount"):
            if f"Desired{member}" in wanted:
                stands = {f"{when}{member}": wanted[f"Desired{member}"] for when in ("Current", "Desired")}
                variants[wanted["VariantName"]] |= stands
    return exchange.call.reply({"EndpointArn": endpoint.arn})


PATCHES: Patches = {
    "CreateEndpoint": _create_endpoint,
    "CreateEndpointConfig": _create_configuration,
    **dict.fromkeys(("DeleteEndpoint", "DescribeEndpoint"), _of_endpoint),
    **dict.fromkeys(("DeleteEndpointConfig", "DescribeEndpointConfig"), _of_configuration),
    "UpdateEndpoint": _update_endpoint,
    "UpdateEndpointWeightsAndCapacities": _update_weights,
}
