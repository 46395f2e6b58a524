"""The guardrails of the organization, and the organizational units that each is attached to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.statements import Statement
from components.organization.enterprise import Enterprise
from components.organization.guardrail import Guardrail, GuardrailArgs
from components.organization.guardrails import (
    cost,
    data,
    declared,
    identities,
    membership,
    monitoring,
    network,
    perimeter,
    registry,
    resources,
    sagemaker,
)
from components.organization.policy_limits import PolicyType, document, pack, require_room
from settings.organization.organization import Organization
from settings.types.kinds import ENVIRONMENTS, ORGANIZATIONAL_UNIT_PATHS, OrganizationalUnitPath

TOP_UNITS: tuple[OrganizationalUnitPath, ...] = tuple(path for path in ORGANIZATIONAL_UNIT_PATHS if "/" not in path)
IDLE: tuple[OrganizationalUnitPath, ...] = ("Suspended", "Recycled")
ACTIVE: tuple[OrganizationalUnitPath, ...] = tuple(path for path in TOP_UNITS if path not in IDLE)
WITHOUT_EGRESS: tuple[OrganizationalUnitPath, ...] = ("Data", "Workloads/Production")
WITH_FOUNDATION_EGRESS: tuple[OrganizationalUnitPath, ...] = (
    "Security",
    "Infrastructure",
    "Tooling",
    "Workloads/NonProduction",
)
WITH_MODELS: tuple[OrganizationalUnitPath, ...] = ("Data", "Tooling", "Workloads")
LAKE_READERS: tuple[OrganizationalUnitPath, ...] = ("Tooling", "Workloads")

TAGS: Mapping[str, Sequence[str]] = {
    "plinth:cost-centre": (),
    "plinth:environment": ("shared", *ENVIRONMENTS),
    "plinth:lifecycle": ("durable", "ephemeral"),
    "plinth:owner": (),
    "plinth:stack": (),
    "plinth:team": (),
}
"""The mandatory tags, each with its allowed values; an empty sequence allows any value."""

Targets = Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardrailPlan:
    """A guardrail before its policies are created."""

    name: str
    description: str
    targets: Targets
    statements: Sequence[Statement] = ()
    declares: Mapping[str, object] | None = None
    """Document of a declarative policy, which has no statements."""
    type: PolicyType = "SERVICE_CONTROL_POLICY"

    @property
    def documents(self) -> list[Mapping[str, object]]:
        if self.declares is not None:
            return [self.declares]
        return [document(packed) for packed in pack(f"plinth-{self.name}", self.type, self.statements)]


class Guardrails:
    """The guardrails of an organization, attached to its units."""

    def __init__(
        self, settings: Organization, enterprise: Enterprise, lake_account_id: pulumi.Output[str] | None
    ) -> None:
        """``lake_account_id`` is set if the lake has an account to itself."""
        self._settings, self._enterprise, self._lake = settings, enterprise, lake_account_id

    def attach(self, opts: pulumi.ResourceOptions) -> dict[str, pulumi.Output[str]]:
        """Creates all guardrails. Returns the policy ids that other stacks attach to their accounts, by name."""
        plans = [*self._everywhere(), *self._by_unit(), *self._for_lake(), *self._declarative()]
        _require_room(plans)
        made = {plan.name: _make(plan, opts) for plan in plans}
        return {"no-studio": made["no-studio"].policy_ids[0]}

    def _everywhere(self) -> list[GuardrailPlan]:
        settings, organization_id = self._settings, self._enterprise.organization_id
        github = settings.reviews.github
        return [
            GuardrailPlan(
                name="everywhere",
                description="What no account of the organization may do",
                targets=self._all(ACTIVE),
                statements=[
                    *membership.stay_in_the_organization(),
                    *membership.stay_in_allowed_regions(settings.regions, _elsewhere(settings)),
                    *monitoring.protect_monitoring(),
                    *identities.require_boundaries(),
                    *identities.no_long_lived_credentials(),
                    *network.protect_network(),
                    *perimeter.only_our_resources(organization_id, settings.regions),
                    *perimeter.only_from_our_networks(organization_id, _texts(settings.corporate_networks)),
                    *data.no_external_sharing(settings.owner.rpartition("@")[2]),
                    *data.keep_buckets_private(),
                    *cost.protect_tags(),
                ],
            ),
            GuardrailPlan(
                name="perimeter",
                description="Our identities, for us, over TLS, from our networks",
                targets=self._all(TOP_UNITS),
                type="RESOURCE_CONTROL_POLICY",
                statements=[
                    *resources.only_our_identities(organization_id, settings.partner_accounts),
                    *resources.no_confused_deputy(organization_id),
                    *resources.only_over_tls(),
                    *resources.only_from_our_networks(organization_id, _texts(settings.corporate_networks)),
                    *resources.no_web_identities(organization_id, github.subjects if github is not None else ()),
                ],
            ),
        ]

    def _by_unit(self) -> list[GuardrailPlan]:
        work = [*cost.require_team_tag(), *data.no_data_grants(), *perimeter.workloads_use_endpoints()]
        models = [*sagemaker.only_in_the_network(), *sagemaker.only_encrypted(), *network.require_vpc()]
        releases = [*sagemaker.only_isolated(), *cost.limit_requests(cost.RELEASE_LIMITS)]
        experiments = cost.limit_requests(cost.EXPERIMENT_LIMITS)
        if self._lake is not None:
            releases += data.lake_accepts_results_only(self._lake)
            experiments = [*experiments, *data.lake_is_read_only(self._lake)]
        return [
            self._plan("suspended", "Nothing happens here", membership.deny_everything(), IDLE),
            self._plan("no-way-out", "No gateway of any kind", network.deny_gateways(), WITHOUT_EGRESS),
            self._plan(
                "one-way-out",
                "Ways out by the foundation only",
                network.gateways_by_foundation_only(),
                WITH_FOUNDATION_EGRESS,
            ),
            self._plan("models", "Models in the network, encrypted", models, WITH_MODELS),
            self._plan("registry", "Approved by who may", registry.only_approvers_approve(), ["Tooling"]),
            self._plan("work", "Work inside, on data that is granted", work, ["Workloads"]),
            self._plan("releases", "Isolated and bounded", releases, ["Workloads/Production"]),
            self._plan("experiments", "Bounded experiments", experiments, ["Workloads/NonProduction"]),
            # Team stacks attach this one to single accounts: a unit holds accounts with and without a Studio.
            self._plan("no-studio", "No work by hand", sagemaker.no_studio(), []),
        ]

    def _for_lake(self) -> list[GuardrailPlan]:
        if self._lake is None:
            return []
        readers = [self._path(unit) for unit in LAKE_READERS]
        return [
            GuardrailPlan(
                name="lake",
                description="Read by those it is shared with, written where data lands",
                targets={"data-lake": self._lake},
                type="RESOURCE_CONTROL_POLICY",
                statements=resources.protect_lake(self._lake, readers),
            )
        ]

    def _declarative(self) -> list[GuardrailPlan]:
        """Plans declarative policies. AWS merges them along the tree, so one policy for all accounts is enough.

        Images and snapshots of accounts in idle units remain, so these units get the declarative policy for EC2 too.
        """
        refusal = f"Refused for every account of {self._settings.name}; ask {self._settings.owner}."
        everywhere = self._all(ACTIVE)
        return [
            GuardrailPlan(
                name="no-learning",
                description="AWS's AI services keep nothing of ours",
                targets=everywhere,
                type="AISERVICES_OPT_OUT_POLICY",
                declares=declared.ai_services_opt_out(),
            ),
            GuardrailPlan(
                name="tags",
                description="Tags of the foundation, spelt one way",
                targets=everywhere,
                type="TAG_POLICY",
                declares=declared.tag_policy(TAGS),
            ),
            GuardrailPlan(
                name="machines",
                description="No serial console, no foreign images",
                targets=self._all(TOP_UNITS),
                type="DECLARATIVE_POLICY_EC2",
                declares=declared.restrict_consoles_and_images(refusal),
            ),
        ]

    def _all(self, units: Sequence[OrganizationalUnitPath]) -> Targets:
        """Returns the targets of guardrails for all accounts: the root, or in an adopted organization the given units.

        At the root, guardrails apply to an account from its creation, before it is moved to a unit. The root of an
        adopted organization also contains accounts that the foundation does not manage. Idle units get no service
        control policy for all accounts, because another one denies everything there.
        """
        if self._settings.id is None:
            return {"root": self._enterprise.root_id}
        return self._units(units)

    def _units(self, paths: Sequence[OrganizationalUnitPath]) -> Targets:
        return {path.replace("/", "-").lower(): self._enterprise.unit_ids[path] for path in paths}

    def _path(self, unit: OrganizationalUnitPath) -> pulumi.Output[str]:
        """Returns the path of a unit and everything below it, in the format of ``aws:PrincipalOrgPaths``."""
        enterprise = self._enterprise
        return pulumi.Output.concat(
            enterprise.organization_id, "/", enterprise.root_id, "/", enterprise.unit_ids[unit], "/*"
        )

    def _plan(
        self, name: str, description: str, statements: Sequence[Statement], units: Sequence[OrganizationalUnitPath]
    ) -> GuardrailPlan:
        return GuardrailPlan(name=name, description=description, statements=statements, targets=self._units(units))


def _make(plan: GuardrailPlan, opts: pulumi.ResourceOptions) -> Guardrail:
    args = GuardrailArgs(
        policy_name=f"plinth-{plan.name}",
        description=plan.description,
        documents=plan.documents,
        targets=plan.targets,
        type=plan.type,
    )
    return Guardrail(f"guardrail-{plan.name}", args, opts)


def _require_room(plans: Sequence[GuardrailPlan]) -> None:
    """Checks, for each policy type, that no target has more policies attached than AWS allows."""
    for type_ in {plan.type for plan in plans}:
        attached: dict[str, list[str]] = {}
        same_type = [plan for plan in plans if plan.type == type_]
        for plan in same_type:
            for target in plan.targets:
                attached.setdefault(target, []).extend(f"plinth-{plan.name}" for _ in plan.documents)
        require_room(type_, attached, [statement for plan in same_type for statement in plan.statements])


def _elsewhere(settings: Organization) -> list[membership.ElsewhereAllowed]:
    return [
        membership.ElsewhereAllowed(actions=region_exception.actions, regions=region_exception.regions)
        for region_exception in settings.region_exceptions
    ]


def _texts(networks: Sequence[object]) -> list[str]:
    return [str(network) for network in networks]
