"""Samples of AWS Lake Formation."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample

ADMIN, OTHER_ADMIN = "arn:aws:iam::123456789012:role/admin", "arn:aws:iam::123456789012:role/other"
READER = "arn:aws:iam::222222222222:role/reader"
DATABASE = {"database": ("aws:glue/catalogDatabase:CatalogDatabase", {"name": "of_grants_{n}"})}
TABLE = {
    **DATABASE,
    "table": (
        "aws:glue/catalogTable:CatalogTable",
        {
            "name": "people_{n}",
            "databaseName": "{database.outputs.name}",
            "storageDescriptor": {"columns": [{"name": "name", "type": "string"}, {"name": "city", "type": "string"}]},
        },
    ),
}
TAGS = {
    "tag": ("aws:lakeformation/lfTag:LfTag", {"key": "class-{n}", "values": ["open", "secret"]}),
    "other": ("aws:lakeformation/lfTag:LfTag", {"key": "team-{n}", "values": ["fraud"]}),
}


def _settings(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("lakeformation").get_data_lake_settings(CatalogId=it.id)["DataLakeSettings"]
    return {
        "admins": [lake_admin["DataLakePrincipalIdentifier"] for lake_admin in found["DataLakeAdmins"]],
        "version": found["Parameters"]["CROSS_ACCOUNT_VERSION"],
        "given to everybody": [*found["CreateDatabaseDefaultPermissions"], *found["CreateTableDefaultPermissions"]],
    }


def _change_admin(aws: Aws, it: Kept) -> None:
    lake = aws("lakeformation")
    found = lake.get_data_lake_settings()["DataLakeSettings"]
    lake.put_data_lake_settings(
        DataLakeSettings={**found, "DataLakeAdmins": [{"DataLakePrincipalIdentifier": OTHER_ADMIN}]}
    )
    assert it.id


def _location(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("lakeformation").describe_resource(ResourceArn=it.id)["ResourceInfo"]
    return {"role": found["RoleArn"], "hybrid": found["HybridAccessEnabled"]}


def _tag(aws: Aws, it: Kept) -> list[str]:
    return sorted(aws("lakeformation").get_lf_tag(TagKey=it.outputs["key"])["TagValues"])


def _tags_of_columns(aws: Aws, it: Kept) -> dict[str, Any]:
    place = it.outputs["tableWithColumns"]
    resource = {
        "DatabaseName": place["databaseName"],
        "Name": place["name"],
        "ColumnNames": place["columnNames"],
    }
    found = aws("lakeformation").get_resource_lf_tags(Resource={"TableWithColumns": resource})
    return {
        column["Name"]: {tag["TagKey"].split("-")[0]: tag["TagValues"] for tag in column["LFTags"]}
        for column in found["LFTagsOnColumns"]
    }


def _granted(aws: Aws, it: Kept) -> dict[str, Any]:
    policy = it.outputs["lfTagPolicy"]
    resource = {
        "ResourceType": policy["resourceType"],
        "Expression": [
            {"TagKey": expression["key"], "TagValues": expression["values"]} for expression in policy["expressions"]
        ],
    }
    (grant,) = aws("lakeformation").list_permissions(
        Principal={"DataLakePrincipalIdentifier": it.outputs["principal"]}, Resource={"LFTagPolicy": resource}
    )["PrincipalResourcePermissions"]
    return {"permissions": grant["Permissions"], "hands on": grant["PermissionsWithGrantOption"]}


def _revoke(aws: Aws, it: Kept) -> None:
    lake = aws("lakeformation")
    for grant in lake.list_permissions()["PrincipalResourcePermissions"]:
        if grant["Principal"]["DataLakePrincipalIdentifier"] == it.outputs["principal"]:
            lake.revoke_permissions(
                Principal=grant["Principal"], Resource=grant["Resource"], Permissions=grant["Permissions"]
            )


def _filter_address(it: Kept) -> dict[str, Any]:
    data = it.outputs["tableData"]
    return {
        "TableCatalogId": data["tableCatalogId"],
        "DatabaseName": data["databaseName"],
        "TableName": data["tableName"],
        "Name": data["name"],
    }


def _filter(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("lakeformation").get_data_cells_filter(**_filter_address(it))["DataCellsFilter"]
    return {"columns": found["ColumnNames"], "rows": found["RowFilter"]}


def _filter_input(columns: list[str], rows: dict[str, Any]) -> dict[str, Any]:
    return {
        "tableCatalogId": "123456789012",
        "databaseName": "{database.outputs.name}",
        "tableName": "{table.outputs.name}",
        "name": "anonymised",
        "columnNames": columns,
        "rowFilter": rows,
    }


SAMPLES = [
    Sample(
        type="aws:lakeformation/dataLakeSettings:DataLakeSettings",
        inputs={"admins": [ADMIN], "parameters": {"CROSS_ACCOUNT_VERSION": "4"}},
        look=_settings,
        seen={"admins": [ADMIN], "version": "4", "given to everybody": []},
        change={"admins": [OTHER_ADMIN]},
        seen_changed={"admins": [OTHER_ADMIN], "version": "4", "given to everybody": []},
        drift=_change_admin,
        drifts="admins",
        remove=lambda aws, it: aws("lakeformation").put_data_lake_settings(DataLakeSettings={}),
    ),
    Sample(
        type="aws:lakeformation/resource:Resource",
        inputs={"arn": "arn:aws:s3:::acme-lake-{n}", "roleArn": ADMIN},
        look=_location,
        seen={"role": ADMIN, "hybrid": False},
        change={"roleArn": OTHER_ADMIN},
        seen_changed={"role": OTHER_ADMIN, "hybrid": False},
        replace={"arn": "arn:aws:s3:::acme-other-{n}"},
        drift=lambda aws, it: aws("lakeformation").update_resource(ResourceArn=it.id, RoleArn=OTHER_ADMIN),
        drifts="roleArn",
        remove=lambda aws, it: aws("lakeformation").deregister_resource(ResourceArn=it.id),
    ),
    Sample(
        type="aws:lakeformation/lfTag:LfTag",
        inputs={"key": "exposure-{n}", "values": ["raw", "anonymised"]},
        look=_tag,
        seen=["anonymised", "raw"],
        change={"values": ["raw", "approved"]},
        seen_changed=["approved", "raw"],
        replace={"key": "other-{n}"},
        drift=lambda aws, it: aws("lakeformation").update_lf_tag(TagKey=it.outputs["key"], TagValuesToDelete=["raw"]),
        drifts="values",
        remove=lambda aws, it: aws("lakeformation").delete_lf_tag(TagKey=it.outputs["key"]),
    ),
    Sample(
        type="aws:lakeformation/resourceLfTags:ResourceLfTags",
        needs={**TABLE, **TAGS},
        inputs={
            "tableWithColumns": {
                "databaseName": "{database.outputs.name}",
                "name": "{table.outputs.name}",
                "columnNames": ["city", "name"],
            },
            "lfTags": [
                {"key": "{tag.outputs.key}", "value": "secret"},
                {"key": "{other.outputs.key}", "value": "fraud"},
            ],
        },
        look=_tags_of_columns,
        seen={name: {"class": ["secret"], "team": ["fraud"]} for name in ("city", "name")},
        change={"lfTags": [{"key": "{tag.outputs.key}", "value": "open"}]},
        seen_changed={name: {"class": ["open"]} for name in ("city", "name")},
        replace={
            "tableWithColumns": {
                "databaseName": "{database.outputs.name}",
                "name": "{table.outputs.name}",
                "columnNames": ["city"],
            }
        },
        drift=lambda aws, it: aws("lakeformation").add_lf_tags_to_resource(
            Resource={
                "TableWithColumns": {
                    "DatabaseName": it.outputs["tableWithColumns"]["databaseName"],
                    "Name": it.outputs["tableWithColumns"]["name"],
                    "ColumnNames": ["city", "name"],
                }
            },
            LFTags=[{"TagKey": it.outputs["lfTags"][0]["key"], "TagValues": ["open"]}],
        ),
        drifts="lfTags",
        remove=lambda aws, it: (
            aws("lakeformation").delete_lf_tag(TagKey=it.outputs["lfTags"][0]["key"])
            and aws("lakeformation").delete_lf_tag(TagKey=it.outputs["lfTags"][1]["key"])
        ),
    ),
    Sample(
        type="aws:lakeformation/permissions:Permissions",
        needs=TAGS,
        inputs={
            "principal": READER + "-{n}",
            "permissions": ["DESCRIBE", "SELECT"],
            "lfTagPolicy": {
                "resourceType": "TABLE",
                "expressions": [
                    {"key": "{tag.outputs.key}", "values": ["open", "secret"]},
                    {"key": "{other.outputs.key}", "values": ["fraud"]},
                ],
            },
        },
        look=_granted,
        seen={"permissions": ["DESCRIBE", "SELECT"], "hands on": []},
        replace={"permissions": ["DESCRIBE"]},
        remove=_revoke,
    ),
    Sample(
        type="aws:lakeformation/dataCellsFilter:DataCellsFilter",
        needs=TABLE,
        inputs={"tableData": _filter_input(["city"], {"filterExpression": "city <> 'Ys'"})},
        look=_filter,
        seen={"columns": ["city"], "rows": {"FilterExpression": "city <> 'Ys'"}},
        change={"tableData": _filter_input(["city", "name"], {"allRowsWildcard": {}})},
        seen_changed={"columns": ["city", "name"], "rows": {"AllRowsWildcard": {}}},
        remove=lambda aws, it: aws("lakeformation").delete_data_cells_filter(**_filter_address(it)),
    ),
]
