"""Rules about placements: every kind of the organization and of each team is placed in an account that exists."""

from __future__ import annotations

from collections.abc import Iterator

from settings.derived.accounts import placement_of
from settings.organization.organization import Organization
from settings.organization.placement import Placement
from settings.rules.partial_config import PROJECT_FILE, PartialConfig, PartialModel, stack_file
from settings.team.team import Team
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import DURABLE_KINDS, KINDS, Kind


def placement_faults(config: PartialConfig) -> Iterator[Fault]:
    if not config.organization.has("placement"):
        return
    for kind in KINDS:
        yield from _host_faults(kind, config.organization.model.placement, PROJECT_FILE, "plinth:organization")
    for partial in config.teams.values():
        if partial.has("placement"):
            yield from _team_faults(partial.model, config.organization)


def _team_faults(team: Team, organization: PartialModel[Organization]) -> Iterator[Fault]:
    placement = placement_of(organization.model, team)
    file = stack_file(team.name)
    for environment, account in team.placement.items():
        yield from _host_faults(environment, placement, file, "plinth:team")
        absent = organization.has("phase") and account not in organization.model.placement.accounts_in(
            organization.model.phase
        )
        if account in DURABLE_KINDS and absent and placement.account_of(account) == account:
            rule = f"is not an account: no shared kind of phase {organization.model.phase} is placed in it"
            fix = "choose another account, or raise the phase first"
            path = f"plinth:team.placement.{environment}"
            yield Fault(code=Code.PLACEMENT, file=file, path=path, value=account, rule=rule, fix=fix)


def _host_faults(kind: Kind, placement: Placement, file: str, key: str) -> Iterator[Fault]:
    account = placement.account_of(kind)
    host = placement.account_of(account)
    if host != account:
        rule = f"has no account of its own, because it is placed in the account of {host}"
        fix = f"place {kind} in {host}, or give {account} its own account"
        path = f"{key}.placement.{kind}"
        yield Fault(code=Code.PLACEMENT, file=file, path=path, value=account, rule=rule, fix=fix)
