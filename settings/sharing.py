"""The LF-tags that decide who reads what: their keys and values, in one place.

A resource has one value of a tag, and hands it down to what it holds. A team's tag therefore says in one value which of
its environments are meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from types import MappingProxyType
from typing import get_args

from settings.dataset import Classification, Exposure
from settings.kinds import ENVIRONMENTS, Environment
from settings.naming import SHORT

CLASS = "class"
EXPOSURE = "exposure"
ZONE = "zone"

SHARED_TAGS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        CLASS: get_args(Classification),
        EXPOSURE: get_args(Exposure),
        ZONE: ("curated", "results"),
    }
)
"""What every dataset is tagged with, whoever reads it."""

ALL_EXPOSURES: tuple[Exposure, ...] = get_args(Exposure)
FOR_EXPERIMENTS: tuple[Exposure, ...] = ("anonymised", "approved")
"""What leaves the production stages: data without persons in it, or what its owner let go (DL-07)."""


def team_tag(team: str) -> str:
    """The key of a team's tag. The team's own stack makes it, so that a new team changes nothing of the lake's."""
    return f"team-{team}"


def audience(environments: Iterable[Environment]) -> str:
    """The value of a team's tag that means these of its environments: ``dev+preprod``."""
    chosen = set(environments)
    return "+".join(SHORT[environment] for environment in ENVIRONMENTS if environment in chosen)


def audiences() -> list[str]:
    """Every value that a team's tag can have."""
    sizes = range(1, len(ENVIRONMENTS) + 1)
    return [audience(chosen) for size in sizes for chosen in combinations(ENVIRONMENTS, size)]


def audiences_with(environment: Environment) -> list[str]:
    """The values by which a team's environment is meant, alone or among others."""
    return [value for value in audiences() if SHORT[environment] in value.split("+")]


def exposures_in(environment: Environment) -> tuple[Exposure, ...]:
    """What an environment may read of a dataset that it is given (DL-07, DL-08)."""
    return FOR_EXPERIMENTS if environment == "experimentation" else ALL_EXPOSURES
