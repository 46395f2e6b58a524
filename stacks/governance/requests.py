"""The runner of requests in the governance account: its settings repository, its build project and what starts it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.delivery.code_repositories import CodeRepositories, CodeRepositoriesArgs
from components.governance.request_events import RequestEvents, RequestEventsArgs
from components.governance.request_runner import RequestRunner, RequestRunnerArgs
from components.governance.team_catalog import TeamCatalog
from components.identity.iam.arns import arn_of
from components.identity.iam.role_names import PROVISIONER
from components.identity.workloads.bounded_role import ROLE_PATH
from settings.derived.foundation import Foundation
from settings.organization.operations.request_runner import RequestRunnerSettings
from settings.types.aws.request_builds import (
    BACKEND_VARIABLE,
    PROVISIONER_VARIABLE,
    REPOSITORY,
    REQUESTS,
    SETTINGS_ACCOUNT_VARIABLE,
    TASK_VARIABLE,
    backend_url,
)
from settings.types.naming import PLATFORM_IMAGES
from stacks.durable_account.stack import DurableAccount
from stacks.governance.workflows import Workflows


@dataclass(frozen=True, kw_only=True, slots=True)
class BuiltRunner:
    """Outputs of the runner for other stacks and for people."""

    project_arn: pulumi.Output[str]
    settings_url: pulumi.Output[str]


def build_request_runner(
    account: DurableAccount,
    foundation: Foundation,
    settings: RequestRunnerSettings,
    *,
    catalog: TeamCatalog,
    role_arn: pulumi.Input[str],
    workflows: Workflows,
) -> BuiltRunner:
    """Creates the runner. It names no team, so a request for a team does not change what carries it out."""
    context = account.context
    code = CodeRepositoriesArgs(
        names={"settings": REPOSITORY},
        label=f"the organization {foundation.organization.name}",
        key_arn=account.key.arn,
        tags={},
    )
    settings_url = CodeRepositories("code", code, account.opts).clone_urls["settings"]
    image = pulumi.Output.concat(
        context.organization.accounts["tooling"],
        f".dkr.ecr.{context.region}.amazonaws.com/{PLATFORM_IMAGES}@{settings.image}",
    )
    runner = RequestRunnerArgs(
        clone_url=settings_url,
        image=image,
        compute_type=settings.compute_type,
        role_arn=role_arn,
        key_arn=account.key.arn,
        log_retention_days=foundation.organization.log_retention_days,
        vpc_id=account.network.vpc_id,
        subnet_ids=account.network.subnet_ids,
        security_group_id=workflows.security_group_id,
        variables={**_variables(account, settings), **workflows.variables},
        secrets=workflows.secrets,
        timeout_minutes=settings.timeout_minutes,
    )
    project_arn = RequestRunner("requests", runner, account.opts).arn
    events = RequestEventsArgs(
        project_arn=project_arn,
        stream_arn=catalog.stream_arn,
        key_arn=account.key.arn,
        account_id=context.account_id,
        organization_id=context.organization.organization_id,
        region=context.region,
        interval_minutes=settings.interval_minutes,
        drift_hour=settings.drift_hour,
    )
    RequestEvents("request-events", events, account.opts)
    return BuiltRunner(project_arn=project_arn, settings_url=settings_url)


def _variables(account: DurableAccount, settings: RequestRunnerSettings) -> dict[str, pulumi.Input[str]]:
    context = account.context
    management = context.organization.management_account_id
    return {
        TASK_VARIABLE: REQUESTS,
        PROVISIONER_VARIABLE: arn_of("iam", "", management, f"role{ROLE_PATH}{PROVISIONER}"),
        SETTINGS_ACCOUNT_VARIABLE: context.account_id,
        BACKEND_VARIABLE: backend_url(settings.state_bucket, context.region),
    }
