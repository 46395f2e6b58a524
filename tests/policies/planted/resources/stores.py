"""Compliant resources: buckets, keys and their accompanying resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from tests.policies.planted.resources.base import (
    ACCOUNT,
    BUCKET,
    KEY,
    NO_HTTP,
    NO_OLD_TLS,
    ORGANIZATION,
    Planter,
    document,
)


class Stores(Planter):
    def bucket(self, *, protect: bool = False, **changes: Any) -> aws.s3.Bucket:
        properties = {
            "bucket": f"{self._name.lower()}-{ACCOUNT}-eu-west-1-an",
            "bucket_namespace": "account-regional",
        }
        return aws.s3.Bucket(self._name, **properties | changes, opts=self._opts(protect=protect))

    def database(self, **changes: Any) -> None:
        properties = {
            "identifier": self._name.lower(),
            "engine": "postgres",
            "instance_class": "db.t4g.medium",
            "allocated_storage": 20,
            "storage_encrypted": True,
            "kms_key_id": KEY,
            "multi_az": True,
            "username": "administrator",
            "manage_master_user_password": True,
            "master_user_secret_kms_key_id": KEY,
            "iam_database_authentication_enabled": True,
            "db_subnet_group_name": "private",
            "parameter_group_name": "tls-only",
            "backup_retention_period": 14,
            "delete_automated_backups": False,
            "deletion_protection": True,
            "enabled_cloudwatch_logs_exports": ["postgresql"],
        }
        aws.rds.Instance(self._name, **properties | changes, opts=self._opts())

    def parameter_group(self, parameters: Any) -> None:
        aws.rds.ParameterGroup(self._name, family="postgres18", parameters=parameters, opts=self._opts())

    def public_access_block(self, **changes: Any) -> None:
        blocks = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        properties = {"bucket": BUCKET, **dict.fromkeys(blocks, True)}
        aws.s3.BucketPublicAccessBlock(self._name, **properties | changes, opts=self._opts())

    def ownership(self, object_ownership: str = "BucketOwnerEnforced") -> None:
        rule = {"object_ownership": object_ownership}
        aws.s3.BucketOwnershipControls(self._name, bucket=BUCKET, rule=rule, opts=self._opts())

    def encryption(self, **changes: Any) -> None:
        default = {"sse_algorithm": "aws:kms", "kms_master_key_id": KEY} | changes
        rules: Any = [{"apply_server_side_encryption_by_default": default, "bucket_key_enabled": True}]
        aws.s3.BucketServerSideEncryptionConfiguration(self._name, bucket=BUCKET, rules=rules, opts=self._opts())

    def encryption_in_a_component(self) -> None:
        """Encrypts a bucket without a key, in a component with the type of an access log bucket."""
        component = pulumi.ComponentResource("plinth:storage:AccessLogBucket", self._name)
        default = {"sse_algorithm": "AES256"}
        rules: Any = [{"apply_server_side_encryption_by_default": default}]
        aws.s3.BucketServerSideEncryptionConfiguration(
            self._name,
            bucket=BUCKET,
            rules=rules,
            opts=pulumi.ResourceOptions.merge(self._opts(), pulumi.ResourceOptions(parent=component)),
        )

    def versioning(self, status: str = "Enabled") -> None:
        configuration = {"status": status}
        aws.s3.BucketVersioning(self._name, bucket=BUCKET, versioning_configuration=configuration, opts=self._opts())

    def logging(self, target_bucket: str = f"logs-{ACCOUNT}-eu-west-1-an") -> None:
        aws.s3.BucketLogging(
            self._name, bucket=BUCKET, target_bucket=target_bucket, target_prefix="planted/", opts=self._opts()
        )

    def bucket_policy(
        self,
        *statements: Mapping[str, Any],
        bucket: pulumi.Input[str] = BUCKET,
        known_with: pulumi.Input[str] = "",
    ) -> None:
        """Creates a bucket policy that is unknown as long as ``known_with`` is."""
        policy = pulumi.Output.from_input(known_with).apply(lambda _: document(*statements or (NO_HTTP, NO_OLD_TLS)))
        aws.s3.BucketPolicy(self._name, bucket=bucket, policy=policy, opts=self._opts())

    def delivery_access_point(self, folder: str) -> None:
        """Creates the access point by which the team fraud delivers the dataset fraud-scores. Production writes to the
        folder."""
        point = f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/fraud--fraud-scores--drop"
        taking = {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
            "Action": "s3:PutObject",
            "Resource": f"{point}/object/{folder}/*",
            "Condition": {
                "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
                "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/plinth/fraud-production-execution"},
            },
        }
        aws.s3.AccessPoint(
            self._name, name="fraud--fraud-scores--drop", bucket=BUCKET, policy=document(taking), opts=self._opts()
        )

    def parameter(self, value: str) -> None:
        aws.ssm.Parameter(self._name, name="/planted", type="String", value=value, opts=self._opts())

    def subscription(self, endpoint: str) -> None:
        topic = f"arn:aws:sns:eu-west-1:{ACCOUNT}:planted"
        aws.sns.TopicSubscription(self._name, topic=topic, protocol="email", endpoint=endpoint, opts=self._opts())

    def topic_policy(self, principal: Any, condition: Mapping[str, Any]) -> None:
        topic = f"arn:aws:sns:eu-west-1:{ACCOUNT}:planted"
        allowed = {"Effect": "Allow", "Principal": principal, "Action": "sns:Publish", "Condition": condition}
        aws.sns.TopicPolicy(self._name, arn=topic, policy=document({**allowed, "Resource": topic}), opts=self._opts())

    def queue_policy(self, principal: Any, condition: Mapping[str, Any]) -> None:
        allowed = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Condition": condition}
        aws.sqs.QueuePolicy(
            self._name,
            queue_url=f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/planted",
            policy=document({**allowed, "Resource": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:planted"}),
            opts=self._opts(),
        )

    def object_lock(self) -> None:
        """Creates an object lock without a default retention."""
        aws.s3.BucketObjectLockConfiguration(
            self._name, bucket=BUCKET, object_lock_enabled="Enabled", opts=self._opts()
        )

    def lifecycle(self) -> None:
        rule = {
            "id": "expire",
            "status": "Enabled",
            "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
            "noncurrent_version_expiration": {"noncurrent_days": 90},
        }
        rules: Any = [rule]
        aws.s3.BucketLifecycleConfiguration(self._name, bucket=BUCKET, rules=rules, opts=self._opts())

    def key(self, *, protect: bool = False, **changes: Any) -> aws.kms.Key:
        administer = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"],
            "Resource": "*",
        }
        properties = {"enable_key_rotation": True, "policy": document(administer)}
        return aws.kms.Key(self._name, **properties | changes, opts=self._opts(protect=protect))
