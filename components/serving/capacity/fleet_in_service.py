"""The fleet that an endpoint has before a release, whose capacity the new fleet keeps."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi

from components.serving.served_variant import ServedVariant

Variants = tuple[Sequence[ServedVariant], ServedVariant | None]
"""Variants that answer, and the shadow."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetInService:
    """The numbers of instances that automatic scaling has reached.

    SageMaker starts a new fleet with the numbers of its configuration, unless the update retains variant properties
    (SageMaker API, UpdateEndpoint, ``RetainAllVariantProperties``). The AWS provider has no argument for this
    (hashicorp/terraform-provider-aws, issue 48990), so the configuration itself contains the larger number.
    """

    configuration_name: str
    """Name of the endpoint configuration in service."""

    started: Mapping[str, int]
    """Instances with which the configuration started each variant, shadows included."""

    instances: Mapping[str, int]
    """Instances that each variant that answers has now."""

    @classmethod
    def of_release(cls) -> FleetInService | None:
        """Returns the fleet that the configuration ``release:fleet`` of the stack describes; None before the first
        release.

        The promotion writes it. Programs of deployment repositories do not pass it, so that a rollback to an early
        commit keeps the capacity too.
        """
        text = pulumi.Config("release").get("fleet")
        if text is None:
            return None
        found = json.loads(text)
        return cls(configuration_name=found["configuration"], started=found["started"], instances=found["instances"])

    def kept_by(self, variants: Variants, name_of: Callable[[Variants], str]) -> Variants:
        """Returns the variants with the instances that they start with.

        A configuration that has not changed keeps its numbers, so that a repeated release changes nothing. Otherwise
        each variant starts with the larger of its configured number and its share of the instances in service, up to
        the most that scaling allows. Without scaling the configured numbers hold, because nothing else changes them.

        ``name_of`` returns the name of the configuration of variants.
        """
        answering, shadow = variants
        most = max((variant.scaling.most for variant in answering if variant.scaling is not None), default=0)
        if not most:
            return variants
        unchanged = self._with_started(variants)
        if unchanged is not None and name_of(unchanged) == self.configuration_name:
            return unchanged
        whole, total = sum(variant.weight for variant in answering), sum(self.instances.values())

        def kept(variant: ServedVariant) -> ServedVariant:
            # Rounded first, because 100 * 0.07 is a little more than 7.
            share = math.ceil(round(total * variant.weight / whole, 6)) if whole else total
            return replace(variant, instances=max(variant.instances, min(share, most)))

        return [kept(variant) for variant in answering], kept(shadow) if shadow is not None else None

    def _with_started(self, variants: Variants) -> Variants | None:
        """Returns the variants with the numbers of the configuration in service; None if one wants more."""
        answering, shadow = variants
        every = [*answering, *([shadow] if shadow is not None else [])]
        if any(self.started.get(variant.variant_name, 0) < variant.instances for variant in every):
            return None
        found = [replace(variant, instances=self.started[variant.variant_name]) for variant in every]
        return found[: len(answering)], found[-1] if shadow is not None else None
