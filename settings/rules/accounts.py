"""Rules about accounts: ids, names and addresses are each used once, and what is said is about accounts that exist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from settings.derived.accounts import Account, durable_accounts, label, placement_of, team_accounts
from settings.derived.partial_config import PROJECT_FILE, Parts, stack_file
from settings.organization.account import AccountSettings
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import Kind, first_phase_of, lifecycle_of

_EMAIL_MOST = 64
_NEEDED = ("name", "email", "phase", "placement", "accounts")


@dataclass(frozen=True, slots=True)
class _Said:
    """What a file says about one account."""

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


def account_faults(parts: Parts) -> Iterator[Fault]:
    said = list(_said(parts))
    yield from _repeated_ids(said)
    if parts.organization.has("phase", "placement"):
        yield from _unused(parts, said)
    if parts.organization.has(*_NEEDED):
        accounts = list(_accounts(parts))
        yield from _repeated_emails(accounts, {entry.label: entry for entry in said})
        yield from _repeated_names(accounts, {entry.label: entry for entry in said})
        yield from _long_emails(parts, accounts)


def _said(parts: Parts) -> Iterator[_Said]:
    if parts.organization.has("accounts"):
        for kind, settings in parts.organization.model.accounts.items():
            yield _Said(kind, None, settings)
    for name, draft in parts.teams.items():
        if draft.has("accounts"):
            for environment, settings in draft.model.accounts.items():
                yield _Said(environment, name, settings)


def _accounts(parts: Parts) -> Iterator[Account]:
    yield from durable_accounts(parts.organization.model)
    for draft in parts.teams.values():
        if draft.has("accounts", "placement"):
            yield from team_accounts(parts.organization.model, draft.model)


def _repeated_ids(said: list[_Said]) -> Iterator[Fault]:
    first: dict[str, _Said] = {}
    for entry in said:
        if entry.settings.id is None:
            continue
        other = first.setdefault(entry.settings.id, entry)
        if other is entry:
            continue
        durable = entry.team is not None and lifecycle_of(other.kind) == "durable"
        why = ", which outlives every team" if durable else ""
        fix = "give it an account of its own, or merge kinds with `placement`"
        yield entry.fault(Code.ACCOUNT_REPEATED, "id", f"is already the account of {other.label}{why}", fix)


def _unused(parts: Parts, said: list[_Said]) -> Iterator[Fault]:
    organization = parts.organization.model
    for entry in said:
        placement = organization.placement
        if entry.team is not None:
            if not parts.teams[entry.team].has("placement"):
                continue
            placement = placement_of(organization, parts.teams[entry.team].model)
        if entry.kind in placement.accounts_in(organization.phase):
            continue
        host = placement.account_of(entry.kind)
        rule = f"is not an account here: {entry.kind} lands in the account of {host}"
        if host == entry.kind:
            rule = f"is not an account yet: {entry.kind} comes with phase {first_phase_of(entry.kind)}"
        yield entry.fault(Code.ACCOUNT_UNUSED, "", rule, "remove it, or change phase or placement")


def _repeated_emails(accounts: list[Account], said: dict[str, _Said]) -> Iterator[Fault]:
    for account, other in _repeats([(account.email.casefold(), account) for account in accounts]):
        if entry := said.get(account.label) or said.get(other.label):
            rule = f"is the address of {other.label} and {account.label}; AWS takes an address once, case aside"
            yield entry.fault(Code.EMAIL_REPEATED, "email", rule, "give each account an address of its own")


def _repeated_names(accounts: list[Account], said: dict[str, _Said]) -> Iterator[Fault]:
    for account, other in _repeats([(account.name.casefold(), account) for account in accounts]):
        if entry := said.get(account.label) or said.get(other.label):
            rule = f"is the name of two accounts, {other.label} and {account.label}"
            yield entry.fault(Code.ACCOUNT_NAME_REPEATED, "name", rule, "give each account a name of its own")


def _repeats(keyed: list[tuple[str, Account]]) -> Iterator[tuple[Account, Account]]:
    first: dict[str, Account] = {}
    for key, account in keyed:
        other = first.setdefault(key, account)
        if other is not account:
            yield account, other


def _long_emails(parts: Parts, accounts: list[Account]) -> Iterator[Fault]:
    too_long = [account for account in accounts if len(account.email) > _EMAIL_MOST]
    if not too_long:
        return
    longest = max(too_long, key=lambda account: len(account.email))
    excess = len(longest.email) - _EMAIL_MOST
    room = len(longest.team or "") - excess
    names = f", or keep team names to {room} characters" if longest.team and room >= 3 else ""
    yield Fault(
        code=Code.NAME_TOO_LONG,
        file=PROJECT_FILE,
        path="plinth:organization.email",
        value=parts.organization.model.email.replace("{account}", longest.label),
        rule=f"has {len(longest.email)} characters; the address of an account has at most {_EMAIL_MOST}",
        fix=f"shorten the pattern by {excess} characters{names}",
    )
