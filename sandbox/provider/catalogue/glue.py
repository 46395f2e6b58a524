"""AWS Glue: the data catalogue."""

from __future__ import annotations

from sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update

NOT_ENCRYPTED = {
    "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
    "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
}
"""As the catalogue of a new account is."""

CATALOG_DATABASE = Resource(
    type="aws:glue/catalogDatabase:CatalogDatabase",
    create=Call("create_database", within="DatabaseInput"),
    # Only the account's own catalogue: the catalogues of others are written by their own accounts.
    identifier="{@account}:{name}",
    address={"CatalogId": "{@account}", "Name": "{name}"},
    read=Call("get_database", within="Database"),
    update=[Update(Call("update_database", within="DatabaseInput"))],
    delete="delete_database",
    computed=["catalogId", "createTableDefaultPermissions", "locationUri"],
    replaces=["targetDatabase", "federatedDatabase"],
    derived={
        "arn": "arn:{@partition}:glue:{@region}:{@account}:database/{name}",
        "catalogId": "{@account}",
    },
    name=Name(lowercase=True),
    tags=Tagging(read="get_tags"),
)

CATALOG_TABLE = Resource(
    type="aws:glue/catalogTable:CatalogTable",
    create=Call("create_table", within="TableInput"),
    identifier="{@account}:{databaseName}:{name}",
    address={"CatalogId": "{@account}", "DatabaseName": "{databaseName}", "Name": "{name}"},
    read=Call("get_table", within="Table"),
    update=[Update(Call("update_table", within="TableInput"))],
    delete="delete_table",
    computed=["catalogId"],
    unread=["openTableFormatInput"],
    replaces=["databaseName", "name"],
    derived={
        "arn": "arn:{@partition}:glue:{@region}:{@account}:table/{databaseName}/{name}",
        "catalogId": "{@account}",
    },
    ordered=["storageDescriptor.columns", "partitionKeys"],
    name=Name(lowercase=True),
)

ENCRYPTION_SETTINGS = Resource(
    type="aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings",
    put="put_data_catalog_encryption_settings",
    identifier="{@account}",
    address={"CatalogId": "{@account}"},
    read="get_data_catalog_encryption_settings",
    exists="DataCatalogEncryptionSettings.EncryptionAtRest.CatalogEncryptionMode != 'DISABLED'",
    delete=Call("put_data_catalog_encryption_settings", {"DataCatalogEncryptionSettings": NOT_ENCRYPTED}),
    computed=["catalogId"],
    name=None,
)

RESOURCE_POLICY = Resource(
    type="aws:glue/resourcePolicy:ResourcePolicy",
    put=Call("put_resource_policy", {"EnableHybrid": "{enableHybrid}"}, carries=["policy"]),
    identifier="{@account}",
    read="get_resource_policy",
    exists="PolicyInJson",
    delete="delete_resource_policy",
    renames={"policy": "PolicyInJson"},
    unread=["enableHybrid"],
    name=None,
)

RESOURCES = [CATALOG_DATABASE, CATALOG_TABLE, ENCRYPTION_SETTINGS, RESOURCE_POLICY]
