"""Calls for what the data lake consists of beside its buckets."""

from __future__ import annotations

from components.identity.deployment.calls import Part, calls
from components.identity.deployment.watch import QUESTIONS

DATABASE = "aws:glue/catalogDatabase:CatalogDatabase"
TABLE = "aws:glue/catalogTable:CatalogTable"
WORKGROUP = "aws:athena/workgroup:Workgroup"

LAKE: Part = {
    DATABASE: QUESTIONS[DATABASE],
    TABLE: QUESTIONS[TABLE],
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
"""Data is tagged, filtered and granted in the lake's account and in no other (IA-13)."""

LAKE_READERS: Part = {
    DATABASE: QUESTIONS[DATABASE],
    WORKGROUP: QUESTIONS[WORKGROUP],
    "aws:lakeformation/dataLakeSettings:DataLakeSettings": calls(
        "lakeformation", read="GetDataLakeSettings", reserved="PutDataLakeSettings"
    ),
    "aws:lakeformation/permissions:Permissions": calls(
        "lakeformation", read="ListPermissions", reserved="GrantPermissions RevokePermissions"
    ),
}
"""What an account that reads the lake has of it: links, and in whose sight they are (IA-13)."""
