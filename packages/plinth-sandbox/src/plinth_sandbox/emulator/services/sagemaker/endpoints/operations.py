"""The API of endpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.sagemaker.endpoints import deployments, fleets, models
from plinth_sandbox.emulator.services.sagemaker.endpoints.describing import show
from plinth_sandbox.emulator.services.sagemaker.endpoints.endpoint import Endpoint, Fleet, endpoints
from plinth_sandbox.emulator.services.sagemaker.endpoints.policy import (
    refuse,
    unusual_changes_of_scaled_variants,
    unusual_conversions,
    unusual_deployments,
)
from plinth_sandbox.emulator.store.record import Place, Record

BUSY = ("Creating", "Updating", "RollingBack")
_RETAINED = {"DesiredInstanceCount": "instances", "DesiredWeight": "weight"}
"""Attribute of a variant by the property that an update can exclude from those that it retains."""


def _create(exchange: Exchange, runtime: Runtime) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    configuration = _configuration(call, runtime)
    deployment = given.get("DeploymentConfig") or {}
    refuse(unusual_deployments(deployment, configuration.values))
    place = Place(call.account, call.region, "sagemaker")
    known = endpoints(runtime.memory, place)
    if given["EndpointName"] in known:
        arn = known[given["EndpointName"]].record.arn
        raise AwsError("ValidationException", f'Cannot create already existing endpoint "{arn}".')
    answer = exchange.below()
    if answer.succeeded:
        record = exchange.kept("Endpoint", {"EndpointName": given["EndpointName"]})
        assert record is not None
        record.values.pop("DeploymentConfig", None)
        endpoint = Endpoint(record)
        try:
            deployments.begin(endpoint, fleets.made(endpoint, configuration.values), deployment, runtime)
        except Exception:
            runtime.memory.store.remove(record)
            raise
        known[endpoint.name] = endpoint
    return answer


def _delete(exchange: Exchange, runtime: Runtime) -> Answer:
    endpoint = _endpoint(exchange.call, runtime)
    _require_idle(endpoint)
    answer = exchange.below()
    if answer.succeeded:
        del endpoints(runtime.memory, endpoint.record.place)[endpoint.name]
        deployments.end(endpoint, runtime)
        show(endpoint, "Deleting")
    return answer


def _update(exchange: Exchange, runtime: Runtime) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    endpoint, configuration = _endpoint(call, runtime), _configuration(call, runtime)
    _require_idle(endpoint)
    if endpoint.fleet is None:
        raise AwsError("ValidationException", f'Cannot update endpoint "{endpoint.record.arn}" in status Failed.')
    # SageMaker needs the old configuration too (DeleteEndpointConfig: "must not delete ... in use").
    _find_configuration(str(endpoint.fleet.configuration["EndpointConfigName"]), call, runtime)
    deployment = given.get("DeploymentConfig")
    if deployment is None and given.get("RetainDeploymentConfig"):
        deployment = endpoint.record.values.get("LastDeploymentConfig")
    refuse(unusual_deployments(deployment or {}, configuration.values))
    refuse(unusual_conversions(endpoint.fleet.serving, configuration.values))
    scaled = _scaled(call, str(given["EndpointName"]))
    refuse(unusual_changes_of_scaled_variants(endpoint.fleet.serving, configuration.values, scaled))
    fleet = fleets.made(endpoint, configuration.values)
    if given.get("RetainAllVariantProperties"):
        excluded = {
            property_["VariantPropertyType"] for property_ in given.get("ExcludeRetainedVariantProperties") or []
        }
        _retain(endpoint.fleet, fleet, excluded)
    deployments.begin(endpoint, fleet, deployment or {}, runtime)
    return call.reply({"EndpointArn": endpoint.record.arn})


def _scaled(call: Call, endpoint: str) -> set[str]:
    """Returns the names of the variants that Application Auto Scaling scales."""
    from moto.applicationautoscaling.models import applicationautoscaling_backends

    targets = applicationautoscaling_backends[call.account][call.region].targets
    start = f"endpoint/{endpoint}/variant/"
    names = targets.get("sagemaker:variant:DesiredInstanceCount", {})
    return {str(name).removeprefix(start) for name in names if str(name).startswith(start)}


def _retain(old: Fleet, new: Fleet, excluded: set[str]) -> None:
    """Gives the variants of a new fleet the instances and weights that those of the old one have now."""
    before = {variant.name: variant for variant in old.variants}
    for variant in new.variants:
        for member, attribute in _RETAINED.items():
            if variant.name in before and member not in excluded:
                setattr(variant, attribute, getattr(before[variant.name], attribute))


def _update_weights(exchange: Exchange, runtime: Runtime) -> Answer:
    """Sets weights and numbers of instances at once, because the process of a variant stays the same."""
    endpoint = _endpoint(exchange.call, runtime)
    _require_idle(endpoint)
    wanted: list[Mapping[str, Any]] = exchange.call.parameters["DesiredWeightsAndCapacities"]
    variants = {variant.name: variant for variant in (endpoint.fleet.serving if endpoint.fleet else [])}
    for desired in wanted:
        if desired["VariantName"] not in variants:
            raise AwsError("ValidationException", f"The variant {desired['VariantName']} does not exist.")
    show(endpoint, "Updating")
    for desired in wanted:
        variant = variants[desired["VariantName"]]
        variant.weight = float(desired.get("DesiredWeight", variant.weight))
        variant.instances = desired.get("DesiredInstanceCount", variant.instances)
    show(endpoint, "InService")
    return exchange.call.reply({"EndpointArn": endpoint.record.arn})


def _configuration(call: Call, runtime: Runtime) -> Record:
    return _find_configuration(str(call.parameters["EndpointConfigName"]), call, runtime)


def _find_configuration(name: str, call: Call, runtime: Runtime) -> Record:
    place = Place(call.account, call.region, "sagemaker")
    record = runtime.memory.store.find(place, "EndpointConfig", {"EndpointConfigName": name})
    if record is None:
        arn = f"arn:aws:sagemaker:{call.region}:{call.account}:endpoint-config/{name}"
        raise AwsError("ValidationException", f'Could not find endpoint configuration "{arn}".')
    return record


def _endpoint(call: Call, runtime: Runtime) -> Endpoint:
    name, place = str(call.parameters["EndpointName"]), Place(call.account, call.region, "sagemaker")
    found = endpoints(runtime.memory, place).get(name)
    if found is None:
        arn = f"arn:aws:sagemaker:{call.region}:{call.account}:endpoint/{name}"
        raise AwsError("ValidationException", f'Could not find endpoint "{arn}".')
    return found


def _require_idle(endpoint: Endpoint) -> None:
    if endpoint.status in BUSY:
        raise AwsError("ValidationException", f'Cannot update in-progress endpoint "{endpoint.record.arn}".')


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    **models.OPERATIONS,
    "CreateEndpoint": _create,
    "DeleteEndpoint": _delete,
    "UpdateEndpoint": _update,
    "UpdateEndpointWeightsAndCapacities": _update_weights,
}
