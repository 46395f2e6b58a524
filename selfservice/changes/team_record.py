"""The record of a team in the team catalog, from the settings and the outputs of its stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version

from selfservice.catalog.team_records import TeamRecord
from settings.derived.foundation import Foundation
from settings.types.kinds import environments_in


def team_record(
    foundation: Foundation, team: str, accounts: Mapping[str, str], *, request: str, now: datetime
) -> TeamRecord:
    """Returns the record of a deployed team. ``accounts`` are the account ids by environment."""
    settings = foundation.teams[team]
    users, grants = _users(foundation, team), _grants(foundation, team)
    missing = [name for name, given in (("users", users), ("data", grants), ("accounts", accounts)) if not given]
    return TeamRecord(
        team=team,
        owner=str(settings.owner),
        cost_centre=str(settings.cost_centre),
        monthly_budget_usd=settings.monthly_budget_usd,
        status=f"incomplete: no {', no '.join(missing)}" if missing else "complete",
        version=version("plinth"),
        changed=now.astimezone(UTC).isoformat(timespec="seconds"),
        request=request,
        accounts=dict(sorted(accounts.items())),
        users=users,
        grants=grants,
        use_cases={name: ",".join(use_case.inference) for name, use_case in sorted(settings.use_cases.items())},
    )


def _users(foundation: Foundation, team: str) -> dict[str, str]:
    """Returns the persona of each Studio user of the team."""
    own = (
        foundation.environment_of(team, environment) for environment in environments_in(foundation.organization.phase)
    )
    return dict(sorted((name, user.persona) for environment in own for name, user in environment.studio.users.items()))


def _grants(foundation: Foundation, team: str) -> dict[str, str]:
    """Returns the environments that may read each dataset or group of features."""
    return dict(sorted(_readers(foundation, team)))


def _readers(foundation: Foundation, team: str) -> Iterator[tuple[str, str]]:
    published = {dataset.stack: dataset.shared_with for dataset in foundation.datasets_of(team)}
    published |= {
        feature_group.stack: feature_group.shared_with for feature_group in foundation.feature_groups.values()
    }
    for stack, readers in published.items():
        if readers.get(team):
            yield stack, ",".join(readers[team])
