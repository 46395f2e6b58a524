"""AWS Lake Formation: administrators, registered locations, LF-tags, grants and cell filters."""

from __future__ import annotations

from plinth_sandbox.provider.functions.analytics import lakeformation as functions
from plinth_sandbox.provider.vocabulary import Call, Resource, Update

DATA_LAKE_SETTINGS = Resource(
    type="aws:lakeformation/dataLakeSettings:DataLakeSettings",
    create=functions.put_settings,
    creates=functions.SETTINGS,
    identifier="{@account}",
    read=functions.read_settings,
    update=[Update(functions.put_settings, carries=functions.SETTINGS)],
    delete=functions.clear_settings,
    computed=["parameters", "catalogId", "allowFullTableExternalDataAccess"],
    unread=["catalogId"],
    local=["catalogId"],
    name=None,
)

RESOURCE = Resource(
    type="aws:lakeformation/resource:Resource",
    create="register_resource",
    identifier="{arn}",
    address={"ResourceArn": "{arn}"},
    read=Call("describe_resource", within="ResourceInfo"),
    update=[Update(Call("update_resource", carries=["roleArn", "hybridAccessEnabled", "withFederation"]))],
    delete="deregister_resource",
    renames={"arn": "ResourceArn"},
    computed=["roleArn", "hybridAccessEnabled", "withFederation", "withPrivilegedAccess"],
    volatile=["lastModified"],
    unread=["useServiceLinkedRole"],
    name=None,
)

LF_TAG = Resource(
    type="aws:lakeformation/lfTag:LfTag",
    create="create_lf_tag",
    identifier="{@account}:{key}",
    address={"CatalogId": "{@account}", "TagKey": "{key}"},
    read="get_lf_tag",
    update=[
        Update(
            Call(
                "update_lf_tag",
                {"TagValuesToAdd": "{+values}", "TagValuesToDelete": "{-values}"},
                carries=["values"],
            ),
            carries=["values"],
        )
    ],
    delete="delete_lf_tag",
    renames={"key": "TagKey", "values": "TagValues"},
    computed=["catalogId"],
    name=None,
)

RESOURCE_LF_TAGS = Resource(
    type="aws:lakeformation/resourceLfTags:ResourceLfTags",
    create=functions.assign_tags,
    creates=["database", "table", "tableWithColumns", "lfTags"],
    read=functions.read_tags,
    update=[Update(functions.change_tags, carries=["lfTags"])],
    delete=functions.remove_tags,
    exactly_one=[["database", "table", "tableWithColumns"]],
    name=None,
)

_OF_A_GRANT = ["principal", "permissions", "permissionsWithGrantOptions", "catalogResource", *functions.RESOURCES]

PERMISSIONS = Resource(
    type="aws:lakeformation/permissions:Permissions",
    create=functions.grant,
    creates=_OF_A_GRANT,
    read=functions.read_grant,
    delete=functions.revoke,
    computed=["permissionsWithGrantOptions"],
    exactly_one=[
        [
            "catalogResource",
            "dataCellsFilter",
            "dataLocation",
            "database",
            "lfTag",
            "lfTagPolicy",
            "table",
            "tableWithColumns",
        ]
    ],
    name=None,
)

DATA_CELLS_FILTER = Resource(
    type="aws:lakeformation/dataCellsFilter:DataCellsFilter",
    create=functions.create_filter,
    creates=["tableData"],
    read=functions.read_filter,
    computed=["tableData.versionId"],
    update=[Update(functions.update_filter, carries=["tableData"])],
    delete=functions.delete_filter,
    name=None,
)

RESOURCES = [DATA_LAKE_SETTINGS, RESOURCE, LF_TAG, RESOURCE_LF_TAGS, PERMISSIONS, DATA_CELLS_FILTER]
