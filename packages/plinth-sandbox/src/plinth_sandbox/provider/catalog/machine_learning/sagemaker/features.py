"""Feature Store."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.machine_learning.sagemaker.common import TAGS
from plinth_sandbox.provider.vocabulary import Call, Resource, Update, Wait

FEATURE_GROUP = Resource(
    type="aws:sagemaker/featureGroup:FeatureGroup",
    create="create_feature_group",
    identifier="{featureGroupName}",
    address={"FeatureGroupName": "{featureGroupName}"},
    read="describe_feature_group",
    # AWS could add features to a feature group. The vendor's provider replaces the group.
    update=[Update(Call("update_feature_group", carries=["onlineStoreConfig", "throughputConfig"]))],
    replaces=[f"onlineStoreConfig.{part}" for part in ("enableOnlineStore", "securityConfig", "storageType")],
    delete="delete_feature_group",
    renames={"arn": "FeatureGroupArn"},
    computed=[
        "offlineStoreConfig.dataCatalogConfig",
        "offlineStoreConfig.s3StorageConfig.resolvedOutputS3Uri",
        "offlineStoreConfig.tableFormat",
        "throughputConfig",
    ],
    ordered=["featureDefinitions"],
    ready=Wait(
        Call("describe_feature_group"),
        until="FeatureGroupStatus=='Created'",
        failed="FeatureGroupStatus=='CreateFailed'",
        reason="FailureReason",
    ),
    gone=Wait(Call("describe_feature_group"), until="`false`", failed="FeatureGroupStatus=='DeleteFailed'"),
    name=None,
    tags=TAGS,
)

RESOURCES = [FEATURE_GROUP]
