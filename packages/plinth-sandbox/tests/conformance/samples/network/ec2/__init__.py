"""Samples of Amazon EC2 and VPC."""

from __future__ import annotations

from conformance.samples.network.ec2 import account_settings, endpoints, gateways, networks, routes, security_groups

SAMPLES = [
    *networks.SAMPLES,
    *routes.SAMPLES,
    *security_groups.SAMPLES,
    *endpoints.SAMPLES,
    *gateways.SAMPLES,
    *account_settings.SAMPLES,
]
