"""Compares what is deployed with the capabilities of each phase."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from selfservice.assessment.capabilities import CAPABILITIES, Capability
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import PHASES, Phase

_PREFIX = "plinth:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """How far a capability is deployed."""

    capability: Capability
    needed: int
    """The number of teams that need it; 1 if the organization needs it once."""
    missing: tuple[str, ...]
    """The teams without it. For a capability of the organization, one empty text if it is missing."""

    @property
    def deployed(self) -> int:
        return self.needed - len(self.missing)

    @property
    def is_complete(self) -> bool:
        return self.deployed == self.needed

    @property
    def next_step(self) -> str:
        """The action that adds it for the first team without it; empty if it is complete."""
        return "" if self.is_complete else self.capability.next_step.replace("TEAM", self.missing[0] or "TEAM")


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """The capabilities of an organization, in the order of the phases."""

    organization: str
    phase: Phase
    """The phase of the settings."""
    found: tuple[Found, ...]

    @property
    def reached(self) -> Phase | None:
        """The last phase that is complete with all earlier ones; None before the first."""
        last = None
        for phase in PHASES:
            if not all(progress.is_complete for progress in self.of(phase)):
                return last
            last = phase
        return last

    def of(self, phase: Phase) -> list[Found]:
        return [progress for progress in self.found if progress.capability.phase == phase]

    def score(self, phase: Phase) -> int:
        """Returns the deployed part of a phase in per cent, rounded down. Each capability counts the same."""
        parts = [100 * progress.deployed // progress.needed for progress in self.of(phase)]
        return sum(parts) // len(parts)

    @property
    def next_steps(self) -> list[Found]:
        """The incomplete capabilities, those of the first incomplete phase first."""
        return [progress for progress in self.found if not progress.is_complete]


def assess(organization: str, phase: Phase, teams: Collection[str], states: Mapping[str, Iterable[Any]]) -> Assessment:
    """Returns the assessment of an organization with these teams, from the resources in the states of its stacks."""
    components = {
        StackIdentity.parse(stack): {str(resource["type"]).removeprefix(_PREFIX) for resource in resources}
        for stack, resources in states.items()
    }
    return Assessment(
        organization=organization,
        phase=phase,
        found=tuple(_found(capability, teams, components) for capability in CAPABILITIES),
    )


def _found(
    capability: Capability, teams: Collection[str], components: Mapping[StackIdentity, Collection[str]]
) -> Found:
    per_team = capability.scope == "team"
    places = sorted(teams) if per_team else [""]
    missing = [
        place
        for place in places or [""]
        if not _is_deployed(
            capability,
            [
                types
                for stack, types in components.items()
                if stack.kind in capability.stacks and (not per_team or stack.team == place)
            ],
        )
    ]
    return Found(capability=capability, needed=len(places) or 1, missing=tuple(missing))


def _is_deployed(capability: Capability, stacks: Iterable[Collection[str]]) -> bool:
    deployed = {name for types in stacks for name in types}
    return deployed.issuperset(capability.components)
