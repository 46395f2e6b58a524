"""The connection of an organization to its source provider."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from settings.derived.source_repositories import Provider
from settings.types.naming import named


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceConnectionArgs:
    """Arguments of :class:`SourceConnection`."""

    organization: str
    """Short name of the organization, the first part of the connection's name."""

    provider: Provider
    """Provider that the connection reaches."""


class SourceConnection(pulumi.ComponentResource):
    """A connection of CodeConnections to a source provider.

    It is PENDING until a person completes it in the console, which no API can do. It is protected, because a new one
    would have to be completed again.

    Creates: the connection.

    Outputs: ``arn``.

    Raises: SettingsError when the name would be too long.

    Cost: none.

    Example::

        SourceConnection("source", SourceConnectionArgs(organization="acme", provider=PROVIDERS["github"]))
    """

    arn: pulumi.Output[str]
    """ARN of the connection, for build projects and roles."""

    def __init__(self, name: str, args: SourceConnectionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:delivery:SourceConnection", name, None, opts)
        connection = aws.codeconnections.Connection(
            name,
            name=named("CodeConnections connection", args.organization, args.provider.connection_type.lower()),
            provider_type=args.provider.connection_type,
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        self.arn = connection.arn
        self.register_outputs({"arn": self.arn})
