"""Samples of SageMaker Feature Store."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample
from conformance.samples.machine_learning.sagemaker.common import PROVIDER_TAG, TAGGED, WORKER, tags


def _features(aws: Aws, it: Kept) -> dict[str, Any]:
    group = aws("sagemaker").describe_feature_group(FeatureGroupName=it.id)
    online, offline = group["OnlineStoreConfig"], group["OfflineStoreConfig"]
    table = offline["DataCatalogConfig"]
    made = aws("glue").get_table(DatabaseName=table["Database"], Name=table["TableName"])["Table"]
    return {
        "about": (group["Description"], group["RoleArn"]),
        "keys": (group["RecordIdentifierFeatureName"], group["EventTimeFeatureName"]),
        "features": [(f["FeatureName"], f["FeatureType"]) for f in group["FeatureDefinitions"]],
        "online": [online["EnableOnlineStore"], online["SecurityConfig"]["KmsKeyId"]],
        "lasts": (online["TtlDuration"]["Value"], online["TtlDuration"]["Unit"]),
        "offline": [offline["TableFormat"], offline["S3StorageConfig"]["KmsKeyId"]],
        "inside": made["StorageDescriptor"]["Location"].startswith(offline["S3StorageConfig"]["S3Uri"]),
        "tags": tags(aws, it),
    }


_SEEN_FEATURES = {
    "about": ("how often", WORKER),
    "keys": ("card", "seen_at"),
    "features": [("card", "String"), ("seen_at", "String"), ("payments", "Integral")],
    "online": [True, "{key.outputs.arn}"],
    "lasts": (7, "Days"),
    "offline": ["Iceberg", "{key.outputs.arn}"],
    "inside": True,
    "tags": TAGGED,
}

SAMPLES = [
    Sample(
        type="aws:sagemaker/featureGroup:FeatureGroup",
        needs={
            "key": ("aws:kms/key:Key", {}),
            "bucket": ("aws:s3/bucket:Bucket", {"bucket": "features-{n}"}),
            "database": ("aws:glue/catalogDatabase:CatalogDatabase", {"name": "features_{n}"}),
        },
        inputs={
            "featureGroupName": "sample-{n}",
            "description": "how often",
            "roleArn": WORKER,
            "recordIdentifierFeatureName": "card",
            "eventTimeFeatureName": "seen_at",
            "featureDefinitions": [
                {"featureName": "card", "featureType": "String"},
                {"featureName": "seen_at", "featureType": "String"},
                {"featureName": "payments", "featureType": "Integral"},
            ],
            "onlineStoreConfig": {
                "enableOnlineStore": True,
                "securityConfig": {"kmsKeyId": "{key.outputs.arn}"},
                "ttlDuration": {"unit": "Days", "value": 7},
            },
            "offlineStoreConfig": {
                "tableFormat": "Iceberg",
                "dataCatalogConfig": {
                    "catalog": "AwsDataCatalog",
                    "database": "{database.outputs.name}",
                    "tableName": "sample_{n}",
                },
                "s3StorageConfig": {"s3Uri": "s3://{bucket.id}/features", "kmsKeyId": "{key.outputs.arn}"},
            },
            "tags": {"own": "1"},
        },
        look=_features,
        seen=_SEEN_FEATURES,
        change={
            "onlineStoreConfig": {
                "enableOnlineStore": True,
                "securityConfig": {"kmsKeyId": "{key.outputs.arn}"},
                "ttlDuration": {"unit": "Hours", "value": 6},
            },
            "tags": {"own": "2"},
        },
        seen_changed={**_SEEN_FEATURES, "lasts": (6, "Hours"), "tags": {**PROVIDER_TAG, "own": "2"}},
        replace={
            "eventTimeFeatureName": "card",
            "offlineStoreConfig": {"s3StorageConfig": {"s3Uri": "s3://{bucket.id}/others"}},
        },
        drift=lambda aws, it: aws("sagemaker").update_feature_group(
            FeatureGroupName=it.id, OnlineStoreConfig={"TtlDuration": {"Unit": "Weeks", "Value": 1}}
        ),
        drifts="onlineStoreConfig",
        remove=lambda aws, it: aws("sagemaker").delete_feature_group(FeatureGroupName=it.id),
    ),
]
