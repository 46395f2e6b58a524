"""The accounts that an organization consists of, with their names and addresses: a pure function of the settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from settings.organization.account import AccountSettings
from settings.organization.organization import Organization
from settings.organization.placement import Placement
from settings.team.team import Team
from settings.types.kinds import KINDS, Kind, Lifecycle, lifecycle_of


@dataclass(frozen=True, slots=True)
class Account:
    """One account: of a durable kind, or of one environment of a team."""

    kind: Kind
    """The kind it is named after."""
    team: str | None
    """None for a durable account."""
    hosts: tuple[Kind, ...]
    """Every kind that lands in it."""
    name: str
    email: str
    id: str | None
    """Known beforehand only for an account that is adopted."""

    @property
    def label(self) -> str:
        return label(self.kind, self.team)

    @property
    def lifecycle(self) -> Lifecycle:
        return lifecycle_of(self.kind)


def label(kind: Kind, team: str | None) -> str:
    """What the foundation calls an account: ``data-lake``, ``fraud-development``. Renaming leaves it alone."""
    return kind if team is None else f"{team}-{kind}"


def durable_accounts(organization: Organization, teams: Iterable[Team] = ()) -> tuple[Account, ...]:
    """The accounts that outlive every team; with the teams given, they say what of theirs lands there."""
    placements = [organization.placement, *(placement_of(organization, team) for team in teams)]
    return tuple(
        _account(organization, kind, None, organization.accounts.get(kind), placements)
        for kind in organization.placement.durable_accounts_in(organization.phase)
    )


def team_accounts(organization: Organization, team: Team) -> tuple[Account, ...]:
    """The accounts that a team has of its own: four, or fewer where its placement merges them."""
    placement = placement_of(organization, team)
    return tuple(
        _account(organization, kind, team.name, team.accounts.get(kind), [placement])
        for kind in placement.team_accounts_in(organization.phase)
    )


def placement_of(organization: Organization, team: Team) -> Placement:
    """The organization's placement, with what the team has of its own."""
    return organization.placement.with_overrides(team.placement)


def _account(
    organization: Organization,
    kind: Kind,
    team: str | None,
    settings: AccountSettings | None,
    placements: Iterable[Placement],
) -> Account:
    own = settings or AccountSettings()
    tag = label(kind, team)
    hosted = {hosted for placement in placements for hosted in placement.hosted_in(kind, organization.phase)}
    return Account(
        kind=kind,
        team=team,
        hosts=tuple(kind for kind in KINDS if kind in hosted),
        name=own.name or f"{organization.name}-{tag}",
        email=own.email or organization.email.replace("{account}", tag),
        id=own.id,
    )
