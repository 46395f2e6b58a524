"""Computes the accounts of the organization, with their names and e-mail addresses, from the settings."""

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
    """An account of a durable kind, or of an environment of a team."""

    kind: Kind
    """The kind that the account is named after."""
    team: str | None
    """The team that owns the account, or None for a durable account."""
    hosts: tuple[Kind, ...]
    """All kinds that are placed in the account."""
    name: str
    email: str
    id: str | None
    """Account id from the settings if the account is adopted, otherwise None."""

    @property
    def label(self) -> str:
        return label(self.kind, self.team)

    @property
    def lifecycle(self) -> Lifecycle:
        return lifecycle_of(self.kind)


def label(kind: Kind, team: str | None) -> str:
    """Returns the label of an account: ``data-lake``, ``fraud-development``. The display name does not change it."""
    return kind if team is None else f"{team}-{kind}"


def durable_accounts(organization: Organization, teams: Iterable[Team] = ()) -> tuple[Account, ...]:
    """Returns the durable accounts. Their ``hosts`` include environments of the given teams."""
    placements = [organization.placement, *(placement_of(organization, team) for team in teams)]
    return tuple(
        _account(organization, kind, None, organization.accounts.get(kind), placements)
        for kind in organization.placement.durable_accounts_in(organization.phase)
    )


def team_accounts(organization: Organization, team: Team) -> tuple[Account, ...]:
    """Returns the accounts that belong to a team: four, or fewer if its placement merges them."""
    placement = placement_of(organization, team)
    return tuple(
        _account(organization, kind, team.name, team.accounts.get(kind), [placement])
        for kind in placement.team_accounts_in(organization.phase)
    )


def placement_of(organization: Organization, team: Team) -> Placement:
    """Returns the organization's placement with the team's own placement applied."""
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
