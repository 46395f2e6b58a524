"""Who deploys into an account, once there is an account that governs."""

from __future__ import annotations

import pulumi

from components.identity.platform_deployer import PlatformDeployer, PlatformDeployerArgs
from settings.accounts import Account, label
from settings.foundation import Foundation
from settings.kinds import ENVIRONMENTS, Kind, kinds_in
from stacks.account_place import AccountPlace
from stacks.shared_accounts import account_of_kind


def admit_deployer(foundation: Foundation, place: AccountPlace, opts: pulumi.ResourceOptions) -> None:
    """The platform's role in an account, made by the stack that sets up the account as a whole."""
    settings = foundation.organization
    if "governance" not in kinds_in(settings.phase):
        return
    args = PlatformDeployerArgs(
        account_id=place.account_id,
        organization_id=place.organization_id,
        governance_account_id=account_of_kind(place.organization, "governance"),
        regions=settings.regions,
        passed_roles=[f"{_roles_of(kind, place.account)}-*" for kind in place.account.hosts],
        publishes_data="data-lake" in place.account.hosts,
    )
    PlatformDeployer("deployer", args, opts)


def _roles_of(kind: Kind, account: Account) -> str:
    """How the names of a kind's roles begin. Where environments land in an account that teams share, any team's."""
    return label(kind, account.team or "*") if kind in ENVIRONMENTS else kind
