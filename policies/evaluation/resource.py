"""The data that a rule checks: a resource, its provider, and the context of its stack."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from policies.evaluation.readers import Properties, Unknown
from settings.organization.organization import NOTEBOOK_PLATFORMS
from settings.types.kinds import DURABLE_KINDS

PROVIDER_TYPE = "pulumi:providers:aws"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackContext:
    """Facts about the stack from its name and configuration. The defaults are those of production, the strictest
    kind."""

    kind: str = "production"
    """A kind of `settings.types.kinds`, or `team` for the stack that creates a team's accounts."""
    release: str = ""
    """Use case whose models the stack serves, as ``<team>--<use case>``. Empty in stacks of the foundation."""
    promoted_versions: Collection[str] = ()
    """ARNs of the model versions that the promotion of a release names: the new one, and the one before."""
    sign_offs: Mapping[str, str] = field(default_factory=dict)
    """People who signed a release off, by decision: the approval in the registry, and the stages of the promotion."""
    business_approves: bool = False
    """Whether somebody approves for the business, too, before production serves a version of the use case."""
    internet_egress: bool = False
    """Whether the experimentation environment declares internet egress."""
    studio: bool = False
    """Whether people work in the environment, in a SageMaker Studio that has a stack of its own."""
    tracking: bool = False
    """Whether the environment has experiment tracking."""
    cluster: bool = False
    """Whether the tooling account has a Kubernetes cluster."""
    spark: bool = False
    """Whether the environment runs Spark on EMR."""
    data_api: bool = False
    """Whether the environment serves a private API."""
    identity_center: bool = True
    """Whether people sign in through Identity Center instead of IAM."""
    allowed_regions: Collection[str] = ()
    """Allowed regions. If the organization's settings cannot be read, this is empty, and every region is allowed."""
    partner_accounts: Collection[str] = ()
    """Accounts of other organizations that policies may name."""
    organization_id: str = ""
    """Id of the organization, which the settings name if it is adopted, and otherwise the state of the stack that
    created it. Empty before it exists."""
    organization_accounts: Collection[str] | None = None
    """Accounts that the upstream stacks and the stack itself export. None if nobody told the pack."""
    endpoint_services: Collection[str] = ()
    """Names of the endpoint services of the organization that upstream stacks export."""
    settings_accounts: Collection[str] = ()
    """Accounts that the settings of organization, team, environment and dataset name anywhere, or the versions of a
    promotion."""
    durable_accounts: Collection[str] = ()
    """Ids of shared accounts that the settings name: the management account and adopted accounts."""
    adopted_accounts: Collection[str] = ()
    """Ids of the team's adopted accounts."""
    settings_names: Collection[str] = ()
    """All texts in these settings, as they are."""
    settings_hosts: Collection[str] = ()
    """Hosts of addresses in these settings, and of the source provider."""
    shared_endpoints: bool = False
    """Whether all networks use one set of interface endpoints in the network account."""
    account_of_its_own: bool = True
    """Whether the account belongs to the stack's kind only, so that the stack creates the account baseline."""
    delegated_audit: bool = True
    """Whether the audit stack has an account other than the management account."""
    adopted_organization: bool = False
    """Whether the organization existed before the foundation, with resources in its management account."""
    team_accounts: Collection[str] = ()
    """Environments for which each team has an account."""
    log_archive: str = ""
    """Name prefix of the log archive bucket. Empty if the settings cannot be read."""
    artifacts: str = ""
    """Name prefix of tooling's bucket for registered models. Empty if the settings cannot be read."""
    lake: str = ""
    """Name prefix of the lake's buckets. Empty if the settings cannot be read."""
    notebook_platforms: Collection[str] = NOTEBOOK_PLATFORMS
    """Allowed platform identifiers of notebook instances."""
    corporate_networks: Collection[str] = ()
    """Public ranges of the company. Ingress from other public ranges is refused."""
    public_ingress_prefix: int = 24
    """Prefix length with as many addresses as a security group may admit from public ranges."""
    mail_domains: Collection[str] = ()
    """Domains of the addresses in the settings. Empty if the settings cannot be read."""
    admitted_types: Collection[str] = ()
    """Resource types that the organization admits although no rule knows them."""
    calling_use_cases: Collection[str] = ()
    """Use cases of the team whose models call AWS services during inference."""
    holds_registry: bool = False
    """Whether the stack's account contains the model registry."""
    branch_prefixes: Collection[str] = ()
    """Key prefixes of feature branches in the environment's ML bucket, one for each use case."""
    own_range: str = ""
    """Block of the address plan for the stack's network. Empty if it has no network."""
    taken_ranges: Collection[str] = ()
    """Address ranges that the address plan reserves for other uses."""
    dataset: str = ""
    """Name of the dataset, in a dataset's stack."""
    shared_with: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Environments that may read the dataset, by team. Empty if the settings cannot be read."""
    returned_by: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Environments whose jobs deliver the dataset's results, by team. Empty if the settings cannot be read."""
    for_experiments: bool = False
    """Whether the owner approved the dataset for experimentation, or declared an anonymised variant."""

    @property
    def is_durable(self) -> bool:
        """Whether the stack may contain the only copy of data, as durable kinds, the data catalog, object datasets and
        the copies of lake and archive do."""
        return self.kind in (*DURABLE_KINDS, "audit-replica", "data-catalog", "dataset", "lake-replica")


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider instance of a resource. Its properties are text, and nested properties are JSON text."""

    name: str
    properties: Properties = field(default_factory=Properties)

    @property
    def account_ids(self) -> list[str] | Unknown:
        ids = self.properties.json("allowedAccountIds")
        if isinstance(ids, Unknown):
            return ids
        return [str(account) for account in ids] if isinstance(ids, list) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource that is about to be created or changed."""

    type: str
    name: str
    properties: Properties
    parents: Sequence[str] = ()
    """Types of the resource's parent components, outermost first."""
    provider: Provider | None = None
    context: StackContext = field(default_factory=StackContext)
    protected: bool = False
    """Whether the resource has the option protect."""
    requested: Properties | None = None
    """Inputs from the program, if ``properties`` contains the outputs."""
    urn: str = ""
    sources: Mapping[str, Collection[str]] = field(default_factory=dict)
    """URNs of the resources that each property depends on. Known only in stack checks."""

    @property
    def account_ids(self) -> list[str] | Unknown:
        """Accounts that the resource's provider allows."""
        return self.provider.account_ids if self.provider else []
