"""Placement: in which account each kind lands, and which rules a placement relaxes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.kinds import DURABLE_KINDS, ENVIRONMENTS, KINDS, DurableKind, Environment, Kind, Phase, kinds_in
from settings.types.model import Settings

PresetName = Literal["small", "medium", "large"]
SomeKind = TypeVar("SomeKind", bound=Kind)

PRESETS: Mapping[PresetName, Mapping[Kind, Kind]] = MappingProxyType(
    {
        "small": dict.fromkeys(KINDS, "organization"),
        "medium": {
            "audit": "tooling",
            "network": "tooling",
            "data-lake": "tooling",
            "governance": "tooling",
            "experimentation": "development",
        },
        "large": {},
    }
)
"""Kinds that land in another kind's account; a kind that is not named has its own."""


@dataclass(frozen=True, slots=True)
class RelaxedRule:
    """A rule that a placement gives up, because kinds that it keeps apart share an account."""

    requirement: str
    """Its id in docs/requirements.md."""
    account: Kind
    kinds: tuple[Kind, ...]
    """The kinds that meet in the account, of those that the rule keeps apart."""
    consequence: str
    team: str | None = None
    """The team whose own placement gives it up; None where the organization's does, for everybody."""

    def __str__(self) -> str:
        whose = f" (team {self.team})" if self.team else ""
        kinds = ", ".join(self.kinds)
        return f"{self.requirement}: {kinds} in the account of {self.account}{whose}: {self.consequence}"


@dataclass(frozen=True, slots=True)
class _Separation:
    """Kinds that are not to share an account with kinds of another group."""

    requirement: str
    these: tuple[Kind, ...]
    those: tuple[Kind, ...]
    consequence: str

    def broken_by(self, hosts: tuple[Kind, ...]) -> tuple[Kind, ...]:
        pairs = [(a, b) for a in self.these for b in self.those if a != b and a in hosts and b in hosts]
        return tuple(kind for kind in KINDS if any(kind in pair for pair in pairs))


_SEPARATIONS = (
    _Separation(
        "ACC-03",
        ENVIRONMENTS,
        DURABLE_KINDS,
        "a team's leaving empties its part of the account and cannot close the account",
    ),
    _Separation(
        "ACC-04", ENVIRONMENTS, DURABLE_KINDS, "teams are kept apart by names and tags, not by an account's border"
    ),
    _Separation(
        "ACC-05",
        ("experimentation",),
        ENVIRONMENTS,
        "the stricter guardrails hold for both, so there is no internet access",
    ),
    _Separation("ACC-09", ("organization",), KINDS, "service control policies do not bind the management account"),
    _Separation(
        "COST-01", ENVIRONMENTS, DURABLE_KINDS, "no bill of its own for each team; costs are told apart by tags"
    ),
    _Separation("DL-11", ("data-lake",), KINDS, "the lake is not apart from those who write and read it"),
    _Separation("GOV-01", ("governance",), KINDS, "others than IT sign in to the account that governs"),
    _Separation("PRE-02", ("preproduction",), ENVIRONMENTS, "pre-production shares quotas and blast radius"),
    _Separation("PROD-01", ("production",), ENVIRONMENTS, "production is kept apart by roles and networks alone"),
)


def _in_account_of(kind: Kind, alias: str | None = None) -> Any:
    return Field(default=kind, alias=alias, description="The kind in whose account it lands.")


class Placement(Settings):
    """For every kind, the kind in whose account it lands. Written as a preset's name, or kind by kind on top of one."""

    base: PresetName = Field(
        default="large",
        alias="preset",
        description="Where the kinds land that are not written here. Those that it puts into the account of a kind "
        "which is written follow that kind.",
    )
    organization: Literal["organization"] = _in_account_of("organization")
    audit: DurableKind = _in_account_of("audit")
    network: DurableKind = _in_account_of("network")
    data_lake: DurableKind = _in_account_of("data-lake", alias="data-lake")
    tooling: DurableKind = _in_account_of("tooling")
    governance: DurableKind = _in_account_of("governance")
    experimentation: Kind = _in_account_of("experimentation")
    development: Kind = _in_account_of("development")
    preproduction: Kind = _in_account_of("preproduction")
    production: Kind = _in_account_of("production")

    @model_validator(mode="before")
    @classmethod
    def _expand_preset(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            name, written = value.get("preset"), value
        elif isinstance(value, str):
            name, written = value, {"preset": value}
        else:
            return value
        for known, accounts in PRESETS.items():
            if known == name:
                return {**_followed(accounts, written), **written}
        if isinstance(value, str):
            raise refusal(Code.NOT_ALLOWED, f"is not one of {', '.join(PRESETS)}", "choose one, or place kind by kind")
        return value

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        by_kind = handler.resolve_ref_schema(handler(schema))
        return {"anyOf": [{"enum": list(PRESETS)}, by_kind]}

    @classmethod
    def preset(cls, name: PresetName) -> Placement:
        return cls.model_validate(name)

    def account_of(self, kind: Kind) -> Kind:
        """The kind whose account this kind lands in: itself where it has its own."""
        account: Kind = getattr(self, kind.replace("-", "_"))
        return account

    def with_overrides(self, written: Mapping[SomeKind, Kind]) -> Placement:
        """This placement with other accounts for some kinds, as somebody writes who keeps them where they are."""
        accounts: dict[Kind, Kind] = {kind: self.account_of(kind) for kind in KINDS}
        landing = [*_followed(accounts, written).items(), *written.items()]
        return self.model_copy(update={kind.replace("-", "_"): account for kind, account in landing})

    def preset_overrides(self) -> dict[Kind, Kind]:
        """What has to be written beside the preset's name to have this placement."""
        preset = PRESETS[self.base]
        return {kind: self.account_of(kind) for kind in KINDS if self.account_of(kind) != preset.get(kind, kind)}

    def accounts_in(self, phase: Phase) -> tuple[Kind, ...]:
        """The accounts that exist in a phase, by the kind they are named after."""
        used = {self.account_of(kind) for kind in kinds_in(phase)}
        return tuple(kind for kind in KINDS if kind in used)

    def durable_accounts_in(self, phase: Phase) -> tuple[DurableKind, ...]:
        present = self.accounts_in(phase)
        return tuple(kind for kind in DURABLE_KINDS if kind in present)

    def team_accounts_in(self, phase: Phase) -> tuple[Environment, ...]:
        """The accounts that every team has of its own."""
        present = self.accounts_in(phase)
        return tuple(environment for environment in ENVIRONMENTS if environment in present)

    def hosted_in(self, account: Kind, phase: Phase) -> tuple[Kind, ...]:
        """The kinds that land in an account."""
        return tuple(kind for kind in kinds_in(phase) if self.account_of(kind) == account)

    def shares_account(self, kind: Kind) -> bool:
        """Whether another kind lands in the same account, in whatever phase."""
        return self.account_of(kind) in {self.account_of(other) for other in KINDS if other != kind}

    def relaxed_rules(self, phase: Phase) -> tuple[RelaxedRule, ...]:
        """The rules that this placement gives up in a phase. None for an account per kind."""
        return tuple(
            RelaxedRule(separation.requirement, account, together, separation.consequence)
            for separation in _SEPARATIONS
            for account in self.accounts_in(phase)
            if (together := separation.broken_by(self.hosted_in(account, phase)))
        )


def _followed(accounts: Mapping[Kind, Kind], written: Mapping[Any, Any]) -> dict[Kind, Kind]:
    """The kinds that are not written, each in the account where the kind that hosts it lands by what is written."""
    return {
        kind: host if written.get(host) not in KINDS else written[host]
        for kind, host in accounts.items()
        if kind not in written
    }
