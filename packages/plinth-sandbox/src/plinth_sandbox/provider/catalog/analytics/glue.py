"""AWS Glue: the Data Catalog, and the jobs and crawlers that fill it."""

from __future__ import annotations

from plinth_sandbox.provider.functions.analytics.glue import with_properties
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update

NOT_ENCRYPTED = {
    "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
    "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
}
"""Encryption settings of a new account's Data Catalog."""

CATALOG_DATABASE = Resource(
    type="aws:glue/catalogDatabase:CatalogDatabase",
    create=Call("create_database", within="DatabaseInput"),
    # Supports the account's own Data Catalog only.
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

JOB = Resource(
    type="aws:glue/job:Job",
    create="create_job",
    identifier="{name}",
    address={"JobName": "{name}"},
    read=Call("get_job", within="Job"),
    update=[Update(Call("update_job", within="JobUpdate"))],
    delete="delete_job",
    renames={"roleArn": "Role"},
    computed=["defaultArguments", "executionClass", "executionProperty", "maxCapacity", "maxRetries", "command.name"],
    derived={"arn": "arn:{@partition}:glue:{@region}:{@account}:job/{name}"},
    tags=Tagging(read="get_tags"),
)

CRAWLER = Resource(
    type="aws:glue/crawler:Crawler",
    create=Call("create_crawler", within="Targets"),
    identifier="{name}",
    address={"Name": "{name}"},
    read=[
        Call("get_crawler", within="Crawler", gives={"schedule": "Crawler.Schedule.ScheduleExpression"}),
        Call("get_crawler", within="Crawler.Targets"),
    ],
    update=[Update(Call("update_crawler", within="Targets"))],
    delete="delete_crawler",
    renames={"securityConfiguration": "CrawlerSecurityConfiguration"},
    defaults={"schemaChangePolicy.deleteBehavior": "DEPRECATE_IN_DATABASE"},
    computed=["lineageConfiguration", "recrawlPolicy", "schemaChangePolicy"],
    derived={"arn": "arn:{@partition}:glue:{@region}:{@account}:crawler/{name}"},
    tags=Tagging(read="get_tags"),
)

CONNECTION = Resource(
    type="aws:glue/connection:Connection",
    create=Call("create_connection", within="ConnectionInput", adjust=with_properties),
    identifier="{@account}:{name}",
    address={"CatalogId": "{@account}"},
    read=Call("get_connection", {"Name": "{name}"}, within="Connection"),
    update=[Update(Call("update_connection", {"Name": "{name}"}, within="ConnectionInput", adjust=with_properties))],
    delete=Call("delete_connection", {"ConnectionName": "{name}"}),
    defaults={"connectionType": "JDBC"},
    computed=["catalogId"],
    replaces=["name"],
    derived={
        "arn": "arn:{@partition}:glue:{@region}:{@account}:connection/{name}",
        "catalogId": "{@account}",
    },
    tags=Tagging(read="get_tags"),
)

SECURITY_CONFIGURATION = Resource(
    type="aws:glue/securityConfiguration:SecurityConfiguration",
    create="create_security_configuration",
    identifier="{name}",
    address={"Name": "{name}"},
    read=Call("get_security_configuration", within="SecurityConfiguration"),
    delete="delete_security_configuration",
)

TRIGGER = Resource(
    type="aws:glue/trigger:Trigger",
    create="create_trigger",
    identifier="{name}",
    address={"Name": "{name}"},
    read=Call("get_trigger", within="Trigger", gives={"enabled": "Trigger.State == 'ACTIVATED'"}),
    update=[
        Update("start_trigger", otherwise="stop_trigger", carries=["enabled"], always=True),
        Update(
            Call(
                "update_trigger",
                within="TriggerUpdate",
                carries=["actions", "description", "eventBatchingConditions", "predicate", "schedule"],
            )
        ),
    ],
    delete="delete_trigger",
    defaults={"enabled": True, "predicate.logical": "AND"},
    unread=["startOnCreation"],
    volatile=["state"],
    derived={"arn": "arn:{@partition}:glue:{@region}:{@account}:trigger/{name}"},
    tags=Tagging(read="get_tags"),
)

WORKFLOW = Resource(
    type="aws:glue/workflow:Workflow",
    create="create_workflow",
    identifier="{name}",
    address={"Name": "{name}"},
    read=Call("get_workflow", within="Workflow"),
    update=["update_workflow"],
    delete="delete_workflow",
    derived={"arn": "arn:{@partition}:glue:{@region}:{@account}:workflow/{name}"},
    tags=Tagging(read="get_tags"),
)

RESOURCES = [
    CATALOG_DATABASE,
    CATALOG_TABLE,
    ENCRYPTION_SETTINGS,
    RESOURCE_POLICY,
    JOB,
    CRAWLER,
    CONNECTION,
    SECURITY_CONFIGURATION,
    TRIGGER,
    WORKFLOW,
]
