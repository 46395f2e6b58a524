"""The fleet of an endpoint before a release. Its program keeps the capacity that automatic scaling has reached."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import boto3

FLEET = "release:fleet"
"""Setting of the stack with the fleet, which `components.serving.capacity.fleet_in_service` reads."""


def fleet_of(session: boto3.Session, endpoint: Mapping[str, Any]) -> dict[str, str]:
    """Returns the setting with the fleet of an endpoint; none if it serves nothing.

    ``session`` is one of the release role, and ``endpoint`` an answer of DescribeEndpoint. Serverless variants have no
    number of instances.
    """
    if endpoint["EndpointStatus"] != "InService":
        return {}
    name = endpoint["EndpointConfigName"]
    configuration = session.client("sagemaker").describe_endpoint_config(EndpointConfigName=name)
    every = [*configuration["ProductionVariants"], *configuration.get("ShadowProductionVariants", [])]
    fleet = {
        "configuration": name,
        "started": _counts(every, "InitialInstanceCount"),
        "instances": _counts(endpoint["ProductionVariants"], "DesiredInstanceCount"),
    }
    return {FLEET: json.dumps(fleet, sort_keys=True)}


def _counts(variants: Iterable[Mapping[str, Any]], member: str) -> dict[str, int]:
    return {variant["VariantName"]: variant[member] for variant in variants if member in variant}
