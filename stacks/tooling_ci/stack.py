"""The runners of GitLab in the Kubernetes cluster, with the namespaces of their jobs and the secrets of their tokens.

It has a stack of its own, so that a cluster without it is the same, and it can be removed.
"""

from __future__ import annotations

from math import ceil

import pulumi

from components.cluster.ci_runners.team_runner import (
    RUNNER_CPUS,
    RUNNER_GIB,
    Cluster,
    Forge,
    TeamRunner,
    TeamRunnerArgs,
)
from components.cluster.guarded_namespace import GuardedNamespace, GuardedNamespaceArgs, allow_proxy
from components.identity.workloads.package_permissions import Packages
from components.security.encryption_key import EncryptionKey, EncryptionKeyArgs
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.organization.cluster.ci_runners import CiSettings
from settings.organization.packages import PYPI
from settings.types.naming import CI_RUNNERS, CI_SECRETS, ci_jobs_namespace, named
from stacks.shared.exports import export
from stacks.shared.outputs import OrganizationOutputs, ToolingCiOutputs, ToolingClusterOutputs, ToolingOutputs
from stacks.shared.providers.accounts import account_provider
from stacks.shared.providers.cluster import cluster_provider
from stacks.shared.references import read

_PODS = 3
"""Pods of a runner while updates replace it: the new one, and two that finish their jobs."""


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the runners of the teams in the settings of the cluster. A further team changes the other ones in
    nothing."""
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    tooling = read(ToolingOutputs, StackIdentity("tooling"))
    cluster = read(ToolingClusterOutputs, StackIdentity("tooling-cluster"))
    ci, account_id = _settings(stack, foundation), organization.accounts["tooling"]
    account = account_provider(foundation, stack, foundation.account_of_stack(stack), account_id)
    opts = pulumi.ResourceOptions(providers=[account, cluster_provider(foundation, stack, cluster)])

    shared = Cluster(
        cluster_name=cluster.cluster_name,
        cluster_arn=cluster.cluster_arn,
        account_id=account_id,
        region=foundation.organization.home_region,
        namespace=_namespace(ci, opts),
        namespace_name=CI_RUNNERS,
        key_arn=_key(stack, foundation, account_id, opts),
        packages=_packages(foundation, organization, tooling, account_id),
    )
    forge = _forge(ci, tooling)
    runners = {
        team: TeamRunner(
            team,
            TeamRunnerArgs(
                team=team,
                role_name=named("role", stack.name, team),
                secret_name=named("secret", f"{CI_SECRETS}/{team}"),
                job_namespace=ci_jobs_namespace(team),
                cluster=shared,
                forge=forge,
                jobs=limits.jobs,
                cpus=limits.cpus,
                memory_gib=limits.memory_gib,
            ),
            opts,
        )
        for team, limits in sorted(ci.teams.items())
    }
    export(
        ToolingCiOutputs,
        token_secrets={team: runner.secret_arn for team, runner in runners.items()},
        job_namespaces={team: runner.job_namespace for team, runner in runners.items()},
        job_role_arns={
            team: runner.job_role_arn for team, runner in runners.items() if runner.job_role_arn is not None
        },
        job_images=list(forge.job_images),
    )


def _settings(stack: StackIdentity, foundation: Foundation) -> CiSettings:
    settings = foundation.organization.tooling_cluster
    if settings is None or settings.ci is None:
        raise ValueError(f"the stack {stack.name} needs tooling_cluster.ci")
    return settings.ci


def _namespace(ci: CiSettings, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Creates the namespace of the runners."""
    pods = _PODS * len(ci.teams)
    guarded = GuardedNamespaceArgs(
        namespace=CI_RUNNERS, cpus=ceil(pods * RUNNER_CPUS), memory_gib=pods * RUNNER_GIB, pods=pods
    )
    built = GuardedNamespace("runners", guarded, opts)
    if ci.proxy is not None:
        allow_proxy("runners-proxy", built.namespace, ci.proxy.address, str(ci.proxy.cidr), parent=built)
    return built.namespace


def _key(
    stack: StackIdentity, foundation: Foundation, account_id: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    args = EncryptionKeyArgs(
        alias=f"plinth/{stack.name}",
        description="Tokens of runners",
        account_id=account_id,
        region=foundation.organization.home_region,
        services=["secretsmanager"],
    )
    return EncryptionKey("key", args, opts).arn


def _packages(
    foundation: Foundation,
    organization: OrganizationOutputs,
    tooling: ToolingOutputs,
    account_id: pulumi.Input[str],
) -> Packages | None:
    """Returns the package repository of the organization, if it has one."""
    if not foundation.has_packages:
        return None
    return Packages(
        account_id=account_id,
        region=foundation.organization.home_region,
        domain=tooling.package_domain.apply(str),
        repository=PYPI,
        organization_id=organization.organization_id,
    )


def _forge(ci: CiSettings, tooling: ToolingOutputs) -> Forge:
    def image(digest: str) -> pulumi.Output[str]:
        return pulumi.Output.concat(tooling.platform_repository, "@", digest)

    return Forge(
        address=ci.address,
        image=image(ci.image),
        helper_image=image(ci.helper_image),
        job_images=[image(digest) for digest in ci.job_images],
        proxy=None if ci.proxy is None else ci.proxy.address,
        proxy_cidr=None if ci.proxy is None else str(ci.proxy.cidr),
    )
