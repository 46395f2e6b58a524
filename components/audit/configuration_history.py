"""The bucket to which AWS Config delivers, whose objects are copied into the log archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.audit.archive_protection import ArchiveProtection
from components.audit.deliveries import HISTORY_OBJECTS, Deliveries
from components.identity.iam.arns import arn_of
from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement, policy_document
from components.identity.workloads.bounded_role import ROLE_PATH, BoundedRole, BoundedRoleArgs
from components.storage.bucket_parts import block_public_access, encrypt, keep_versions, log_access
from components.storage.bucket_policy import only_over_tls, only_the_organization
from components.storage.replication import (
    EncryptedBuckets,
    bucket_arn,
    copy_everything,
    encrypt_replicas,
    read_versions,
    replicate,
    use_key,
    write_replicas,
)

HISTORY_DAYS = 365
"""Days that an object stays in this bucket. The copy in the archive stays for the archive's retention."""
REPLICATION_ROLE = "audit-history-replication"
"""Name of the role with which S3 copies objects into the archive."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Replication:
    """The copies of the configuration history: in the log archive and, with the archive's logs, in a second region."""

    account_id: pulumi.Input[str]
    region: str
    source_name: pulumi.Input[str]
    archive_name: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts both buckets."""
    elsewhere: EncryptedBuckets | None = None
    """Copy of the archive in a second region. The role then copies the history and the archive there too, because S3
    does not copy replicas any further."""

    @property
    def role_arn(self) -> pulumi.Output[str]:
        """ARN of the role. It is built from names, because the archive's policy needs it before the role exists."""
        return arn_of("iam", "", self.account_id, f"role{ROLE_PATH}{REPLICATION_ROLE}")

    def permissions(self) -> list[Statement]:
        """Builds the permissions to read versions of the source and to write replicas."""
        source, archive = self._history_in(self.source_name), self._history_in(self.archive_name)
        return [
            *read_versions(source),
            write_replicas(archive),
            use_key("EncryptReplicas", ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], source, archive),
            *(self._to_second_region(self.elsewhere) if self.elsewhere else []),
        ]

    def rules_of_the_history(self, archive_name: pulumi.Input[str]) -> list[aws.s3.BucketReplicationConfigRuleArgs]:
        """Builds the rules of the configuration history.

        ``archive_name`` is the name of the archive, known once it accepts replicas.
        """
        to_archive = copy_everything("archive", to_bucket_arn=bucket_arn(archive_name), key_arn=self.key_arn)
        return [to_archive, *self.rules_of_the_archive(priority=2)]

    def rules_of_the_archive(self, *, priority: int = 1) -> list[aws.s3.BucketReplicationConfigRuleArgs]:
        """Builds the rules of the log archive, which is copied only if there is a second region."""
        if self.elsewhere is None:
            return []
        (target,) = self.elsewhere.arns
        key_arn = self.elsewhere.key_arn
        return [copy_everything("second-region", to_bucket_arn=target, key_arn=key_arn, priority=priority)]

    def _to_second_region(self, elsewhere: EncryptedBuckets) -> list[Statement]:
        archive = EncryptedBuckets(names=[self.archive_name], key_arn=self.key_arn, region=self.region)
        return [
            *read_versions(archive, of="Logs", locked=True),
            write_replicas(elsewhere, sid="WriteSecondRegion"),
            encrypt_replicas(elsewhere, sid="EncryptSecondRegion"),
        ]

    def _history_in(self, bucket_name: pulumi.Input[str]) -> EncryptedBuckets:
        return EncryptedBuckets(names=[bucket_name], key_arn=self.key_arn, region=self.region, objects=HISTORY_OBJECTS)


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfigurationHistoryArgs:
    """Arguments of :class:`ConfigurationHistory`."""

    replication: Replication
    """Names of this bucket and of the log archive, and the key that encrypts both. Its key policy must contain
    ``deliveries.key_statements()``."""

    archive_name: pulumi.Input[str]
    """Name of the log archive, known once it accepts replicas."""

    boundary_arn: pulumi.Input[str]
    """ARN of the permissions boundary of the replication role. It must contain ``replication.permissions()``."""

    deliveries: Deliveries
    """Organization from which the bucket accepts the deliveries of AWS Config."""

    log_bucket_name: pulumi.Input[str]
    """Name of the account's bucket for access logs."""

    deployment_roles: Sequence[str] = ()
    """ARN patterns of the roles that may change the bucket's settings; see
    :class:`~components.audit.archive_protection.ArchiveProtection`."""

    break_glass_roles: Sequence[str] = ()
    """ARN patterns of the roles that may delete objects."""


class ConfigurationHistory:
    """A bucket without object lock for AWS Config, whose objects S3 copies into the locked log archive and, if there is
    one, its copy in a second region.

    AWS Config cannot deliver to a bucket with object lock (CloudFormation reference, ``AWS::Config::DeliveryChannel``;
    AWS Config Developer Guide, "Managing the Delivery Channel"; read 2026-11-21). S3 can replicate to one: a replica
    gets the default retention of its bucket (S3 User Guide, "What does Amazon S3 replicate?"). Deletions are not
    replicated.

    Not a component resource, because the audit stack has many resources. ``parent`` is the log archive.

    Creates: the bucket, protected; its encryption, versioning, lifecycle, ownership, public access block, access log
    and policy; the replication to the archive and its role.

    Outputs: ``bucket_name``, ``replication_role_arn``.

    Cost: S3 storage of the history for a year, in addition to the copy in the archive.

    Example::

        ConfigurationHistory("history", ConfigurationHistoryArgs(
            replication=replication, archive_name=archive.bucket_name, boundary_arn=boundary.arn,
            deliveries=Deliveries(organization_id="o-acme", trail_arn=trail_arn), log_bucket_name=logs.bucket_name,
        ), parent=archive)
    """

    bucket_name: pulumi.Output[str]
    """Name of the bucket, known once AWS Config may deliver to it and its objects are replicated."""
    replication_role_arn: pulumi.Output[str]
    """ARN of the role with which S3 copies, known once it has its permissions."""

    def __init__(self, name: str, args: ConfigurationHistoryArgs, *, parent: pulumi.Resource) -> None:
        self._name, self._args, self._parent = name, args, parent

        self._bucket = aws.s3.Bucket(
            name,
            bucket=args.replication.source_name,
            bucket_namespace="account-regional",
            force_destroy=False,
            opts=pulumi.ResourceOptions(parent=parent, protect=True),
        )
        encrypt(name, self._bucket, key_arn=args.replication.key_arn, parent=parent)
        kept = keep_versions(name, self._bucket, current_days=HISTORY_DAYS, noncurrent_days=1, parent=parent)
        log_access(name, self._bucket, log_bucket_name=args.log_bucket_name, parent=parent)
        closed = block_public_access(name, self._bucket, parent=parent)
        admitted = self._admit_config_only(after=closed)
        role = self._role()
        self.replication_role_arn = role.arn
        replicated = self._replicate(role, after=kept)

        self.bucket_name = pulumi.Output.all(self._bucket.bucket, admitted.id, replicated.id).apply(
            lambda known: str(known[0])
        )

    def _admit_config_only(self, after: pulumi.Resource) -> aws.s3.BucketPolicy:
        arn, args = self._bucket.arn, self._args
        protection = ArchiveProtection(deployment_roles=args.deployment_roles, deleting_roles=args.break_glass_roles)
        return aws.s3.BucketPolicy(
            f"{self._name}-policy",
            bucket=self._bucket.bucket,
            policy=policy_document(
                *args.deliveries.history_statements(arn),
                *only_over_tls(arn),
                only_the_organization(arn, args.deliveries.organization_id),
                *protection.statements(arn),
            ),
            opts=pulumi.ResourceOptions(parent=self._parent, depends_on=[after]),
        )

    def _role(self) -> BoundedRole:
        replication = self._args.replication
        args = BoundedRoleArgs(
            role_name=REPLICATION_ROLE,
            description="S3 copies the configuration history into the log archive",
            trust=service_trust("s3", account_id=replication.account_id, source_arns=self._sources()),
            permissions=replication.permissions(),
            boundary_arn=self._args.boundary_arn,
        )
        return BoundedRole(f"{self._name}-role", args, pulumi.ResourceOptions(parent=self._parent))

    def _sources(self) -> list[pulumi.Output[str]]:
        """Returns the ARNs of the buckets that the role copies from."""
        archive = [bucket_arn(self._args.archive_name)] if self._args.replication.elsewhere else []
        return [self._bucket.arn, *archive]

    def _replicate(self, role: BoundedRole, after: pulumi.Resource) -> aws.s3.BucketReplicationConfig:
        return replicate(
            self._name,
            bucket=self._bucket.bucket,
            role_arn=role.arn,
            rules=self._args.replication.rules_of_the_history(self._args.archive_name),
            opts=pulumi.ResourceOptions(parent=self._parent, depends_on=[after]),
        )
