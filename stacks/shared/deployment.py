"""Who deploys into an account, once there is an account that governs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pulumi

from components.identity.deployer.platform_deployer import PlatformDeployer, PlatformDeployerArgs
from settings.derived.accounts import Account, label
from settings.derived.foundation import Foundation
from settings.types.kinds import ENVIRONMENTS, Kind, kinds_in
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS, ml_bucket_prefix
from stacks.shared.account_context import AccountPlace
from stacks.shared.shared_accounts import account_of_kind


def has_deployers(foundation: Foundation) -> bool:
    """Whether an account governs, and there is another to deploy into than the management account."""
    governed = "governance" in kinds_in(foundation.organization.phase)
    own = (account for team in foundation.teams for account in foundation.accounts_of_team(team))
    return governed and any(account.kind != "organization" for account in chain(foundation.durable_accounts, own))


def admit_deployer(foundation: Foundation, place: AccountPlace, opts: pulumi.ResourceOptions) -> None:
    """The platform's role in an account, made by the stack that sets up the account as a whole."""
    settings, account = foundation.organization, place.account
    if "governance" not in kinds_in(settings.phase):
        return
    args = PlatformDeployerArgs(
        hosts=account.hosts,
        account_id=place.account_id,
        organization_id=place.organization_id,
        governance_account_id=account_of_kind(place.organization, "governance"),
        regions=settings.regions,
        passed_roles=[f"{_roles_of(kind, account)}-*" for kind in account.hosts],
        removable_buckets=list(_removable_buckets(account)),
    )
    PlatformDeployer("deployer", args, opts)


def _removable_buckets(account: Account) -> Iterator[str]:
    """How the names of an environment's buckets begin, which are not durable."""
    for environment in ENVIRONMENTS:
        if environment in account.hosts:
            team = account.team or "*"
            yield f"{ml_bucket_prefix(environment)}{team}-*"
            yield f"{team}-{ENVIRONMENT_ABBREVIATIONS[environment]}-*"


def _roles_of(kind: Kind, account: Account) -> str:
    """How the names of a kind's roles begin. Where environments land in an account that teams share, any team's."""
    return label(kind, account.team or "*") if kind in ENVIRONMENTS else kind
