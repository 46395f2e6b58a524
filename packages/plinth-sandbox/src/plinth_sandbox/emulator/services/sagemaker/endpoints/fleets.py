"""Fleets: the variants of an endpoint configuration, and the start and the end of their processes."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.services.ecr.executor.manifests import images_of, manifests_of
from plinth_sandbox.emulator.services.sagemaker.endpoints.describing import VARIANTS
from plinth_sandbox.emulator.services.sagemaker.endpoints.endpoint import Endpoint, Fleet, Variant, run_of
from plinth_sandbox.emulator.services.sagemaker.endpoints.hosts import Host
from plinth_sandbox.emulator.services.sagemaker.endpoints.models import described
from plinth_sandbox.emulator.store.record import now


def made(endpoint: Endpoint, configuration: Mapping[str, Any]) -> Fleet:
    """Returns the fleet of a configuration for an endpoint. Its processes do not run yet."""
    endpoint.fleets += 1
    kept = copy.deepcopy(dict(configuration))
    variants = [
        Variant(
            name=str(variant["VariantName"]),
            run=run_of(endpoint, str(variant["VariantName"])),
            definition=variant,
            configuration=str(kept["EndpointConfigName"]),
            instances=variant.get("InitialInstanceCount") if "ServerlessConfig" not in variant else None,
            weight=float(variant.get("InitialVariantWeight", 1)),
            is_shadow=kind != VARIANTS[0],
        )
        for kind in VARIANTS
        for variant in kept.get(kind) or []
    ]
    fleet = Fleet(kept, variants)
    fleet.stage("Creating", now())
    return fleet


def start(fleet: Fleet, endpoint: Endpoint, runtime: Runtime) -> None:
    """Starts the processes of a fleet."""
    hosts = [_host(variant, fleet, endpoint, runtime) for variant in fleet.variants]
    for host in hosts:
        runtime.hosts.want(host)


def end(fleet: Fleet | None, runtime: Runtime) -> None:
    """Ends the processes of a fleet."""
    for variant in fleet.variants if fleet else []:
        runtime.hosts.unwant(variant.run)


def _host(variant: Variant, fleet: Fleet, endpoint: Endpoint, runtime: Runtime) -> Host:
    place, definition = endpoint.record.place, variant.definition
    if "ModelName" not in definition:
        raise NotEmulatedError("Variants for inference components")
    try:
        model = described(place.account, place.region, str(definition["ModelName"]))
    except KeyError as error:
        arn = f"arn:aws:sagemaker:{place.region}:{place.account}:model/{definition['ModelName']}"
        raise AwsError("ValidationException", f'Could not find model "{arn}".') from error
    capture = fleet.configuration.get("DataCaptureConfig", {})
    job_input = {
        **model,
        "arn": endpoint.record.arn,
        "endpoint": endpoint.name,
        "variant": variant.name,
        "health_check_seconds": definition.get("ContainerStartupHealthCheckTimeoutInSeconds"),
        "capture": capture if capture.get("EnableCapture") and not variant.is_shadow else None,
        "images": str(runtime.runner.images),
        "manifests": manifests_of(images_of(model["containers"])),
    }
    return Host(variant.run, place.account, place.region, job_input)
