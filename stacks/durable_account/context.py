"""Where a durable account's stack builds, and under which names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pulumi

from components.network.endpoint_policy import Perimeter
from components.network.private_network import PrivateNetworkArgs
from settings.derived.foundation import Foundation
from settings.derived.outputs import AuditOutputs, OrganizationOutputs
from settings.derived.stack_graph import StackIdentity
from settings.organization.address_plan import ZONES_OF_SHARED_NETWORKS
from settings.types.kinds import WorkingKind
from stacks.shared.account_context import AccountPlace
from stacks.shared.deployment import has_deployers
from stacks.shared.network_context import private_network
from stacks.shared.references import read
from stacks.shared.shared_accounts import account_of_kind, durable_accounts


@dataclass(frozen=True, kw_only=True, slots=True)
class DurablePlace(AccountPlace):
    """One durable kind, in its account and region."""

    kind: WorkingKind
    archive: pulumi.Output[AuditOutputs]
    """Where the account's recorder and its network's records are delivered."""
    durable_account_ids: list[pulumi.Output[str]]
    network: PrivateNetworkArgs
    has_runner: bool
    """Whether deployments into other accounts come from here."""

    @classmethod
    def of(cls, stack: StackIdentity, foundation: Foundation) -> DurablePlace:
        """The place of a durable account's stack, from the settings and from the organization's stack."""
        kind = cast(WorkingKind, stack.kind)
        organization = read(OrganizationOutputs, StackIdentity("organization"))
        cidr = foundation.organization.address_plan.kind_block(kind)
        return cls(
            kind=kind,
            account=foundation.account_of(kind),
            region=foundation.organization.home_region,
            account_id=account_of_kind(organization, kind),
            organization=organization,
            archive=read(AuditOutputs, StackIdentity("audit")),
            durable_account_ids=durable_accounts(foundation, organization),
            network=private_network(foundation, kind, cidr, ZONES_OF_SHARED_NETWORKS),
            has_runner=kind == "governance" and has_deployers(foundation),
        )

    @property
    def label(self) -> str:
        """The kind's name to people, which is also its stack's."""
        return self.kind

    @property
    def path(self) -> str:
        """The kind's name where slashes separate: ``plinth/data-lake``."""
        return f"plinth/{self.kind}"

    @property
    def perimeter(self) -> Perimeter:
        """Who may act through the network's endpoints. Durable accounts serve teams that nothing here lists."""
        return Perimeter(
            organization_id=self.organization_id,
            account_id=self.account_id,
            region=self.region,
            admits_deployers=self.has_runner,
        )
