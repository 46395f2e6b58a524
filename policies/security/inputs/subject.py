"""What a rule sees: one resource, the provider it goes through, and what the organization has declared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from policies.security.inputs.readers import Properties, Unknown
from settings.organization.organization import NOTEBOOK_PLATFORMS
from settings.types.kinds import DURABLE_KINDS

PROVIDER_TYPE = "pulumi:providers:aws"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The stack and what its configuration declares. Whatever is not declared is judged as in production."""

    kind: str = "production"
    """A kind of `settings.types.kinds`, or `team` for the stack that creates a team's accounts."""
    internet_egress: bool = False
    """The experimentation environment has asked for its egress."""
    studio: bool = False
    tracking: bool = False
    spark: bool = False
    data_api: bool = False
    """People work in the environment, whose Studio is in a stack of its own."""
    identity_center: bool = True
    """False when the organization has declared that people sign in with IAM."""
    allowed_regions: Collection[str] = ()
    """Empty when the organization's settings cannot be read: then no region is refused."""
    partner_accounts: Collection[str] = ()
    """Accounts of other organizations that policies may name."""
    organization_id: str = ""
    """Of an organization that was there before; AWS makes up that of any other."""
    durable_accounts: Collection[str] = ()
    """Ids of shared accounts, as far as the settings name them: the management account's, and those of adopted ones."""
    adopted_accounts: Collection[str] = ()
    """Ids of the team's accounts that were there before."""
    shared_endpoints: bool = False
    """Networks reach AWS through one set of interface endpoints in the network account."""
    account_of_its_own: bool = True
    """Whether the stack's account is that of its kind alone, so that the stack sets up the account as a whole."""
    delegated_audit: bool = True
    """Whether another account than the management account watches over all."""
    adopted_organization: bool = False
    """Whether the organization was there before the foundation, with whatever its management account holds."""
    team_accounts: Collection[str] = ()
    """The environments that every team has an account for."""
    log_archive: str = ""
    """How the name of the bucket begins that keeps everybody's logs; empty when the settings cannot be read."""
    artifacts: str = ""
    """How the name of tooling's bucket begins that keeps registered models; empty when the settings cannot be read."""
    lake: str = ""
    """How the names of the lake's buckets begin; empty when the settings cannot be read."""
    notebook_platforms: Collection[str] = NOTEBOOK_PLATFORMS
    """What notebook instances may run on."""
    calling_use_cases: Collection[str] = ()
    """The team's use cases whose models call AWS services while they answer."""
    holds_registry: bool = False
    """Whether the stack's account is the one of the registry of models."""
    branch_prefixes: Collection[str] = ()
    """How the keys begin of what feature branches leave in the environment's ML bucket, for each of its use cases."""
    own_range: str = ""
    """Addresses that the plan gives to the stack's network; empty where it has none."""
    taken_ranges: Collection[str] = ()
    """Addresses that somebody else has, as far as the address plan says."""
    dataset: str = ""
    """The name of the dataset whose stack it is."""
    shared_with: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Environments by team that the dataset's owner lets read it: nobody, where that cannot be read."""
    returned_by: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Environments by team whose jobs lay down what the dataset is made of: none, where that cannot be read."""
    for_experiments: bool = False
    """The owner has let the dataset go as it is, or declared a variant without persons."""

    @property
    def is_durable(self) -> bool:
        """Whether the stack keeps what may be the only copy; a dataset's objects are the lake's."""
        return self.kind in (*DURABLE_KINDS, "dataset")


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider instance a resource goes through. Its own properties are text, JSON where they are nested."""

    name: str
    properties: Properties = field(default_factory=Properties)

    @property
    def account_ids(self) -> list[str] | Unknown:
        ids = self.properties.json("allowedAccountIds")
        if isinstance(ids, Unknown):
            return ids
        return [str(account) for account in ids] if isinstance(ids, list) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One resource that is about to be created or changed."""

    type: str
    name: str
    properties: Properties
    parents: Sequence[str] = ()
    """Types of the components it is part of, outermost first."""
    provider: Provider | None = None
    surroundings: Surroundings = field(default_factory=Surroundings)
    protected: bool = False
    """Whether the engine refuses to delete it."""
    asked: Properties | None = None
    """What the program asked for, where ``properties`` is what became of it."""
    urn: str = ""
    sources: Mapping[str, Collection[str]] = field(default_factory=dict)
    """URNs of the resources that each property is made from; known only when the whole stack is judged."""

    @property
    def account_ids(self) -> list[str] | Unknown:
        """The accounts that it may be made in."""
        return self.provider.account_ids if self.provider else []
