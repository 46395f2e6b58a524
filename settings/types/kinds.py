"""Account kinds: their phase, lifecycle and organizational unit."""

from __future__ import annotations

from functools import cache
from typing import Literal, get_args

DurableKind = Literal["organization", "audit", "network", "data-lake", "tooling", "governance"]
WorkingKind = Literal["data-lake", "tooling", "governance"]
"""Durable kinds whose accounts run workloads. The other durable accounts only govern, audit or connect."""
Environment = Literal["experimentation", "development", "preproduction", "production"]
ReleasedTo = Literal["preproduction", "production"]
"""Environments to which models are released. Only the promotion pipeline deploys to them (PRE-04, PROD-01)."""
InferenceKind = Literal["real-time", "asynchronous", "batch"]
"""Ways of inference: an endpoint behind an API, one whose API answers later, or a pipeline that predicts files."""
API_KINDS: frozenset[InferenceKind] = frozenset({"real-time", "asynchronous"})
"""Ways of inference with an endpoint behind an API. Releases of both need the same permissions."""
Kind = Literal[DurableKind, Environment]
Phase = Literal["initial", "repeatable", "reliable", "scalable"]
Lifecycle = Literal["durable", "ephemeral"]
OrganizationalUnitPath = Literal[
    "Security",
    "Infrastructure",
    "Data",
    "Tooling",
    "Workloads",
    "Workloads/NonProduction",
    "Workloads/Production",
    "Suspended",
    "Recycled",
]
TeamUnit = Literal["NonProduction", "Production"]

INFERENCE_KINDS: tuple[InferenceKind, ...] = get_args(InferenceKind)
DURABLE_KINDS: tuple[DurableKind, ...] = get_args(DurableKind)
WORKING_KINDS: tuple[WorkingKind, ...] = get_args(WorkingKind)
ENVIRONMENTS: tuple[Environment, ...] = get_args(Environment)
INTERACTIVE_ENVIRONMENTS: tuple[Environment, ...] = ("experimentation", "development")
"""Environments where people work interactively. In the others, only pipelines run (EXP-01, DEV-02)."""
RELEASED_TO: tuple[ReleasedTo, ...] = get_args(ReleasedTo)
KINDS: tuple[Kind, ...] = (*DURABLE_KINDS, *ENVIRONMENTS)
PHASES: tuple[Phase, ...] = get_args(Phase)
ORGANIZATIONAL_UNIT_PATHS: tuple[OrganizationalUnitPath, ...] = get_args(OrganizationalUnitPath)

_ADDED_BY: dict[Phase, tuple[Kind, ...]] = {
    "initial": ("organization", "audit", "experimentation"),
    "repeatable": ("network", "data-lake", "tooling", "development"),
    "reliable": ("preproduction", "production"),
    "scalable": ("governance",),
}

_UNIT_OF: dict[DurableKind, OrganizationalUnitPath | None] = {
    "organization": None,
    "audit": "Security",
    "network": "Infrastructure",
    "data-lake": "Data",
    "tooling": "Tooling",
    "governance": "Tooling",
}


@cache
def kinds_in(phase: Phase) -> tuple[Kind, ...]:
    """Returns the kinds that exist in a phase: those that it adds and those of every earlier phase."""
    present = {kind for step in PHASES[: PHASES.index(phase) + 1] for kind in _ADDED_BY[step]}
    return tuple(kind for kind in KINDS if kind in present)


@cache
def durable_kinds_in(phase: Phase) -> tuple[DurableKind, ...]:
    present = kinds_in(phase)
    return tuple(kind for kind in DURABLE_KINDS if kind in present)


@cache
def working_kinds_in(phase: Phase) -> tuple[WorkingKind, ...]:
    present = kinds_in(phase)
    return tuple(kind for kind in WORKING_KINDS if kind in present)


@cache
def environments_in(phase: Phase) -> tuple[Environment, ...]:
    present = kinds_in(phase)
    return tuple(environment for environment in ENVIRONMENTS if environment in present)


@cache
def released_to_in(phase: Phase) -> tuple[ReleasedTo, ...]:
    present = kinds_in(phase)
    return tuple(environment for environment in RELEASED_TO if environment in present)


@cache
def first_phase_of(kind: Kind) -> Phase:
    return next(phase for phase in PHASES if kind in _ADDED_BY[phase])


def lifecycle_of(kind: Kind) -> Lifecycle:
    """Returns whether an account is durable, so never decommissioned, or ephemeral, so closed with its team."""
    return "durable" if kind in DURABLE_KINDS else "ephemeral"


def organizational_unit_of(kind: DurableKind) -> OrganizationalUnitPath | None:
    """Returns the organizational unit of a durable account, or None for the root, where the management account is."""
    return _UNIT_OF[kind]


def team_organizational_unit_of(environment: Environment) -> TeamUnit:
    """Returns the organizational unit of an environment. Only experimentation has looser guardrails."""
    return "NonProduction" if environment == "experimentation" else "Production"
