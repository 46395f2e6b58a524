"""Rules about accounts: ids, names and e-mail addresses are unique, and every account with settings exists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from settings.derived.accounts import Account, durable_accounts, label, placement_of, team_accounts
from settings.organization.account import AccountSettings
from settings.rules.partial_config import PROJECT_FILE, PartialConfig, stack_file
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import Kind, first_phase_of, lifecycle_of

_MAX_EMAIL_LENGTH = 64
_NEEDED = ("name", "email", "phase", "placement", "accounts")


@dataclass(frozen=True, slots=True)
class _Entry:
    """The settings of one account in a file."""

    kind: Kind
    team: str | None
    settings: AccountSettings

    @property
    def label(self) -> str:
        return label(self.kind, self.team)

    def fault(self, code: Code, field: str, rule: str, fix: str) -> Fault:
        file, key = (
            (PROJECT_FILE, "plinth:organization") if self.team is None else (stack_file(self.team), "plinth:team")
        )
        path = ".".join(part for part in (key, "accounts", self.kind, field) if part)
        value = str(getattr(self.settings, field)) if field else ""
        return Fault(code=code, file=file, path=path, value=value, rule=rule, fix=fix)


def account_faults(config: PartialConfig) -> Iterator[Fault]:
    entries = list(_entries(config))
    yield from _repeated_ids(entries)
    if config.organization.has("phase", "placement"):
        yield from _unused(config, entries)
    if config.organization.has(*_NEEDED):
        accounts = list(_accounts(config))
        yield from _repeated_emails(accounts, {entry.label: entry for entry in entries})
        yield from _repeated_names(accounts, {entry.label: entry for entry in entries})
        yield from _long_emails(config, accounts)


def _entries(config: PartialConfig) -> Iterator[_Entry]:
    if config.organization.has("accounts"):
        for kind, settings in config.organization.model.accounts.items():
            yield _Entry(kind, None, settings)
    for name, partial in config.teams.items():
        if partial.has("accounts"):
            for environment, settings in partial.model.accounts.items():
                yield _Entry(environment, name, settings)


def _accounts(config: PartialConfig) -> Iterator[Account]:
    yield from durable_accounts(config.organization.model)
    for partial in config.teams.values():
        if partial.has("accounts", "placement"):
            yield from team_accounts(config.organization.model, partial.model)


def _repeated_ids(entries: list[_Entry]) -> Iterator[Fault]:
    first: dict[str, _Entry] = {}
    for entry in entries:
        if entry.settings.id is None:
            continue
        other = first.setdefault(entry.settings.id, entry)
        if other is entry:
            continue
        durable = entry.team is not None and lifecycle_of(other.kind) == "durable"
        why = ", which outlives every team" if durable else ""
        fix = "give it its own account, or merge kinds with `placement`"
        yield entry.fault(Code.ACCOUNT_REPEATED, "id", f"is already the account of {other.label}{why}", fix)


def _unused(config: PartialConfig, entries: list[_Entry]) -> Iterator[Fault]:
    organization = config.organization.model
    for entry in entries:
        placement = organization.placement
        if entry.team is not None:
            if not config.teams[entry.team].has("placement"):
                continue
            placement = placement_of(organization, config.teams[entry.team].model)
        if entry.kind in placement.accounts_in(organization.phase):
            continue
        host = placement.account_of(entry.kind)
        rule = f"does not exist: {entry.kind} is placed in the account of {host}"
        if host == entry.kind:
            rule = f"does not exist yet: {entry.kind} is added in phase {first_phase_of(entry.kind)}"
        yield entry.fault(Code.ACCOUNT_UNUSED, "", rule, "remove it, or change phase or placement")


def _repeated_emails(accounts: list[Account], entries: dict[str, _Entry]) -> Iterator[Fault]:
    for account, other in _repeats([(account.email.casefold(), account) for account in accounts]):
        if entry := entries.get(account.label) or entries.get(other.label):
            rule = f"is the address of {other.label} and {account.label}; AWS accepts an address once, ignoring case"
            yield entry.fault(Code.EMAIL_REPEATED, "email", rule, "give each account its own address")


def _repeated_names(accounts: list[Account], entries: dict[str, _Entry]) -> Iterator[Fault]:
    for account, other in _repeats([(account.name.casefold(), account) for account in accounts]):
        if entry := entries.get(account.label) or entries.get(other.label):
            rule = f"is the name of two accounts, {other.label} and {account.label}"
            yield entry.fault(Code.ACCOUNT_NAME_REPEATED, "name", rule, "give each account its own name")


def _repeats(keyed: list[tuple[str, Account]]) -> Iterator[tuple[Account, Account]]:
    first: dict[str, Account] = {}
    for key, account in keyed:
        other = first.setdefault(key, account)
        if other is not account:
            yield account, other


def _long_emails(config: PartialConfig, accounts: list[Account]) -> Iterator[Fault]:
    too_long = [account for account in accounts if len(account.email) > _MAX_EMAIL_LENGTH]
    if not too_long:
        return
    longest = max(too_long, key=lambda account: len(account.email))
    excess = len(longest.email) - _MAX_EMAIL_LENGTH
    room = len(longest.team or "") - excess
    names = f", or keep team names to {room} characters" if longest.team and room >= 3 else ""
    yield Fault(
        code=Code.NAME_TOO_LONG,
        file=PROJECT_FILE,
        path="plinth:organization.email",
        value=config.organization.model.email.replace("{account}", longest.label),
        rule=f"has {len(longest.email)} characters; the address of an account has at most {_MAX_EMAIL_LENGTH}",
        fix=f"shorten the pattern by {excess} characters{names}",
    )
