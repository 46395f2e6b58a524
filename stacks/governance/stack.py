"""The governance account: the team catalog is here, and requests, stack operations and reviews enter all accounts from
here."""

from __future__ import annotations

import pulumi

from components.governance.team_catalog import TeamCatalog, TeamCatalogArgs
from components.identity.deployer.platform_runner import PlatformRunner, PlatformRunnerArgs, RequestBuilds
from components.identity.iam.role_names import RUNNER
from components.identity.reviews.review_runner import ReviewRunner, ReviewRunnerArgs
from components.monitoring.models_dashboard import ModelsDashboard, ModelsDashboardArgs
from components.monitoring.observability.monitoring_account import MonitoringAccount, MonitoringAccountArgs
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import Environment
from stacks.durable_account.stack import DurableAccount, build_account
from stacks.governance.requests import build_request_runner
from stacks.governance.workflows import Workflows, build_workflows
from stacks.shared.exports import export
from stacks.shared.outputs import GovernanceOutputs

PLATFORM_DASHBOARD = "plinth-models"
"""Name of the dashboard of the models of all teams."""
MONITORED_ENVIRONMENT: Environment = "production"
"""Environment whose models are monitored."""


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the governance account."""
    settings = foundation.organization.request_runner
    roles = [RUNNER] if settings is not None else []
    account = build_account(
        stack,
        foundation,
        key_roles=roles,
        uses_events=settings is not None,
        key_services=["rds"] if foundation.creates_workflow_database else [],
    )
    workflows = build_workflows(account, foundation, settings) if settings is not None else None
    runner_arn = _runner(account, workflows) if account.context.has_runner or workflows is not None else None
    catalog_args = TeamCatalogArgs(key_arn=account.key.arn, streams=settings is not None)
    catalog = TeamCatalog("catalog", catalog_args, account.opts)
    requests = None
    if settings is not None and workflows is not None and runner_arn is not None:
        requests = build_request_runner(
            account, foundation, settings, catalog=catalog, role_arn=runner_arn, workflows=workflows
        )
    export(
        GovernanceOutputs,
        **account.outputs,
        runner_role_arn=runner_arn,
        review_role_arn=_review_runner(account, foundation),
        catalog=catalog.table_name,
        request_project=None if requests is None else requests.project_arn,
        settings_url=None if requests is None else requests.settings_url,
        sink_arn=_observability(account),
    )


def _observability(account: DurableAccount) -> pulumi.Output[str]:
    """Creates the sink for metrics of all teams' models, and the dashboard that shows them. Returns the sink's ARN."""
    context = account.context
    shown = ModelsDashboardArgs(
        dashboard_name=PLATFORM_DASHBOARD, region=context.region, environment=MONITORED_ENVIRONMENT
    )
    ModelsDashboard("models", shown, account.opts)
    args = MonitoringAccountArgs(organization_id=context.organization.organization_id)
    return MonitoringAccount("observability", args, account.opts).sink_arn


def _runner(account: DurableAccount, workflows: Workflows | None) -> pulumi.Output[str]:
    context = account.context
    args = PlatformRunnerArgs(
        account_id=context.account_id,
        organization_id=context.organization.organization_id,
        region=context.region,
        key_arn=account.key.arn,
        builds=_builds(account, workflows) if workflows is not None else None,
    )
    return PlatformRunner("runner", args, account.opts).arn


def _builds(account: DurableAccount, workflows: Workflows) -> RequestBuilds:
    organization = account.context.organization
    return RequestBuilds(
        management_account_id=organization.management_account_id,
        tooling_account_id=organization.accounts["tooling"],
        workflows_secret=workflows.secret_arn,
        workflows_key_secret=workflows.key_secret_arn,
    )


def _review_runner(account: DurableAccount, foundation: Foundation) -> pulumi.Output[str]:
    context, settings = account.context, foundation.organization.reviews
    args = ReviewRunnerArgs(
        account_id=context.account_id,
        organization_id=context.organization.organization_id,
        region=context.region,
        state_bucket=settings.state_bucket,
        state_keys=settings.state_keys,
        github_subjects=settings.github.subjects if settings.github is not None else (),
    )
    return ReviewRunner("review-runner", args, account.opts).arn
