"""Placement: the account of each kind, and the separation rules that a placement relaxes."""

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
"""Kinds that share the account of another kind, by preset. All other kinds have their own account."""


@dataclass(frozen=True, slots=True)
class RelaxedRule:
    """A separation rule that does not hold in a placement, because kinds that it separates share an account."""

    requirement: str
    """Id of the rule in docs/requirements.md."""
    account: Kind
    kinds: tuple[Kind, ...]
    """Kinds in the account that the rule would separate."""
    consequence: str
    team: str | None = None
    """The team whose own placement relaxes the rule, or None if the organization's placement does."""

    def __str__(self) -> str:
        whose = f" (team {self.team})" if self.team else ""
        kinds = ", ".join(self.kinds)
        return f"{self.requirement}: {kinds} in the account of {self.account}{whose}: {self.consequence}"


@dataclass(frozen=True, slots=True)
class _Separation:
    """A rule that kinds of one group share no account with kinds of another."""

    requirement: str
    group: tuple[Kind, ...]
    others: tuple[Kind, ...]
    consequence: str

    def violated_by(self, hosted: tuple[Kind, ...]) -> tuple[Kind, ...]:
        """Returns the kinds in one account that violate the rule."""
        pairs = [(a, b) for a in self.group for b in self.others if a != b and a in hosted and b in hosted]
        return tuple(kind for kind in KINDS if any(kind in pair for pair in pairs))


_SEPARATIONS = (
    _Separation(
        "ACC-03",
        ENVIRONMENTS,
        DURABLE_KINDS,
        "when a team leaves, its resources are removed but the account cannot be closed",
    ),
    _Separation(
        "ACC-04", ENVIRONMENTS, DURABLE_KINDS, "teams are separated by names and tags, not by an account boundary"
    ),
    _Separation(
        "ACC-05",
        ("experimentation",),
        ENVIRONMENTS,
        "the stricter guardrails apply to both, so there is no internet access",
    ),
    _Separation("ACC-09", ("organization",), KINDS, "service control policies do not bind the management account"),
    _Separation("COST-01", ENVIRONMENTS, DURABLE_KINDS, "teams have no separate bill; costs are separated by tags"),
    _Separation("DL-11", ("data-lake",), KINDS, "the lake is not separated from its producers and consumers"),
    _Separation("GOV-01", ("governance",), KINDS, "people outside IT sign in to the governance account"),
    _Separation("PRE-02", ("preproduction",), ENVIRONMENTS, "pre-production shares quotas and blast radius"),
    _Separation("PROD-01", ("production",), ENVIRONMENTS, "production is separated by roles and networks only"),
)


def _in_account_of(kind: Kind, alias: str | None = None) -> Any:
    return Field(default=kind, alias=alias, description="The kind whose account it is placed in.")


class Placement(Settings):
    """The account of each kind, given by the kind that the account is named after.

    In files it is the name of a preset, or a mapping by kind that can be based on a preset.
    """

    base: PresetName = Field(
        default="large",
        alias="preset",
        description="Placement of the kinds that are not listed. If the preset places such a kind in the account of a "
        "listed kind, it follows that kind.",
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
            raise refusal(
                Code.NOT_ALLOWED, f"is not one of {', '.join(PRESETS)}", "choose one, or write a mapping by kind"
            )
        return value

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        by_kind = handler.resolve_ref_schema(handler(schema))
        return {"anyOf": [{"enum": list(PRESETS)}, by_kind]}

    @classmethod
    def preset(cls, name: PresetName) -> Placement:
        return cls.model_validate(name)

    def account_of(self, kind: Kind) -> Kind:
        """Returns the kind whose account a kind is placed in, which is the kind itself if it has its own account."""
        account: Kind = getattr(self, kind.replace("-", "_"))
        return account

    def with_overrides(self, written: Mapping[SomeKind, Kind]) -> Placement:
        """Returns this placement with other accounts for some kinds, or itself if there are none."""
        if not written:
            return self
        accounts: dict[Kind, Kind] = {kind: self.account_of(kind) for kind in KINDS}
        placed = [*_followed(accounts, written).items(), *written.items()]
        return self.model_copy(update={kind.replace("-", "_"): account for kind, account in placed})

    def preset_overrides(self) -> dict[Kind, Kind]:
        """Returns the kinds that must be listed in addition to the preset to describe this placement."""
        preset = PRESETS[self.base]
        return {kind: self.account_of(kind) for kind in KINDS if self.account_of(kind) != preset.get(kind, kind)}

    def accounts_in(self, phase: Phase) -> tuple[Kind, ...]:
        """Returns the accounts that exist in a phase, by the kind they are named after."""
        used = {self.account_of(kind) for kind in kinds_in(phase)}
        return tuple(kind for kind in KINDS if kind in used)

    def durable_accounts_in(self, phase: Phase) -> tuple[DurableKind, ...]:
        present = self.accounts_in(phase)
        return tuple(kind for kind in DURABLE_KINDS if kind in present)

    def team_accounts_in(self, phase: Phase) -> tuple[Environment, ...]:
        """Returns the accounts that every team has of its own."""
        present = self.accounts_in(phase)
        return tuple(environment for environment in ENVIRONMENTS if environment in present)

    def hosted_in(self, account: Kind, phase: Phase) -> tuple[Kind, ...]:
        """Returns the kinds that are placed in an account."""
        return tuple(kind for kind in kinds_in(phase) if self.account_of(kind) == account)

    def shares_account(self, kind: Kind) -> bool:
        """Returns whether another kind is placed in the same account, in any phase."""
        return self.account_of(kind) in {self.account_of(other) for other in KINDS if other != kind}

    def relaxed_rules(self, phase: Phase) -> tuple[RelaxedRule, ...]:
        """Returns the separation rules that do not hold in a phase. With one account per kind, there are none."""
        return tuple(
            RelaxedRule(separation.requirement, account, together, separation.consequence)
            for separation in _SEPARATIONS
            for account in self.accounts_in(phase)
            if (together := separation.violated_by(self.hosted_in(account, phase)))
        )


def _followed(accounts: Mapping[Kind, Kind], written: Mapping[Any, Any]) -> dict[Kind, Kind]:
    """Returns the accounts of the kinds that are not written. A kind follows its host to the host's written account."""
    return {
        kind: host if written.get(host) not in KINDS else written[host]
        for kind, host in accounts.items()
        if kind not in written
    }
