"""What a stack is and what its configuration declares, read from what the engine hands to the pack."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

from pydantic import ValidationError

from policies.security.subject import Surroundings
from settings.address_plan import ALWAYS_RESERVED
from settings.errors import SettingsError
from settings.kinds import KINDS
from settings.organization import Organization
from settings.placement import Placement
from settings.stacks import StackIdentity
from settings.team import EnvironmentSettings, Team

STRICTEST = "production"


@cache
def surroundings(
    stack: str, organization: str | None, environment: str | None, team: str | None = None
) -> Surroundings:
    """The surroundings of a stack's resources, from its name and three values of its configuration (JSON text).

    Nothing that cannot be read relaxes a rule: the program itself refuses faulty settings with the place and the mend.
    """
    try:
        identity = StackIdentity.parse(stack)
    except SettingsError:
        return Surroundings(kind=STRICTEST)
    declared = _organization(organization)
    settings = _environment(identity, environment)
    around = Surroundings(
        kind=identity.environment or identity.kind,
        internet_egress=settings is not None and settings.internet_access,
        studio=settings is not None and settings.has_studio,
    )
    return around if declared is None else _as_declared(around, identity, declared, _team(identity, team))


def _as_declared(
    around: Surroundings, identity: StackIdentity, organization: Organization, team: Team | None
) -> Surroundings:
    plan, placement = organization.address_plan, organization.placement
    if team is not None:
        placement = placement.keeping(team.placement)
    taken = plan.not_for_teams() if identity.environment else {**ALWAYS_RESERVED, **plan.reserved}
    return replace(
        around,
        identity_center=organization.sign_in == "identity-center",
        allowed_regions=organization.regions,
        partner_accounts=organization.partner_accounts,
        shared_endpoints=organization.endpoints == "shared",
        account_of_its_own=_has_account_of_its_own(identity, placement),
        delegated_audit=placement.account_of("audit") != "organization",
        adopted_organization=organization.id is not None,
        team_accounts=placement.team_accounts_in(organization.phase),
        taken_ranges=tuple(str(network) for network in taken.values()),
    )


def _has_account_of_its_own(identity: StackIdentity, placement: Placement) -> bool:
    """A team's stack and people's sign-in are guests in the management account."""
    return identity.kind in KINDS and placement.account_of(identity.kind) == identity.kind


def _organization(text: str | None) -> Organization | None:
    try:
        return Organization.model_validate_json(text or "")
    except ValidationError:
        return None


def _team(identity: StackIdentity, text: str | None) -> Team | None:
    try:
        return Team.model_validate_json(json.dumps({**json.loads(text or "{}"), "name": identity.team}))
    except (ValueError, TypeError):
        return None


def _environment(identity: StackIdentity, text: str | None) -> EnvironmentSettings | None:
    """What an environment's own stack declares; with what cannot be read, its defaults."""
    if not identity.is_environment:
        return None
    given = {"team": identity.team, "environment": identity.environment}
    try:
        return EnvironmentSettings.model_validate_json(json.dumps({**json.loads(text or "{}"), **given}))
    except (ValueError, TypeError):
        return EnvironmentSettings.model_validate(given)
