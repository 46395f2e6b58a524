"""Rules about environments: team, phase, network and Studio."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from settings.derived.accounts import placement_of
from settings.organization.organization import Organization
from settings.rules.partial_config import PartialConfig, PartialModel, stack_file
from settings.team.studio import IMAGES, LEAD, STACKS, STUDIO_ENVIRONMENTS, USERS_PER_STACK, StudioPersona
from settings.team.team import EnvironmentSettings
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import INTERACTIVE_ENVIRONMENTS, environments_in, first_phase_of
from settings.types.naming import profile_name
from settings.types.regions import TWO_ZONES

KEY = "plinth:environment"


def environment_faults(config: PartialConfig) -> Iterator[Fault]:
    known = {*config.teams, *config.unreadable}
    for partial in config.environments.values():
        yield from _membership_faults(partial.model, known, config.organization)
        yield from _network_faults(partial, config)
        yield from _studio_faults(partial)
    yield from _persona_faults(config)


def _fault(code: Code, environment: EnvironmentSettings, field: str, value: object, rule: str, fix: str) -> Fault:
    file, path = stack_file(environment.stack), f"{KEY}.{field}" if field else ""
    return Fault(code=code, file=file, path=path, value=str(value), rule=rule, fix=fix)


def _membership_faults(
    environment: EnvironmentSettings, teams: set[str], organization: PartialModel[Organization]
) -> Iterator[Fault]:
    if environment.team not in teams:
        near = get_close_matches(environment.team, teams, n=1, cutoff=0.6)
        fix = f"did you mean team {near[0]}?" if near else f"write {stack_file(environment.team)}, or remove this file"
        yield _fault(
            Code.TEAM_UNKNOWN,
            environment,
            "",
            environment.team,
            f"is not a team: {stack_file(environment.team)} does not exist",
            fix,
        )
    if organization.has("phase") and environment.environment not in environments_in(organization.model.phase):
        first = first_phase_of(environment.environment)
        rule = f"is added in phase {first}; the organization is in phase {organization.model.phase}"
        yield _fault(
            Code.NOT_IN_PHASE, environment, "", environment.environment, rule, f"remove the file, or set phase: {first}"
        )


def _network_faults(partial: PartialModel[EnvironmentSettings], config: PartialConfig) -> Iterator[Fault]:
    environment, organization = partial.model, config.organization
    if partial.has("internet_access") and environment.internet_access:
        yield from _internet_faults(environment, config)
    wide = partial.has("zones") and environment.zones > 2
    if wide and organization.has("home_region") and organization.model.home_region in TWO_ZONES:
        rule = f"zones are more than an account has in {organization.model.home_region} (2)"
        yield _fault(Code.OUT_OF_RANGE, environment, "zones", environment.zones, rule, "write zones: 2")
    if partial.has("tracking_server") and environment.tracking_server and organization.has("tooling_cluster"):
        yield from _tracking_faults(environment, organization.model)


def _tracking_faults(environment: EnvironmentSettings, organization: Organization) -> Iterator[Fault]:
    """Refuses a way to a tracking server that networks of teams do not reach (yet)."""
    server = organization.tracking_server
    link = None if server is None else server.private_link
    if link is None or not link.verified:
        host = "" if server is None else server.host
        what = "has no private_link" if link is None else f"is not verified as the owner of {host}"
        rule = f"needs the tracking server of the organization, which {what}"
        fix = "remove the line, or set tooling_cluster.mlflow.private_link with verified: true"
        yield _fault(Code.TRACKING_SERVER, environment, "tracking_server", "true", rule, fix)


def _internet_faults(environment: EnvironmentSettings, config: PartialConfig) -> Iterator[Fault]:
    rule, fix = "", ""
    if environment.environment != "experimentation":
        rule = f"gives {environment.environment} internet access; only experimentation may have it"
        fix = "remove the line"
    elif _shares_account(environment, config):
        rule = "gives internet access to an account that experimentation shares with other kinds"
        fix = "remove the line, or give experimentation its own account with `placement`"
    if rule:
        yield _fault(Code.INTERNET_ACCESS, environment, "internet_access", "true", rule, fix)


def _shares_account(environment: EnvironmentSettings, config: PartialConfig) -> bool:
    team = config.teams.get(environment.team)
    if not config.organization.has("placement") or team is None or not team.has("placement"):
        return False
    return placement_of(config.organization.model, team.model).shares_account(environment.environment)


def _studio_faults(partial: PartialModel[EnvironmentSettings]) -> Iterator[Fault]:
    environment = partial.model
    if not partial.has("studio"):
        return
    if environment.studio.enabled and environment.environment not in INTERACTIVE_ENVIRONMENTS:
        rule = f"enables Studio in {environment.environment}; only experimentation and development may have it"
        yield _fault(Code.STUDIO_MISPLACED, environment, "studio.enabled", "true", rule, "remove the line")
    if environment.studio.tracking and not environment.has_studio:
        rule = "enables tracking without Studio, which tracking needs"
        yield _fault(Code.STUDIO_MISPLACED, environment, "studio.tracking", "true", rule, "remove the line")
    yield from _canvas_faults(environment)
    if len(environment.studio.images) > IMAGES:
        rule = f"images are more than the stack can hold ({IMAGES})"
        number = str(len(environment.studio.images))
        yield _fault(Code.STUDIO_IMAGES, environment, "studio.images", number, rule, "remove unused images")
    yield from _limit_faults(environment)
    yield from _user_faults(environment)


def _canvas_faults(environment: EnvironmentSettings) -> Iterator[Fault]:
    canvas = environment.studio.canvas
    if canvas is None:
        return
    field = "studio.canvas.personas"
    if environment.environment != "experimentation":
        rule = f"enables Canvas in {environment.environment}; its models are not built by a pipeline"
        fix = "remove it; only experimentation may have Canvas"
        yield _fault(Code.STUDIO_MISPLACED, environment, "studio.canvas", "", rule, fix)
    if not canvas.personas:
        yield _fault(Code.FIELD_MISSING, environment, field, "", "is empty", "add a persona, or remove canvas")
    if len(set(canvas.personas)) < len(canvas.personas):
        names = ", ".join(canvas.personas)
        yield _fault(Code.NAME_REPEATED, environment, field, names, "lists a persona twice", "list each persona once")
    for persona in sorted({p for p in canvas.personas if environment.environment not in STUDIO_ENVIRONMENTS[p]}):
        rule = f"has no Studio in {environment.environment}"
        yield _fault(Code.STUDIO_MISPLACED, environment, field, persona, rule, "remove the persona")


def _limit_faults(environment: EnvironmentSettings) -> Iterator[Fault]:
    for persona, limits in environment.studio.limits.items():
        field = f"studio.limits.{persona}"
        if not limits.instance_types:
            rule, fix = "is empty", "add an instance type, or remove the persona to use its defaults"
            yield _fault(Code.FIELD_MISSING, environment, f"{field}.instance_types", "", rule, fix)
        if limits.volume_gib > limits.max_volume_gib:
            rule = f"is more than max_volume_gib ({limits.max_volume_gib})"
            fix = f"write max_volume_gib: {limits.volume_gib} or more"
            yield _fault(Code.VOLUME_LIMITS, environment, f"{field}.volume_gib", limits.volume_gib, rule, fix)


def _user_faults(environment: EnvironmentSettings) -> Iterator[Fault]:
    held: Counter[int] = Counter()
    known: set[str] = set()
    for name, user in environment.studio.users.items():
        field = f"studio.users.{name}"
        own_name = profile_name(name).casefold()
        if own_name in known:
            rule = "is listed twice, ignoring case"
            yield _fault(Code.NAME_REPEATED, environment, field, name, rule, "remove one of the two")
        known.add(own_name)
        if environment.environment not in STUDIO_ENVIRONMENTS[user.persona]:
            places = " and ".join(STUDIO_ENVIRONMENTS[user.persona])
            rule = f"has no Studio in {environment.environment}; this persona works in {places}"
            yield _fault(Code.STUDIO_MISPLACED, environment, f"{field}.persona", user.persona, rule, "remove the user")
        if len(set(user.apps)) < len(user.apps):
            rule, fix = "lists an app twice", "list each app once"
            yield _fault(Code.NAME_REPEATED, environment, f"{field}.apps", ", ".join(user.apps), rule, fix)
        held[user.stack] += 1
        if held[user.stack] > USERS_PER_STACK:
            yield _full(environment, f"{field}.stack", user.stack)


def _persona_faults(config: PartialConfig) -> Iterator[Fault]:
    """Nobody approves their own work: a lead merges and approves what authors push, for the whole team. So a person who
    is an author in one environment and a lead in another would have both permissions in tooling."""
    environments = [partial.model for partial in config.environments.values() if partial.has("studio")]
    by_team: dict[str, list[EnvironmentSettings]] = {}
    for environment in environments:
        by_team.setdefault(environment.team, []).append(environment)
    for environment in environments:
        for name, user in environment.studio.users.items():
            if user.persona != LEAD:
                continue
            for other, persona in _other_personas(name, by_team[environment.team]):
                rule = f"writes and approves: the same user is {persona} in {stack_file(other.stack)}"
                fix = f"give the user one of the two personas in all environments of team {environment.team}"
                yield _fault(Code.PERSONA_CONFLICT, environment, f"studio.users.{name}.persona", LEAD, rule, fix)


def _other_personas(
    name: str, environments: Sequence[EnvironmentSettings]
) -> Iterator[tuple[EnvironmentSettings, StudioPersona]]:
    """Yields the environments in which a user is no lead, with the persona there."""
    for environment in environments:
        for user, settings in environment.studio.users.items():
            if user.casefold() == name.casefold() and settings.persona != LEAD:
                yield environment, settings.persona


def _full(environment: EnvironmentSettings, field: str, stack: int) -> Fault:
    users = Counter(user.stack for user in environment.studio.users.values())
    room = next((number for number in range(1, STACKS + 1) if users[number] < USERS_PER_STACK), None)
    fix = f"write stack: {room}" if room else "add further users to an environment of another team"
    rule = f"is full: a stack holds {USERS_PER_STACK} users"
    return _fault(Code.STUDIO_FULL, environment, field, stack, rule, fix)
