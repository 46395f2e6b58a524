"""Who deploys into an account, once there is an account that governs."""

from __future__ import annotations

import pulumi

from components.identity.platform_deployer import PlatformDeployer, PlatformDeployerArgs
from settings.accounts import Account, label
from settings.foundation import Foundation
from settings.kinds import ENVIRONMENTS, Kind, kinds_in
from settings.outputs import OrganizationOutputs
from settings.stacks import StackIdentity
from stacks.references import read
from stacks.shared_accounts import account_of_kind


def admit_deployer(
    foundation: Foundation, account: Account, account_id: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> None:
    """The platform's role in an account, made by the stack that sets up the account as a whole."""
    settings = foundation.organization
    if "governance" not in kinds_in(settings.phase):
        return
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    args = PlatformDeployerArgs(
        account_id=account_id,
        organization_id=organization.apply(lambda outputs: outputs.organization_id),
        governance_account_id=account_of_kind(organization, "governance"),
        regions=settings.regions,
        passed_roles=[f"{_roles_of(kind, account)}-*" for kind in account.hosts],
    )
    PlatformDeployer("deployer", args, opts)


def _roles_of(kind: Kind, account: Account) -> str:
    """How the names of a kind's roles begin. Where environments land in an account that teams share, any team's."""
    return label(kind, account.team or "*") if kind in ENVIRONMENTS else kind
