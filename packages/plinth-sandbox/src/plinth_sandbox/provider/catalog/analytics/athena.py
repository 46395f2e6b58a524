"""Amazon Athena."""

from __future__ import annotations

from plinth_sandbox.provider.functions.analytics.athena import with_defaults, with_removals
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update

WORKGROUP = Resource(
    type="aws:athena/workgroup:Workgroup",
    create=Call("create_work_group", adjust=with_defaults),
    identifier="{name}",
    address={"WorkGroup": "{name}"},
    read=Call("get_work_group", within="WorkGroup"),
    update=[Update(Call("update_work_group", adjust=with_removals))],
    delete=Call("delete_work_group", {"RecursiveDeleteOption": "{forceDestroy}"}),
    absent="InvalidRequestException: .*is not found",
    renames={
        "configuration": "ConfigurationUpdates",
        "resultConfiguration": "ResultConfigurationUpdates",
        "managedQueryResultsConfiguration": "ManagedQueryResultsConfigurationUpdates",
        "kmsKeyArn": "KmsKey",
    },
    defaults={
        "state": "ENABLED",
        "configuration.enforceWorkgroupConfiguration": True,
        "configuration.publishCloudwatchMetricsEnabled": True,
        "configuration.engineVersion.selectedEngineVersion": "AUTO",
    },
    computed=["configuration.engineVersion.effectiveEngineVersion"],
    derived={"arn": "arn:{@partition}:athena:{@region}:{@account}:workgroup/{name}"},
    local=["forceDestroy"],
    name=Name(longest=128),
    tags=Tagging(),
)

NAMED_QUERY = Resource(
    type="aws:athena/namedQuery:NamedQuery",
    create=Call("create_named_query", gives={"id": "NamedQueryId"}),
    address={"NamedQueryId": "{id}"},
    read=Call("get_named_query", within="NamedQuery"),
    delete="delete_named_query",
    absent="(InvalidRequest|Validation)Exception: .*(not found|does not exist)",
    renames={"query": "QueryString"},
    defaults={"workgroup": "primary"},
    name=Name(longest=128),
)

RESOURCES = [WORKGROUP, NAMED_QUERY]
