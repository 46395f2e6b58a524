"""What jobs and crawlers share: their encryption, and their way into the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class GlueRuntimeArgs:
    """Arguments of :class:`GlueRuntime`."""

    label: str
    """Start of the names."""

    key_arn: pulumi.Input[str]
    """KMS key that encrypts what they write, log and remember."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Private subnets that they join, one connection each."""

    security_group_id: pulumi.Input[str]
    """Group of jobs."""


class GlueRuntime(pulumi.ComponentResource):
    """A security configuration and connections for all jobs and crawlers of the lake: Glue has no defaults for them.

    An account has 250 security configurations and 1,000 connections (AWS Glue quotas), so datasets share these.

    Creates: the security configuration; a connection for each subnet.

    Args: see :class:`GlueRuntimeArgs`.

    Outputs: ``security_configuration``, ``connections``.

    Raises: nothing of its own.

    Cost: none until a job runs.

    Example::

        runtime = GlueRuntime("glue", GlueRuntimeArgs(
            label="data-lake", key_arn=key.arn, subnet_ids=network.subnet_ids, security_group_id=group.id,
        ))
    """

    security_configuration: pulumi.Output[str]
    """Name of it."""
    connections: list[pulumi.Output[str]]
    """Name of each, in the order of the subnets; Glue takes the first that works."""

    def __init__(self, name: str, args: GlueRuntimeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:GlueRuntime", name, None, opts)
        self._name, self._args = name, args
        self.security_configuration = self._encrypted().name
        self.connections = [self._connect(number, subnet).name for number, subnet in enumerate(args.subnet_ids, 1)]
        self.register_outputs({"security_configuration": self.security_configuration, "connections": self.connections})

    def _encrypted(self) -> aws.glue.SecurityConfiguration:
        key = self._args.key_arn
        configuration = aws.glue.SecurityConfigurationEncryptionConfigurationArgs(
            s3_encryption=aws.glue.SecurityConfigurationEncryptionConfigurationS3EncryptionArgs(
                s3_encryption_mode="SSE-KMS", kms_key_arn=key
            ),
            cloudwatch_encryption=aws.glue.SecurityConfigurationEncryptionConfigurationCloudwatchEncryptionArgs(
                cloudwatch_encryption_mode="SSE-KMS", kms_key_arn=key
            ),
            job_bookmarks_encryption=aws.glue.SecurityConfigurationEncryptionConfigurationJobBookmarksEncryptionArgs(
                job_bookmarks_encryption_mode="CSE-KMS", kms_key_arn=key
            ),
        )
        return aws.glue.SecurityConfiguration(
            f"{self._name}-encryption",
            name=self._args.label,
            encryption_configuration=configuration,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _connect(self, number: int, subnet_id: pulumi.Input[str]) -> aws.glue.Connection:
        return aws.glue.Connection(
            f"{self._name}-network-{number}",
            name=f"{self._args.label}-network-{number}",
            description="Joins jobs and crawlers to the network",
            connection_type="NETWORK",
            physical_connection_requirements=aws.glue.ConnectionPhysicalConnectionRequirementsArgs(
                subnet_id=subnet_id, security_group_id_lists=[self._args.security_group_id]
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
