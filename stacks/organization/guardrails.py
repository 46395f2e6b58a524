"""Which guardrail goes where: the parts list of what nobody in the organization may do."""

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
AT_WORK: tuple[OrganizationalUnitPath, ...] = tuple(path for path in TOP_UNITS if path not in IDLE)
WITHOUT_WAY_OUT: tuple[OrganizationalUnitPath, ...] = ("Data", "Workloads/Production")
WITH_ONE_WAY_OUT: tuple[OrganizationalUnitPath, ...] = (
    "Security",
    "Infrastructure",
    "Tooling",
    "Workloads/NonProduction",
)
WITH_MODELS: tuple[OrganizationalUnitPath, ...] = ("Data", "Tooling", "Workloads")
READERS_OF_THE_LAKE: tuple[OrganizationalUnitPath, ...] = ("Tooling", "Workloads")

TAGS: Mapping[str, Sequence[str]] = {
    "plinth:cost-centre": (),
    "plinth:environment": ("shared", *ENVIRONMENTS),
    "plinth:lifecycle": ("durable", "ephemeral"),
    "plinth:owner": (),
    "plinth:stack": (),
    "plinth:team": (),
}
"""The mandatory tags, with the values that each may have where they are few."""

Targets = Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rail:
    """A guardrail that is not made yet."""

    name: str
    description: str
    targets: Targets
    statements: Sequence[Statement] = ()
    declares: Mapping[str, object] | None = None
    """Instead of statements, in a policy that declares."""
    type: PolicyType = "SERVICE_CONTROL_POLICY"

    @property
    def documents(self) -> list[Mapping[str, object]]:
        if self.declares is not None:
            return [self.declares]
        return [document(packed) for packed in pack(f"plinth-{self.name}", self.type, self.statements)]


class Guardrails:
    """The guardrails of an organization, each attached where it belongs."""

    def __init__(
        self, settings: Organization, enterprise: Enterprise, lake_account_id: pulumi.Output[str] | None
    ) -> None:
        """``lake_account_id``: of the lake, where it has an account to itself."""
        self._settings, self._enterprise, self._lake = settings, enterprise, lake_account_id

    def attach(self, opts: pulumi.ResourceOptions) -> dict[str, pulumi.Output[str]]:
        """Make them all. Gives the policies that other stacks attach to the accounts they make, by name."""
        rails = [*self._everywhere(), *self._by_unit(), *self._of_the_lake(), *self._declared()]
        _require_room(rails)
        made = {rail.name: _make(rail, opts) for rail in rails}
        return {"no-studio": made["no-studio"].policy_ids[0]}

    def _everywhere(self) -> list[Rail]:
        settings, organization_id = self._settings, self._enterprise.organization_id
        return [
            Rail(
                name="everywhere",
                description="What no account of the organization may do",
                targets=self._all(AT_WORK),
                statements=[
                    *membership.stay_in_the_organization(),
                    *membership.stay_in_allowed_regions(settings.regions),
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
            Rail(
                name="perimeter",
                description="Our identities, for us, over TLS, from our networks",
                targets=self._all(TOP_UNITS),
                type="RESOURCE_CONTROL_POLICY",
                statements=[
                    *resources.only_our_identities(organization_id, settings.partner_accounts),
                    *resources.no_confused_deputy(organization_id),
                    *resources.only_over_tls(),
                    *resources.only_from_our_networks(organization_id, _texts(settings.corporate_networks)),
                    *resources.no_web_identities(organization_id),
                ],
            ),
        ]

    def _by_unit(self) -> list[Rail]:
        work = [*cost.require_team_tag(), *data.no_data_grants(), *perimeter.workloads_use_endpoints()]
        models = [*sagemaker.only_in_the_network(), *sagemaker.only_encrypted(), *network.require_vpc()]
        releases = [*sagemaker.only_isolated(), *cost.limit_requests(cost.RELEASE_LIMITS)]
        experiments = cost.limit_requests(cost.EXPERIMENT_LIMITS)
        if self._lake is not None:
            releases += data.lake_accepts_results_only(self._lake)
            experiments = [*experiments, *data.lake_is_read_only(self._lake)]
        return [
            self._rail("suspended", "Nothing happens here", membership.deny_everything(), IDLE),
            self._rail("no-way-out", "No gateway of any kind", network.deny_gateways(), WITHOUT_WAY_OUT),
            self._rail(
                "one-way-out",
                "Ways out by the foundation only",
                network.gateways_by_foundation_only(),
                WITH_ONE_WAY_OUT,
            ),
            self._rail("models", "Models in the network, encrypted", models, WITH_MODELS),
            self._rail("registry", "Approved by who may", registry.only_approvers_approve(), ["Tooling"]),
            self._rail("work", "Work inside, on data that is granted", work, ["Workloads"]),
            self._rail("releases", "Isolated and bounded", releases, ["Workloads/Production"]),
            self._rail("experiments", "Bounded experiments", experiments, ["Workloads/NonProduction"]),
            # Attached account by account in the teams' stacks: one unit holds accounts with and without a Studio.
            self._rail("no-studio", "No work by hand", sagemaker.no_studio(), []),
        ]

    def _of_the_lake(self) -> list[Rail]:
        if self._lake is None:
            return []
        readers = [self._path(unit) for unit in READERS_OF_THE_LAKE]
        return [
            Rail(
                name="lake",
                description="Read by those it is shared with, written where data lands",
                targets={"data-lake": self._lake},
                type="RESOURCE_CONTROL_POLICY",
                statements=resources.protect_lake(self._lake, readers),
            )
        ]

    def _declared(self) -> list[Rail]:
        """Of these types AWS merges what is declared above and below, so one policy for everybody is enough."""
        refusal = f"Refused for every account of {self._settings.name}; ask {self._settings.owner}."
        everywhere = self._all(AT_WORK)
        return [
            Rail(
                name="no-learning",
                description="AWS's AI services keep nothing of ours",
                targets=everywhere,
                type="AISERVICES_OPT_OUT_POLICY",
                declares=declared.ai_services_opt_out(),
            ),
            Rail(
                name="tags",
                description="Tags of the foundation, spelt one way",
                targets=everywhere,
                type="TAG_POLICY",
                declares=declared.tag_policy(TAGS),
            ),
            Rail(
                name="machines",
                description="No serial console, no foreign images",
                targets=everywhere,
                type="DECLARATIVE_POLICY_EC2",
                declares=declared.restrict_consoles_and_images(refusal),
            ),
        ]

    def _all(self, units: Sequence[OrganizationalUnitPath]) -> Targets:
        """The root of an organization of our own: an account is under guardrails from its birth, before it has a unit.

        In an adopted one the root is above accounts that are none of our business, so the units have their own. Nobody
        acts in idle accounts, yet what lies there stays as closed as everywhere.
        """
        if self._settings.id is None:
            return {"root": self._enterprise.root_id}
        return self._units(units)

    def _units(self, paths: Sequence[OrganizationalUnitPath]) -> Targets:
        return {path.replace("/", "-").lower(): self._enterprise.unit_ids[path] for path in paths}

    def _path(self, unit: OrganizationalUnitPath) -> pulumi.Output[str]:
        """A unit and all beneath it, as ``aws:PrincipalOrgPaths`` spells it."""
        enterprise = self._enterprise
        return pulumi.Output.concat(
            enterprise.organization_id, "/", enterprise.root_id, "/", enterprise.unit_ids[unit], "/*"
        )

    def _rail(
        self, name: str, description: str, statements: Sequence[Statement], units: Sequence[OrganizationalUnitPath]
    ) -> Rail:
        return Rail(name=name, description=description, statements=statements, targets=self._units(units))


def _make(rail: Rail, opts: pulumi.ResourceOptions) -> Guardrail:
    args = GuardrailArgs(
        policy_name=f"plinth-{rail.name}",
        description=rail.description,
        documents=rail.documents,
        targets=rail.targets,
        type=rail.type,
    )
    return Guardrail(f"guardrail-{rail.name}", args, opts)


def _require_room(rails: Sequence[Rail]) -> None:
    """Every target has room for what is attached to it, type by type."""
    for type_ in {rail.type for rail in rails}:
        attached: dict[str, list[str]] = {}
        of_type = [rail for rail in rails if rail.type == type_]
        for rail in of_type:
            for target in rail.targets:
                attached.setdefault(target, []).extend(f"plinth-{rail.name}" for _ in rail.documents)
        require_room(type_, attached, [statement for rail in of_type for statement in rail.statements])


def _texts(networks: Sequence[object]) -> list[str]:
    return [str(network) for network in networks]
