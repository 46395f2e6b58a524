"""The roles that deploy into an account and that review it, once a governance account exists.

The role with which the runner of requests works in the management account is here too.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pulumi

from components.data_lake.zone_replicas import REPLICATION_ROLE
from components.identity.deployer.platform_deployer import PlatformDeployer, PlatformDeployerArgs
from components.identity.deployer.platform_provisioner import PlatformProvisioner, PlatformProvisionerArgs
from components.identity.iam.principals import WorkerPods
from components.identity.reviews.platform_reviewer import PlatformReviewer, PlatformReviewerArgs
from settings.derived.accounts import Account, label
from settings.derived.foundation import Foundation
from settings.organization.operations.request_runner import RUNNER_HOST
from settings.types.kinds import ENVIRONMENTS, Kind, kinds_in
from settings.types.naming import (
    ENVIRONMENT_ABBREVIATIONS,
    SHARED_STACK_JOBS,
    STACK_JOBS,
    TOOLING_CLUSTER,
    ml_bucket_prefix,
    named,
)
from stacks.shared.account_context import AccountContext
from stacks.shared.outputs import OrganizationOutputs


def has_deployers(foundation: Foundation) -> bool:
    """Returns whether a governance account exists, and accounts other than the management account to deploy into."""
    governed = "governance" in kinds_in(foundation.organization.phase)
    own = (account for team in foundation.teams for account in foundation.accounts_of_team(team))
    return governed and any(account.kind != "organization" for account in chain(foundation.durable_accounts, own))


def create_deployer_role(foundation: Foundation, context: AccountContext, opts: pulumi.ResourceOptions) -> None:
    """Creates the deployer role of an account. Called by the stack that sets up the account as a whole."""
    settings, account = foundation.organization, context.account
    if "governance" not in kinds_in(settings.phase):
        return
    args = PlatformDeployerArgs(
        hosts=account.hosts,
        account_id=context.account_id,
        organization_id=context.organization.organization_id,
        governance_account_id=context.organization.accounts["governance"],
        regions=settings.regions,
        passed_roles=list(_passed_roles(foundation, account)),
        removable_buckets=list(_removable_buckets(account)),
        cluster=foundation.has_cluster,
        worker_pods=_worker_pods(foundation, account, context.organization),
    )
    PlatformDeployer("deployer", args, opts)


def _worker_pods(foundation: Foundation, account: Account, organization: OrganizationOutputs) -> WorkerPods | None:
    """Returns the pods that may deploy into an account: those of its team, or those for shared accounts."""
    if not foundation.runs_stacks_in_cluster:
        return None
    account_id = organization.accounts["tooling"]
    cluster = f":cluster/{named('EKS cluster', TOOLING_CLUSTER)}"
    return WorkerPods(
        account_id=account_id,
        cluster_arn=pulumi.Output.concat(f"arn:aws:eks:{foundation.organization.home_region}:", account_id, cluster),
        namespace=STACK_JOBS,
        owner=account.team or SHARED_STACK_JOBS,
    )


def create_reviewer_role(
    foundation: Foundation,
    account: Account,
    opts: pulumi.ResourceOptions,
    *,
    account_id: pulumi.Input[str],
    organization: OrganizationOutputs,
) -> None:
    """Creates the role with which reviews read an account, once there is an account in which reviews run.

    Called by the stack that sets up the account as a whole, and for the management account by ``identity``.
    """
    if "governance" not in kinds_in(foundation.organization.phase):
        return
    args = PlatformReviewerArgs(
        hosts=account.hosts,
        account_id=account_id,
        organization_id=organization.organization_id,
        governance_account_id=organization.accounts["governance"],
        regions=foundation.organization.regions,
        cluster=foundation.has_cluster,
    )
    PlatformReviewer("reviewer", args, opts)


def create_provisioner_role(
    foundation: Foundation,
    account: Account,
    opts: pulumi.ResourceOptions,
    *,
    account_id: pulumi.Input[str],
    organization: OrganizationOutputs,
) -> None:
    """Creates the role with which the runner of requests works in the management account, if there is a runner."""
    runner = foundation.organization.request_runner
    if runner is None:
        return
    args = PlatformProvisionerArgs(
        hosts=account.hosts,
        account_id=account_id,
        organization_id=organization.organization_id,
        governance_account_id=organization.accounts[RUNNER_HOST],
        regions=foundation.organization.regions,
        state_bucket=runner.state_bucket,
        state_keys=runner.state_keys,
    )
    PlatformProvisioner("provisioner", args, opts)


_TOOLING_ROLES = (
    "images", "integration", "mirror", "promoter", "promotion", "promotion-preprod", "promotion-prod", "start",
)  # fmt: skip
"""Roles of a use case in the tooling account, which services assume."""


def _passed_roles(foundation: Foundation, account: Account) -> Iterator[str]:
    """Returns the name patterns of the roles that the deployer may pass to services."""
    for kind in account.hosts:
        yield f"{_role_prefix(kind, account)}-*"
    if "tooling" in account.hosts:
        yield from (f"*--*-{role}" for role in _TOOLING_ROLES)
    if "data-lake" in account.hosts and foundation.organization.lake.replica_region is not None:
        yield REPLICATION_ROLE


def _removable_buckets(account: Account) -> Iterator[str]:
    """Returns the name prefixes of environments' buckets, which are not durable."""
    for environment in ENVIRONMENTS:
        if environment in account.hosts:
            team = account.team or "*"
            yield f"{ml_bucket_prefix(environment)}{team}-*"
            yield f"{team}-{ENVIRONMENT_ABBREVIATIONS[environment]}-*"


def _role_prefix(kind: Kind, account: Account) -> str:
    """Returns the name prefix of a kind's roles. In an account that teams share it matches the roles of any team."""
    return label(kind, account.team or "*") if kind in ENVIRONMENTS else kind
