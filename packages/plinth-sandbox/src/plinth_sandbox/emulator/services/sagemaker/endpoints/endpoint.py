"""An endpoint: the fleet that serves, the fleet of an update, and how traffic is divided between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.sagemaker.endpoints.routing import Rotation
from plinth_sandbox.emulator.store.record import Place, Record

NOUN = "EndpointVariant"
"""Kind of the runs of variants, beside the kinds of jobs."""


@dataclass(slots=True)
class Variant:
    """A variant of a fleet. One process serves it, whatever its number of instances."""

    name: str
    run: str
    """Identifier of its process."""
    definition: Mapping[str, Any]
    """The variant in the endpoint configuration."""
    configuration: str
    """Name of the endpoint configuration."""
    instances: int | None
    """Number of instances; None for a serverless variant."""
    weight: float
    is_shadow: bool = False
    is_healthy: bool = False
    status: str = ""
    """Deployment stage, such as ``Creating``, ``ActivatingTraffic`` or ``Baking``; empty if there is none."""
    since: datetime | None = None
    """Time at which the stage began."""


@dataclass(slots=True)
class Fleet:
    """The variants of one endpoint configuration."""

    configuration: Mapping[str, Any]
    """The configuration as it was when the fleet was made. It may be deleted afterwards."""
    variants: list[Variant]

    @property
    def serving(self) -> list[Variant]:
        return [variant for variant in self.variants if not variant.is_shadow]

    @property
    def shadows(self) -> list[Variant]:
        return [variant for variant in self.variants if variant.is_shadow]

    @property
    def is_healthy(self) -> bool:
        return all(variant.is_healthy for variant in self.variants)

    def stage(self, status: str, at: datetime) -> None:
        """Gives all variants a deployment stage."""
        for variant in self.variants:
            variant.status, variant.since = status, at


@dataclass(slots=True)
class Deployment:
    """An update that is under way."""

    configuration: Mapping[str, Any]
    """``DeploymentConfig`` of the update."""
    fleet: Fleet
    started: datetime
    shares: Sequence[float] = (1.0,)
    """Shares of the traffic that the new fleet gets, one after another."""
    step: int = -1
    """Number of the current share; -1 until the new fleet is healthy."""
    until: datetime | None = None
    """End of the current baking period, on the sandbox's clock."""
    ends: datetime | None = None
    """Time at which the deployment fails because it takes too long, on the sandbox's clock."""

    @property
    def share(self) -> float:
        """Share of the traffic that the new fleet gets."""
        return self.shares[self.step] if self.step >= 0 else 0.0


@dataclass(slots=True)
class Endpoint:
    """An endpoint of an account. What it shows is in its record."""

    record: Record
    fleet: Fleet | None = None
    """The fleet that serves; None while the endpoint is created, and if that failed."""
    deployment: Deployment | None = None
    fleets: int = 0
    """Number of fleets that the endpoint has had."""
    leaving: dict[str, Fleet] = field(default_factory=dict)
    """Old fleets that still run for a while after an update, by the name of the deadline that ends them."""
    rotation: Rotation = field(default_factory=Rotation)

    @property
    def name(self) -> str:
        return str(self.record.values["EndpointName"])

    @property
    def status(self) -> str:
        return str(self.record.values["EndpointStatus"])


def endpoints(memory: Memory, place: Place) -> dict[str, Endpoint]:
    """Returns the endpoints of an account and region by name."""
    found: dict[str, Endpoint] = memory.notes("sagemaker-endpoints", place.account, place.region)
    return found


def run_of(endpoint: Endpoint, variant: str) -> str:
    """Returns the identifier of the process of a variant of the newest fleet. Names contain no dots."""
    place = endpoint.record.place
    return f"{place.account}.{place.region}.{NOUN}.{endpoint.name}.{variant}.{_created(endpoint)}.{endpoint.fleets}"


def endpoint_of(run: str) -> str:
    """Returns the name of the endpoint of a process."""
    return run.split(".")[3]


def _created(endpoint: Endpoint) -> str:
    """Returns what distinguishes an endpoint from an earlier one with its name."""
    return f"{endpoint.record.created:%Y%m%d%H%M%S%f}"
