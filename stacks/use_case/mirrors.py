"""The copies of a use case's repositories, if people push to a source provider instead of CodeCommit."""

from __future__ import annotations

from functools import partial

import pulumi
import pulumi_aws as aws

from components.delivery.code_repositories import CodeRepositories
from components.delivery.repository_mirror import RepositoryMirror, RepositoryMirrorArgs
from components.identity.use_cases.mirror_role import MirrorRole
from settings.derived.source_repositories import SourceRepositories, console_of_connections
from stacks.use_case.context import UseCaseContext

AVAILABLE = "AVAILABLE"


class ConnectionPendingError(pulumi.RunError):
    """Nobody has completed the connection to the source provider."""


def create_mirrors(
    context: UseCaseContext, source: SourceRepositories, code: CodeRepositories, here: aws.Provider
) -> None:
    """Creates a mirror of each repository, and the role that copies.

    Raises: ConnectionPendingError in an update, while the connection is not available.
    """
    opts = pulumi.ResourceOptions(provider=here)
    connection_arn = _available(source.connection_arn or context.tooling.connection_arn, here)
    role = MirrorRole(
        use_case=context.use_case,
        account_id=context.tooling.account_id,
        connection_arn=connection_arn,
        key_arn=context.tooling.key_arn,
        boundary_arn=context.tooling.permissions_boundary_arn,
    )
    role_arn = role.create("mirror", opts)
    # CodeBuild tests the connection with the permissions of the role when the project is created. The ARN is known once
    # the role has them.
    for purpose, url in source.urls.items():
        RepositoryMirror(
            f"mirror-{purpose}",
            RepositoryMirrorArgs(
                project_name=context.names.mirror_project(purpose),
                label=context.names.folder,
                source_type=source.provider.source_type,
                source_url=url,
                connection_arn=connection_arn,
                mirror_url=code.clone_urls[purpose],
                role_arn=role_arn,
                key_arn=context.tooling.key_arn,
                log_retention_days=context.log_retention_days,
                build_project=context.names.build_project if purpose == "build" else "",
                timeout_minutes=context.delivery.build_minutes,
            ),
            opts,
        )


def _available(arn: pulumi.Input[str], provider: aws.Provider) -> pulumi.Output[str]:
    """Returns the ARN of a connection, after a look at its status."""
    found = aws.codestarconnections.get_connection_output(arn=arn, opts=pulumi.InvokeOutputOptions(provider=provider))
    return pulumi.Output.from_input(arn).apply(lambda text: found.connection_status.apply(partial(_checked, text)))


def _checked(arn: str, status: str) -> str:
    if status == AVAILABLE:
        return arn
    account = arn.split(":")[4]
    message = (
        f"The connection to the source provider is {status}. A person has to complete it once, in the console of the "
        f"account {account}: {console_of_connections(arn)}, "
        f"{arn}. Then run the command again."
    )
    if not pulumi.runtime.is_dry_run():
        raise ConnectionPendingError(message)
    pulumi.log.warn(message)
    return arn
