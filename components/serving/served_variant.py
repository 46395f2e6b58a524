"""A variant of an endpoint: a model on instances, with its part of the traffic and its scaling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from components.serving.registered_model import RegisteredModel

VARIANT = "AllTraffic"
"""Name of the variant that serves. It must not change, because SageMaker shifts traffic gradually only between
configurations with the same variant names (SageMaker Developer Guide, "Deployment guardrails: exclusions")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InstanceScaling:
    """Automatic scaling of a variant."""

    least: int
    """Fewest instances; two or more in production, so that one may fail (RT-07). 0 with asynchronous inference only."""

    most: int
    """Most instances."""

    invocations_per_instance: int
    """Requests per instance and minute that scaling aims at. For asynchronous inference, waiting requests per
    instance."""

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most or not self.most or self.invocations_per_instance < 1:
            raise ValueError(f"scaling: {self.least} to {self.most} instances is no range above 0")


@dataclass(frozen=True, kw_only=True, slots=True)
class ServedVariant:
    """A model on instances."""

    model: RegisteredModel
    """Model that the instances serve."""

    instance_type: str
    """Instance type of the SageMaker API (``ml.m5.large``)."""

    instances: int
    """Instances at first."""

    variant_name: str = VARIANT
    """Name of the variant."""

    weight: float = 1.0
    """Part of the traffic, relative to the sum of all weights. For a shadow variant, the part that it gets a copy
    of."""

    scaling: InstanceScaling | None = None
    """Automatic scaling. None keeps the number of instances."""

    def __post_init__(self) -> None:
        if self.instances < 1 or self.weight < 0:
            raise ValueError(f"variant {self.variant_name}: {self.instances} instances with weight {self.weight}")

    def content(self) -> dict[str, Any]:
        """Returns what a configuration contains of the variant."""
        return {
            "name": self.variant_name,
            "model": self.model.content_name,
            "instance_type": self.instance_type,
            "instances": self.instances,
            "weight": self.weight,
        }
