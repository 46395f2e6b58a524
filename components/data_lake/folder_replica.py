"""The copy of an object dataset in a second region, which S3 keeps up to date."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data_lake.network_perimeter import NetworkPerimeter
from components.identity.iam.principals import service_trust
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from components.storage.replication import EncryptedBuckets, copy_everything, copy_permissions, replicate


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderReplicaArgs:
    """Arguments of :class:`FolderReplica`."""

    source: EncryptedBuckets
    """The bucket of the dataset, in the home region, with its own key."""

    folder: pulumi.Resource
    """The component of the source, with the versioning that S3 requires before replication."""

    replica: EncryptedBuckets
    """The copy in the second region, which is created, and the key of all copies there."""

    log_bucket_name: pulumi.Input[str]
    """Name of the bucket for the access logs of copies, in the second region."""

    account_id: pulumi.Input[str]
    """Id of the data lake account."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization whose principals may be granted access (``o-…``)."""

    role_name: str
    """Name of the role with which S3 copies."""

    boundary_arn: pulumi.Input[str]
    """ARN of the permissions boundary of the role. It must allow
    :data:`~components.storage.replication.REPLICATION_ACTIONS`."""

    perimeter: NetworkPerimeter
    """Networks from which the copy may be reached. It must except the role."""

    noncurrent_retention_days: int
    """Days until a noncurrent object version expires, as in the source."""

    replica_provider: aws.Provider
    """Provider of the same account in the second region. The provider in the options is that of the home region."""


class FolderReplica(pulumi.ComponentResource):
    """A replica bucket for an object dataset, and the replication to it.

    The key of the dataset admits its readers. The copy has the key of the other copies of the lake instead, which
    admits nobody outside the account.

    Creates: in the second region, one protected private bucket; in the home region, the role and the replication
    configuration of the source.

    Outputs: ``bucket_name``.

    Raises: ValueError when the retention is shorter than one day.

    Cost: S3 storage of all replicated versions; requests, and transfer between regions per GB.

    Example::

        FolderReplica("replica-letters", FolderReplicaArgs(
            source=EncryptedBuckets(names=[folder.bucket_name], key_arn=folder.key_arn, region="eu-west-1"),
            folder=folder,
            replica=EncryptedBuckets(names=[name], key_arn=copies.key_arn, region="eu-central-1"),
            log_bucket_name=copies.access_log_bucket, account_id="111111111111", organization_id="o-acme",
            role_name="data-lake-replication-letters", boundary_arn=lake.permissions_boundary_arn, perimeter=perimeter,
            noncurrent_retention_days=90, replica_provider=second,
        ))
    """

    bucket_name: pulumi.Output[str]
    """Name of the copy, known once the dataset is replicated."""

    def __init__(self, name: str, args: FolderReplicaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:FolderReplica", name, None, opts)
        self._name, self._args = name, args
        bucket = self._bucket()
        copied = self._replicate(bucket, self._role())
        self.bucket_name = pulumi.Output.all(bucket.bucket_name, copied.id).apply(lambda known: str(known[0]))
        self.register_outputs({"bucket_name": self.bucket_name})

    def _bucket(self) -> PrivateBucket:
        (bucket_name,) = self._args.replica.names
        args = PrivateBucketArgs(
            bucket_name=bucket_name,
            key_arn=self._args.replica.key_arn,
            organization_id=self._args.organization_id,
            log_bucket_name=self._args.log_bucket_name,
            noncurrent_retention_days=self._args.noncurrent_retention_days,
            statements=self._args.perimeter.statements,
        )
        there = pulumi.ResourceOptions(parent=self, provider=self._args.replica_provider)
        return PrivateBucket(self._name, args, there)

    def _role(self) -> BoundedRole:
        args = BoundedRoleArgs(
            role_name=self._args.role_name,
            description="S3 copies the dataset into the second region",
            trust=service_trust("s3", account_id=self._args.account_id, source_arns=self._args.source.arns),
            permissions=copy_permissions(self._args.source, self._args.replica),
            boundary_arn=self._args.boundary_arn,
        )
        return BoundedRole(f"{self._name}-role", args, pulumi.ResourceOptions(parent=self))

    def _replicate(self, bucket: PrivateBucket, role: BoundedRole) -> aws.s3.BucketReplicationConfig:
        (source_name,) = self._args.source.names
        rule = copy_everything("second-region", to_bucket_arn=bucket.arn, key_arn=self._args.replica.key_arn)
        return replicate(
            self._name,
            bucket=source_name,
            role_arn=role.arn,
            rules=[rule],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[bucket, self._args.folder]),
        )
