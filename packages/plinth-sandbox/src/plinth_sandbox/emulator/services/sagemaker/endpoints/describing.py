"""Description of an endpoint in the answer of DescribeEndpoint, and the events about it.

Sources: SageMaker API, DescribeEndpoint; SageMaker Developer Guide, "Events that Amazon SageMaker AI sends to Amazon
EventBridge" (read 2026-11-22).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from plinth_sandbox.emulator.services.events.executor import outbox
from plinth_sandbox.emulator.services.sagemaker.endpoints.endpoint import Endpoint, Fleet, Variant
from plinth_sandbox.emulator.services.sagemaker.endpoints.models import described
from plinth_sandbox.emulator.services.sagemaker.executor.events import SOURCE, milliseconds
from plinth_sandbox.emulator.store.record import Place, now

VARIANTS = ("ProductionVariants", "ShadowProductionVariants")
_OF_CONFIGURATION = (*VARIANTS, "AsyncInferenceConfig", "DataCaptureConfig", "PendingDeploymentSummary")
_OF_VARIANT = ("ManagedInstanceScaling", "RoutingConfig")


def show(endpoint: Endpoint, status: str, reason: str = "") -> None:
    """Sets what the record of an endpoint shows, and publishes the new status."""
    values, previous = endpoint.record.values, endpoint.record.values.get("EndpointStatus")
    for member in (*_OF_CONFIGURATION, "FailureReason"):
        values.pop(member, None)
    values["EndpointStatus"] = status
    if reason:
        values["FailureReason"] = reason[:1024]
    place = endpoint.record.place
    if endpoint.fleet is not None:
        share = 1 - (endpoint.deployment.share if endpoint.deployment else 0)
        values |= _of_fleet(endpoint.fleet, share, place)
        values["EndpointConfigName"] = endpoint.fleet.configuration["EndpointConfigName"]
        values |= _of_configuration(endpoint.fleet.configuration)
    if endpoint.deployment is not None:
        fleet = endpoint.deployment.fleet
        values["PendingDeploymentSummary"] = {
            "EndpointConfigName": fleet.configuration["EndpointConfigName"],
            "StartTime": endpoint.deployment.started,
            **_of_fleet(fleet, endpoint.deployment.share, place, pending=True),
        }
    endpoint.record.changed = now()
    if status != previous:
        publish(endpoint, "SageMaker Endpoint State Change")


def publish(endpoint: Endpoint, detail_type: str) -> None:
    """Publishes an event about an endpoint. Statuses are in capital letters there."""
    record = endpoint.record
    detail = {
        "EndpointArn": record.arn,
        "CreationTime": record.created,
        "LastModifiedTime": record.changed,
        **record.values,
        "EndpointStatus": re.sub(r"(?<=[a-z])(?=[A-Z])", "_", endpoint.status).upper(),
        "Tags": record.tags,
    }
    place = record.place
    outbox.publish(place.account, place.region, SOURCE, detail_type, milliseconds(detail), resources=[record.arn])


def _of_fleet(fleet: Fleet, share: float, place: Place, *, pending: bool = False) -> dict[str, Any]:
    kinds = zip(VARIANTS, (fleet.serving, fleet.shadows), strict=True)
    return {
        kind: [_summary(variant, share, place, pending=pending) for variant in found] for kind, found in kinds if found
    }


def _summary(variant: Variant, share: float, place: Place, *, pending: bool) -> dict[str, Any]:
    definition = variant.definition
    found: dict[str, Any] = {"VariantName": variant.name, "DeployedImages": _images(definition, place)}
    if variant.instances is not None:
        found |= {"CurrentInstanceCount": variant.instances, "DesiredInstanceCount": variant.instances}
    elif serverless := definition.get("ServerlessConfig"):
        found |= {"CurrentServerlessConfig": serverless, "DesiredServerlessConfig": serverless}
    found |= {"CurrentWeight": variant.weight * share if pending else variant.weight, "DesiredWeight": variant.weight}
    if pending and "InstanceType" in definition:
        found["InstanceType"] = definition["InstanceType"]
    if variant.status:
        found["VariantStatus"] = [{"Status": variant.status, "StartTime": variant.since}]
    return found | {name: definition[name] for name in _OF_VARIANT if name in definition}


def _images(definition: Mapping[str, Any], place: Place) -> list[dict[str, Any]]:
    try:
        containers = described(place.account, place.region, str(definition["ModelName"]))["containers"]
    except KeyError:
        return []
    images = [str(container["Image"]) for container in containers]
    return [{"SpecifiedImage": image, **({"ResolvedImage": image} if "@sha256:" in image else {})} for image in images]


def _of_configuration(configuration: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "AsyncInferenceConfig" in configuration:
        found["AsyncInferenceConfig"] = configuration["AsyncInferenceConfig"]
    if capture := configuration.get("DataCaptureConfig"):
        found["DataCaptureConfig"] = {
            "EnableCapture": capture["EnableCapture"],
            "CaptureStatus": "Started" if capture["EnableCapture"] else "Stopped",
            "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
            "DestinationS3Uri": capture["DestinationS3Uri"],
            "KmsKeyId": capture.get("KmsKeyId", ""),
        }
    return found
