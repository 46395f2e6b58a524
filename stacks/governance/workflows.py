"""Resources for the workflows of builds for requests: a security group, and the database that builds connect to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.network.workload_security_group import DatabaseAccess
from components.storage.database_parts import PORT
from components.storage.serverless_database import ServerlessDatabase, ServerlessDatabaseArgs
from settings.derived.foundation import Foundation
from settings.organization.operations.request_runner import RequestRunnerSettings, ServerlessWorkflows, WorkflowDatabase
from settings.types.aws.request_builds import (
    WORKFLOWS,
    WORKFLOWS_KEY_SECRET,
    WORKFLOWS_KEY_SECRET_VARIABLE,
    WORKFLOWS_KEY_VARIABLE,
    WORKFLOWS_PASSWORD_VARIABLE,
    WORKFLOWS_SERVER_VARIABLE,
    WORKFLOWS_URL_VARIABLE,
    WORKFLOWS_USER_VARIABLE,
)
from settings.types.naming import named
from stacks.durable_account.builds import builds_security_group
from stacks.durable_account.stack import DurableAccount

DATABASE = "workflows"


@dataclass(frozen=True, kw_only=True, slots=True)
class Workflows:
    """How builds reach the database of their workflows."""

    security_group_id: pulumi.Output[str]
    """Security group of builds."""
    variables: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Variables of builds, without secrets."""
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """ARN and key of the secret for each variable that has one."""
    secret_arn: pulumi.Input[str] | None = None
    """ARN of the secret that these variables name."""
    key_secret_arn: pulumi.Input[str] | None = None
    """ARN of the secret in which the first build stores a key."""


def build_workflows(account: DurableAccount, foundation: Foundation, settings: RequestRunnerSettings) -> Workflows:
    """Creates the security group of builds and, with ``serverless_workflows``, the database."""
    created, given = settings.serverless_workflows, settings.workflows
    security_group_id = builds_security_group(account, foundation, _access(account, created, given)).security_group_id
    if created is not None:
        return _created(account, foundation, created, security_group_id)
    if given is None:
        return Workflows(security_group_id=security_group_id)
    secrets = {
        WORKFLOWS_URL_VARIABLE: f"{given.connection}:url",
        WORKFLOWS_KEY_VARIABLE: f"{given.connection}:key",
    }
    return Workflows(security_group_id=security_group_id, secrets=secrets, secret_arn=given.connection)


def _access(
    account: DurableAccount, created: ServerlessWorkflows | None, given: WorkflowDatabase | None
) -> DatabaseAccess | None:
    """Returns the network that builds connect to. Of the account's own one, the database alone admits builds."""
    if created is not None:
        return DatabaseAccess(cidr=account.context.network.cidr, port=PORT)
    return DatabaseAccess(cidr=given.cidr, port=given.port) if given is not None else None


def _created(
    account: DurableAccount,
    foundation: Foundation,
    settings: ServerlessWorkflows,
    security_group_id: pulumi.Output[str],
) -> Workflows:
    args = ServerlessDatabaseArgs(
        identifier=named("DB cluster", WORKFLOWS),
        database=DATABASE,
        max_capacity=settings.max_capacity,
        pause_minutes=settings.pause_minutes,
        backup_days=settings.backup_days,
        log_retention_days=foundation.organization.log_retention_days,
        vpc_id=account.network.vpc_id,
        subnet_ids=account.network.subnet_ids,
        client_security_group_id=security_group_id,
        key_arn=account.key.arn,
    )
    database = ServerlessDatabase("workflows", args, account.opts)
    key = _key_secret(account)
    server = pulumi.Output.concat(database.address, ":", database.port.apply(str), f"/{DATABASE}")
    return Workflows(
        security_group_id=security_group_id,
        variables={WORKFLOWS_SERVER_VARIABLE: server, WORKFLOWS_KEY_SECRET_VARIABLE: key.arn},
        secrets={
            WORKFLOWS_USER_VARIABLE: pulumi.Output.concat(database.secret_arn, ":username"),
            WORKFLOWS_PASSWORD_VARIABLE: pulumi.Output.concat(database.secret_arn, ":password"),
        },
        secret_arn=database.secret_arn,
        key_secret_arn=key.arn,
    )


def _key_secret(account: DurableAccount) -> aws.secretsmanager.Secret:
    """Creates the secret for the key with which builds encrypt what they store. It has no value before the first build
    stores one, because a value from here would be in the state."""
    return aws.secretsmanager.Secret(
        "workflows-key",
        name=WORKFLOWS_KEY_SECRET,
        description="Key of what builds for requests store in the database of workflows",
        kms_key_id=account.key.arn,
        recovery_window_in_days=30,
        opts=pulumi.ResourceOptions.merge(account.opts, pulumi.ResourceOptions(protect=True)),
    )
