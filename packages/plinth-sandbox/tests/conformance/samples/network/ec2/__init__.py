"""Samples of Amazon EC2 and VPC."""

from __future__ import annotations

from conformance.samples.network.ec2 import (
    account_settings,
    endpoint_services,
    endpoints,
    gateways,
    networks,
    routes,
    security_groups,
)

SAMPLES = [
    *networks.SAMPLES,
    *routes.SAMPLES,
    *security_groups.SAMPLES,
    *endpoints.SAMPLES,
    *endpoint_services.SAMPLES,
    *gateways.SAMPLES,
    *account_settings.SAMPLES,
]
