"""Rules about environments: they belong to a team and a phase, and only experimentation is loose."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from settings.accounts import placement_of
from settings.codes import Code
from settings.drafts import Draft, Parts, stack_file
from settings.errors import Fault
from settings.kinds import environments_in, first_phase_of
from settings.organization import Organization
from settings.regions import TWO_ZONES
from settings.team import EnvironmentSettings

KEY = "plinth:environment"


def environment_faults(parts: Parts) -> Iterator[Fault]:
    known = {*parts.teams, *parts.unreadable}
    for draft in parts.environments.values():
        yield from _membership_faults(draft.model, known, parts.organization)
        yield from _network_faults(draft, parts)
        yield from _studio_faults(draft)


def _fault(code: Code, environment: EnvironmentSettings, field: str, value: object, rule: str, fix: str) -> Fault:
    file, path = stack_file(environment.stack), f"{KEY}.{field}" if field else ""
    return Fault(code=code, file=file, path=path, value=str(value), rule=rule, fix=fix)


def _membership_faults(
    environment: EnvironmentSettings, teams: set[str], organization: Draft[Organization]
) -> Iterator[Fault]:
    if environment.team not in teams:
        near = get_close_matches(environment.team, teams, n=1, cutoff=0.6)
        fix = f"did you mean team {near[0]}?" if near else f"write {stack_file(environment.team)}, or remove this file"
        yield _fault(
            Code.TEAM_UNKNOWN,
            environment,
            "",
            environment.team,
            f"is no team: it has no {stack_file(environment.team)}",
            fix,
        )
    if organization.has("phase") and environment.environment not in environments_in(organization.model.phase):
        first = first_phase_of(environment.environment)
        rule = f"comes with phase {first}; the organization is in phase {organization.model.phase}"
        yield _fault(
            Code.NOT_IN_PHASE, environment, "", environment.environment, rule, f"remove the file, or set phase: {first}"
        )


def _network_faults(draft: Draft[EnvironmentSettings], parts: Parts) -> Iterator[Fault]:
    environment, organization = draft.model, parts.organization
    if draft.has("internet_access") and environment.internet_access:
        yield from _internet_faults(environment, parts)
    wide = draft.has("zones") and environment.zones > 2
    if wide and organization.has("home_region") and organization.model.home_region in TWO_ZONES:
        rule = f"zones are more than {organization.model.home_region} has for an account (2)"
        yield _fault(Code.OUT_OF_RANGE, environment, "zones", environment.zones, rule, "write zones: 2")


def _internet_faults(environment: EnvironmentSettings, parts: Parts) -> Iterator[Fault]:
    rule, fix = "", ""
    if environment.environment != "experimentation":
        rule = f"opens {environment.environment} to the internet; only experimentation may reach it"
        fix = "remove the line"
    elif _shares_account(environment, parts):
        rule = "opens an account that experimentation shares with other kinds to the internet"
        fix = "remove the line, or give experimentation an account of its own with `placement`"
    if rule:
        yield _fault(Code.INTERNET_ACCESS, environment, "internet_access", "true", rule, fix)


def _shares_account(environment: EnvironmentSettings, parts: Parts) -> bool:
    team = parts.teams.get(environment.team)
    if not parts.organization.has("placement") or team is None or not team.has("placement"):
        return False
    return placement_of(parts.organization.model, team.model).shares_account(environment.environment)


def _studio_faults(draft: Draft[EnvironmentSettings]) -> Iterator[Fault]:
    environment = draft.model
    if not draft.has("studio"):
        return
    if environment.studio.enabled and environment.environment in ("preproduction", "production"):
        rule = f"puts Studio into {environment.environment}; people work in experimentation and development only"
        yield _fault(Code.STUDIO_MISPLACED, environment, "studio.enabled", "true", rule, "remove the line")
    users = environment.studio.users
    for index, user in enumerate(users):
        if user.casefold() in {other.casefold() for other in users[:index]}:
            field = f"studio.users[{index}]"
            yield _fault(
                Code.NAME_REPEATED, environment, field, user, "is listed twice, case aside", "remove one of the two"
            )
