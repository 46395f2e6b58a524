"""Settings, names and upstream outputs of a durable account's stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pulumi

from components.identity.iam.role_names import ENTERED_FROM_TOOLING, PLATFORM_REVIEWER
from components.network.endpoint_policy import Perimeter
from components.network.private_network import PrivateNetworkArgs
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.organization.address_plan import ZONES_OF_SHARED_NETWORKS
from settings.organization.operations.request_runner import RUNNER_HOST
from settings.types.aws.bucket_names import organization_bucket_name
from settings.types.kinds import WorkingKind
from stacks.shared.account_context import AccountContext
from stacks.shared.deployment import has_deployers
from stacks.shared.network_context import private_network
from stacks.shared.outputs import AuditOutputs, OrganizationOutputs
from stacks.shared.references import read
from stacks.shared.shared_accounts import durable_accounts


@dataclass(frozen=True, kw_only=True, slots=True)
class DurableAccountContext(AccountContext):
    """The context of a durable account's stack."""

    kind: WorkingKind
    audit: AuditOutputs
    """Outputs of the stack ``audit``, whose archive receives the configuration history and the flow logs."""
    durable_account_ids: list[pulumi.Output[str]]
    network: PrivateNetworkArgs
    has_runner: bool
    """Whether stack operations run in this account and deploy into others."""
    runs_requests: bool
    """Whether builds in this account carry out requests."""
    offers_tracking: bool
    """Whether networks of teams reach the tracking server in the tooling account."""

    @classmethod
    def of(cls, stack: StackIdentity, foundation: Foundation) -> DurableAccountContext:
        """Returns the context, from the settings and the outputs of the stacks ``organization`` and ``audit``."""
        kind = cast(WorkingKind, stack.kind)
        organization = read(OrganizationOutputs, StackIdentity("organization"))
        cidr = foundation.organization.address_plan.kind_block(kind)
        return cls(
            kind=kind,
            account=foundation.account_of(kind),
            region=foundation.organization.home_region,
            account_id=organization.accounts[kind],
            organization=organization,
            audit=read(AuditOutputs, StackIdentity("audit")),
            durable_account_ids=durable_accounts(foundation, organization),
            network=private_network(foundation, kind, cidr, ZONES_OF_SHARED_NETWORKS),
            has_runner=has_deployers(foundation) and _runs_operations(kind, foundation),
            runs_requests=kind == RUNNER_HOST and foundation.runs_requests,
            offers_tracking=foundation.offers_tracking,
        )

    @property
    def label(self) -> str:
        """Name of the kind, which is also the name of its stack."""
        return self.kind

    @property
    def path(self) -> str:
        """Name of the kind in paths and aliases: ``plinth/data-lake``."""
        return f"plinth/{self.kind}"

    def bucket_name(self, organization: str, purpose: str) -> pulumi.Output[str]:
        """Returns the name of a bucket in the account. ``organization`` is the organization's name.

        The function that waits for the account id holds texts alone. Whatever such a function holds is compared when
        the stacks are found that a change affects, and the settings of all teams would make every change one of them.
        """
        region = self.region
        return self.account_id.apply(
            lambda account_id: organization_bucket_name(organization, purpose, account_id=account_id, region=region)
        )

    @property
    def perimeter(self) -> Perimeter:
        """Perimeter of the network's endpoints. It lists no team, because durable accounts serve all of them."""
        return Perimeter(
            organization_id=self.organization.organization_id,
            account_id=self.account_id,
            region=self.region,
            entered_roles=_ENTERED.get(self.kind, ()),
            admits_deployers=self.has_runner,
            endpoint_owners=[self.organization.accounts["tooling"]] if self.offers_tracking else [],
            admits_provisioner=self.runs_requests,
        )


_ENTERED: Mapping[WorkingKind, Sequence[str]] = {"tooling": ENTERED_FROM_TOOLING, "governance": (PLATFORM_REVIEWER,)}
"""Roles of other accounts that builds and reviews assume, by the kind in whose network they run."""


def _runs_operations(kind: WorkingKind, foundation: Foundation) -> bool:
    return kind == "governance" or (kind == "tooling" and foundation.runs_stacks_in_cluster)
