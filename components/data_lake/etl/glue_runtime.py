"""The encryption and network configuration that all jobs and crawlers share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class GlueRuntimeArgs:
    """Arguments of :class:`GlueRuntime`."""

    label: str
    """Prefix of the names."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts output, logs and bookmarks."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Ids of the private subnets, each of which gets a connection."""

    security_group_id: pulumi.Input[str]
    """Id of the jobs' security group."""


class GlueRuntime(pulumi.ComponentResource):
    """A security configuration and connections for all jobs and crawlers of the lake, because Glue has no defaults for
    them.

    Datasets share them because an account is limited to 250 security configurations and 1,000 connections (AWS Glue
    quotas).

    Creates: the security configuration; one connection per subnet.

    Outputs: ``security_configuration``, ``connections``.

    Cost: none until a job runs.

    Example::

        runtime = GlueRuntime("glue", GlueRuntimeArgs(
            label="data-lake", key_arn=key.arn, subnet_ids=network.subnet_ids, security_group_id=group.id,
        ))
    """

    security_configuration: pulumi.Output[str]
    """Name of the security configuration."""
    connections: list[pulumi.Output[str]]
    """Names of the connections in the order of the subnets. Glue uses the first that works."""

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
