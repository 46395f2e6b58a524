"""Compliant resources: tables, grants on them, and query engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from tests.policies.planted.resources.base import (
    ACCOUNT,
    BUCKET,
    KEY,
    ORGANIZATION,
    SUBNETS,
    document,
)
from tests.policies.planted.resources.identities import Identities


class Data(Identities):
    def table(self, **changes: Any) -> None:
        properties = {
            "name": "planted",
            "hash_key": "claim",
            "attributes": [{"name": "claim", "type": "S"}],
            "billing_mode": "PAY_PER_REQUEST",
            "point_in_time_recovery": {"enabled": True},
            "server_side_encryption": {"enabled": True, "kms_key_arn": KEY},
        }
        aws.dynamodb.Table(self._name, **properties | changes, opts=self._opts())

    def workgroup(self, **changes: Any) -> None:
        results = {
            "output_location": f"s3://{BUCKET}/queries/",
            "expected_bucket_owner": ACCOUNT,
            "encryption_configuration": {"encryption_option": "SSE_KMS", "kms_key_arn": KEY},
        }
        configuration = {
            "enforce_workgroup_configuration": True,
            "publish_cloudwatch_metrics_enabled": True,
            "bytes_scanned_cutoff_per_query": 10_485_760,
            "result_configuration": results,
        }
        aws.athena.Workgroup(self._name, name="planted", configuration=configuration | changes, opts=self._opts())

    def spark(self, **changes: Any) -> None:
        encrypted = ("spark.authenticate", "spark.io.encryption.enabled", "spark.network.crypto.enabled")
        properties = {
            "name": "planted",
            "type": "spark",
            "release_label": "emr-7.12.0",
            "network_configuration": {"subnet_ids": SUBNETS, "security_group_ids": ["sg-0123456789abcdef0"]},
            "maximum_capacity": {"cpu": "16 vCPU", "memory": "64 GB"},
            "monitoring_configuration": {"managed_persistence_monitoring_configuration": {"enabled": False}},
            "runtime_configurations": [
                {"classification": "spark-defaults", "properties": dict.fromkeys(encrypted, "true")}
            ],
        }
        aws.emrserverless.Application(self._name, **properties | changes, opts=self._opts())

    def catalog_policy(self, *statements: Mapping[str, Any]) -> None:
        refusal = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "glue:*",
            "Resource": "*",
            "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}},
        }
        aws.glue.ResourcePolicy(self._name, policy=document(refusal, *statements), opts=self._opts())

    def lake_settings(self, **changes: Any) -> None:
        administrator = f"arn:aws:iam::{ACCOUNT}:role/plinth/deployer"
        aws.lakeformation.DataLakeSettings(self._name, **{"admins": [administrator]} | changes, opts=self._opts())

    def data_grant(self, **changes: Any) -> None:
        tags = {"resource_type": "TABLE", "expressions": [{"key": "team-planted", "values": ["dev"]}]}
        properties = {
            "principal": f"arn:aws:iam::{ACCOUNT}:role/plinth/planted-development-execution",
            "permissions": ["SELECT"],
            "lf_tag_policy": tags,
        }
        aws.lakeformation.Permissions(self._name, **properties | changes, opts=self._opts())

    def partitioned_table(self, key: str, readable: Sequence[str]) -> None:
        """Creates a table with a partition key, and a data filter for its readers, which is named after the planted
        resource."""
        table = aws.glue.CatalogTable(
            f"{self._name}-table",
            name="planted",
            database_name="historical",
            partition_keys=[{"name": key, "type": "string"}],
            opts=self._opts(),
        )
        filtered = {
            "table_catalog_id": ACCOUNT,
            "database_name": table.database_name,
            "table_name": table.name,
            "name": "anonymised",
            "column_names": list(readable),
            "row_filter": {"filter_expression": "amount > 0"},
        }
        aws.lakeformation.DataCellsFilter(self._name, table_data=filtered, opts=self._opts())

    def feature_group(self, *, online_key: str | None = KEY, table: str | None = "planted") -> None:
        """Creates a feature group with a role and, if its table has a name, LF-tags."""
        role = self.role()
        stored = f"s3://acme-lake-curated-{ACCOUNT}-eu-west-1-an/features/planted"
        group = aws.sagemaker.FeatureGroup(
            self._name,
            feature_group_name="planted",
            role_arn=role.arn,
            record_identifier_feature_name="card",
            event_time_feature_name="seen_at",
            feature_definitions=[
                {"feature_name": "card", "feature_type": "String"},
                {"feature_name": "seen_at", "feature_type": "String"},
            ],
            online_store_config={"enable_online_store": True, "security_config": {"kms_key_id": online_key}},
            offline_store_config={
                "s3_storage_config": {"s3_uri": stored, "kms_key_id": KEY},
                "data_catalog_config": {"database": "features", "table_name": table},
            },
            opts=self._opts(),
        )
        aws.lakeformation.ResourceLfTags(
            self._name,
            table={"database_name": "features", "name": table or "planted"},
            lf_tags=[{"key": "class", "value": "internal"}],
            opts=pulumi.ResourceOptions.merge(self._opts(), pulumi.ResourceOptions(depends_on=[group])),
        )
