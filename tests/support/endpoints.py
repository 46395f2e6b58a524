"""Deployment status according to an answer of DescribeEndpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def bakes(endpoint: Mapping[str, Any]) -> bool:
    """Returns whether a part of the traffic goes to a new version, which is watched."""
    variants = endpoint.get("PendingDeploymentSummary", {}).get("ProductionVariants", ())
    return any(status["Status"] == "Baking" for variant in variants for status in variant.get("VariantStatus", ()))
