"""Actions on resources of the data lake apart from buckets and keys."""

from __future__ import annotations

from components.identity.deployer.calls import ResourceCalls, calls
from components.identity.deployer.resources.audit import TRAIL_QUERIES
from components.identity.deployer.resources.networks import shares

DATABASE = "aws:glue/catalogDatabase:CatalogDatabase"
TABLE = "aws:glue/catalogTable:CatalogTable"
WORKGROUP = "aws:athena/workgroup:Workgroup"

LAKE: ResourceCalls = {
    DATABASE: TRAIL_QUERIES[DATABASE],
    TABLE: TRAIL_QUERIES[TABLE],
    "aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings": calls(
        "glue",
        create="PutDataCatalogEncryptionSettings",
        read="GetDataCatalogEncryptionSettings",
        update="PutDataCatalogEncryptionSettings",
        passes_to="glue",
    ),
    "aws:glue/resourcePolicy:ResourcePolicy": calls(
        "glue", create="PutResourcePolicy", read="GetResourcePolicy", update="PutResourcePolicy"
    ),
    "aws:lakeformation/dataLakeSettings:DataLakeSettings": calls(
        "lakeformation", create="PutDataLakeSettings", read="GetDataLakeSettings", update="PutDataLakeSettings"
    ),
    "aws:lakeformation/dataCellsFilter:DataCellsFilter": calls(
        "lakeformation",
        create="CreateDataCellsFilter",
        read="GetDataCellsFilter",
        update="UpdateDataCellsFilter",
        delete="DeleteDataCellsFilter",
    ),
    "aws:lakeformation/lfTag:LfTag": calls(
        "lakeformation", create="CreateLFTag", read="GetLFTag", update="UpdateLFTag", delete="DeleteLFTag"
    ),
    "aws:lakeformation/permissions:Permissions": calls(
        "lakeformation", create="GrantPermissions", read="ListPermissions", delete="RevokePermissions"
    ),
    "aws:s3/accessPoint:AccessPoint": calls(
        "s3",
        create="CreateAccessPoint PutAccessPointPolicy TagResource",
        read="GetAccessPoint GetAccessPointPolicy GetAccessPointPolicyStatus ListTagsForResource",
        update="DeleteAccessPointPolicy PutAccessPointPolicy TagResource UntagResource",
        delete="DeleteAccessPoint",
    ),
    "aws:lakeformation/resource:Resource": calls(
        "lakeformation",
        create="RegisterResource",
        read="DescribeResource",
        update="UpdateResource",
        delete="DeregisterResource",
        passes_to="lakeformation",
    ),
    "aws:lakeformation/resourceLfTags:ResourceLfTags": calls(
        "lakeformation",
        create="AddLFTagsToResource",
        read="GetResourceLFTags",
        update="AddLFTagsToResource RemoveLFTagsFromResource",
        delete="RemoveLFTagsFromResource",
    ),
}
"""Resources of the data lake account, where LF-tags, filters, grants and access points are managed exclusively
(IA-13)."""

FEATURES: ResourceCalls = {
    **shares(),
    "aws:sagemaker/featureGroup:FeatureGroup": calls(
        "sagemaker",
        # Feature Store creates the table of the offline store with the deployer's credentials.
        create="AddTags CreateFeatureGroup glue:CreateTable glue:GetDatabase glue:GetTable kms:CreateGrant "
        "kms:DescribeKey",
        read="DescribeFeatureGroup ListTags",
        update="AddTags DeleteTags UpdateFeatureGroup",
        delete="DeleteFeatureGroup",
        passes_to="sagemaker",
    ),
}
"""Feature groups and their shares."""

LAKE_READERS: ResourceCalls = {
    DATABASE: TRAIL_QUERIES[DATABASE],
    WORKGROUP: TRAIL_QUERIES[WORKGROUP],
    "aws:lakeformation/dataLakeSettings:DataLakeSettings": calls(
        "lakeformation", read="GetDataLakeSettings", reserved="PutDataLakeSettings"
    ),
    "aws:lakeformation/permissions:Permissions": calls(
        "lakeformation", read="ListPermissions", reserved="GrantPermissions RevokePermissions"
    ),
}
"""Resources of an account that reads the lake: resource links, and grants to describe them (IA-13)."""
