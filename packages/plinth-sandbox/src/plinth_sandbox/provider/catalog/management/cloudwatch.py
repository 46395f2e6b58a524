"""Amazon CloudWatch, with CloudWatch Logs and EventBridge, which the vendor's provider has in the same module."""

from __future__ import annotations

from plinth_sandbox.provider.functions.management.cloudwatch import (
    delete_log_group,
    read_queries,
    read_rule,
    with_queries,
)
from plinth_sandbox.provider.vocabulary import Call, DataSource, Name, Resource, Tagging, Update

LOG_GROUP = Resource(
    type="aws:cloudwatch/logGroup:LogGroup",
    service="logs",
    create=Call("create_log_group", carries=["name", "kmsKeyId", "logGroupClass"]),
    identifier="{name}",
    address={"logGroupName": "{name}"},
    read=Call(
        "describe_log_groups",
        {"logGroupNamePrefix": "{name}"},
        within="logGroups[?logGroupName=='{name}'] | [0]",
        gives={"arn": "logGroups[?logGroupName=='{name}'] | [0].logGroupArn"},
    ),
    update=[
        Update("put_retention_policy", otherwise="delete_retention_policy"),
        Update("associate_kms_key", otherwise="disassociate_kms_key"),
    ],
    delete=delete_log_group,
    renames={"name": "logGroupName"},
    defaults={"logGroupClass": "STANDARD"},
    derived={"arn": "arn:{@partition}:logs:{@region}:{@account}:log-group:{name}"},
    local=["skipDestroy"],
    name=Name(longest=512),
    tags=Tagging(),
)

LOG_GROUPS = DataSource(
    type="aws:cloudwatch/getLogGroups:getLogGroups",
    service="logs",
    read=[
        Call(
            "describe_log_groups",
            {"logGroupNamePrefix": "{logGroupNamePrefix}"},
            gives={"arns": "logGroups[].logGroupArn", "logGroupNames": "logGroups[].logGroupName"},
        )
    ],
)

_THE_POLICY = "resourcePolicies[?policyName=='{policyName}'] | [0]"

LOG_RESOURCE_POLICY = Resource(
    type="aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
    service="logs",
    put=Call("put_resource_policy", carries=["policyName", "policyDocument"]),
    identifier="{policyName}",
    address={"policyName": "{policyName}"},
    read=Call("describe_resource_policies", within=_THE_POLICY),
    delete="delete_resource_policy",
    replaces=["policyName"],
    name=None,
)

_THE_FILTER = "metricFilters[?filterName=='{name}'] | [0]"

LOG_METRIC_FILTER = Resource(
    type="aws:cloudwatch/logMetricFilter:LogMetricFilter",
    service="logs",
    put=Call("put_metric_filter", {"filterName": "{name}"}),
    identifier="{logGroupName}:{name}",
    address={"logGroupName": "{logGroupName}"},
    read=Call(
        "describe_metric_filters",
        {"filterNamePrefix": "{name}"},
        within=_THE_FILTER,
        gives={"name": f"{_THE_FILTER}.filterName"},
    ),
    delete=Call("delete_metric_filter", {"filterName": "{name}"}),
    renames={
        "pattern": "filterPattern",
        "metricTransformation": "metricTransformations",
        "name": "metricName",
        "namespace": "metricNamespace",
        "value": "metricValue",
    },
    defaults={"applyOnTransformedLogs": False, "metricTransformation.unit": "None"},
    replaces=["logGroupName"],
    name=Name(longest=512),
)

_ACTIONS = ["alarmDescription", "actionsEnabled", "okActions", "alarmActions", "insufficientDataActions"]

METRIC_ALARM = Resource(
    type="aws:cloudwatch/metricAlarm:MetricAlarm",
    put=Call(
        "put_metric_alarm",
        {"Metrics": "{metricQueries}"},
        carries=[
            "name",
            *_ACTIONS,
            "metricName",
            "namespace",
            "dimensions",
            "statistic",
            "extendedStatistic",
            "period",
            "unit",
            "evaluationPeriods",
            "datapointsToAlarm",
            "threshold",
            "thresholdMetricId",
            "comparisonOperator",
            "treatMissingData",
            "evaluateLowSampleCountPercentiles",
            "metricQueries",
        ],
        adjust=with_queries,
    ),
    identifier="{name}",
    read=[Call("describe_alarms", {"AlarmNames": ["{name}"]}, within="MetricAlarms[0]"), read_queries],
    delete=Call("delete_alarms", {"AlarmNames": ["{name}"]}),
    renames={"name": "AlarmName", "arn": "AlarmArn"},
    defaults={"actionsEnabled": True, "treatMissingData": "missing", "metricQueries.returnData": False},
    exclusive=[["metricName", "metricQueries"], ["statistic", "extendedStatistic"]],
    tags=Tagging(),
)

COMPOSITE_ALARM = Resource(
    type="aws:cloudwatch/compositeAlarm:CompositeAlarm",
    put=Call("put_composite_alarm", carries=["alarmName", *_ACTIONS, "alarmRule"]),
    identifier="{alarmName}",
    read=Call(
        "describe_alarms",
        {"AlarmNames": ["{alarmName}"], "AlarmTypes": ["CompositeAlarm"]},
        within="CompositeAlarms[0]",
    ),
    delete=Call("delete_alarms", {"AlarmNames": ["{alarmName}"]}),
    renames={"arn": "AlarmArn"},
    defaults={"actionsEnabled": True},
    replaces=["actionsEnabled", "alarmName"],
    name=None,
    tags=Tagging(),
)

DASHBOARD = Resource(
    type="aws:cloudwatch/dashboard:Dashboard",
    put="put_dashboard",
    identifier="{dashboardName}",
    read=Call("get_dashboard", {"DashboardName": "{dashboardName}"}),
    delete=Call("delete_dashboards", {"DashboardNames": ["{dashboardName}"]}),
    replaces=["dashboardName"],
    name=None,
)

EVENT_RULE = Resource(
    type="aws:cloudwatch/eventRule:EventRule",
    service="events",
    put=Call(
        "put_rule",
        gives={"id": "'{eventBusName}' == 'default' && '{name}' || '{eventBusName}/{name}'"},
    ),
    read=read_rule,
    delete=Call("delete_rule", {"Name": "{name}", "EventBusName": "{eventBusName}", "Force": "{forceDestroy}"}),
    defaults={"eventBusName": "default", "state": "ENABLED"},
    local=["forceDestroy"],
    replaces=["eventBusName", "name"],
    name=Name(longest=64),
    tags=Tagging(),
)

EVENT_TARGET = Resource(
    type="aws:cloudwatch/eventTarget:EventTarget",
    service="events",
    put=Call(
        "put_targets",
        within="Targets",
        carries=[
            "rule",
            "eventBusName",
            "targetId",
            "arn",
            "roleArn",
            "input",
            "inputPath",
            "inputTransformer",
            "deadLetterConfig",
            "retryPolicy",
            "sqsTarget",
            "kinesisTarget",
            "httpTarget",
            "sagemakerPipelineTarget",
        ],
    ),
    identifier="{eventBusName}/{rule}/{targetId}",
    read=Call(
        "list_targets_by_rule",
        {"EventBusName": "{eventBusName}"},
        within="Targets[?Id=='{targetId}'] | [0]",
    ),
    delete=Call("remove_targets", {"EventBusName": "{eventBusName}", "Ids": ["{targetId}"], "Force": "{forceDestroy}"}),
    renames={
        "targetId": "Id",
        "inputPaths": "InputPathsMap",
        "sqsTarget": "SqsParameters",
        "kinesisTarget": "KinesisParameters",
        "httpTarget": "HttpParameters",
        "sagemakerPipelineTarget": "SageMakerPipelineParameters",
    },
    defaults={"eventBusName": "default"},
    local=["forceDestroy"],
    exclusive=[["input", "inputPath", "inputTransformer"]],
    name=Name("targetId", longest=64),
)

EVENT_BUS = Resource(
    type="aws:cloudwatch/eventBus:EventBus",
    service="events",
    create="create_event_bus",
    identifier="{name}",
    address={"Name": "{name}"},
    read="describe_event_bus",
    update=["update_event_bus"],
    delete="delete_event_bus",
    unread=["eventSourceName"],
    name=Name(longest=256),
    tags=Tagging(),
)

EVENT_BUS_POLICY = Resource(
    type="aws:cloudwatch/eventBusPolicy:EventBusPolicy",
    service="events",
    put="put_permission",
    identifier="{eventBusName}",
    address={"EventBusName": "{eventBusName}"},
    read=Call("describe_event_bus", {"Name": "{eventBusName}"}),
    exists="Policy",
    delete=Call("remove_permission", {"RemoveAllPermissions": True}),
    defaults={"eventBusName": "default"},
    replaces=["eventBusName"],
    name=None,
)

DATA_SOURCES = [LOG_GROUPS]

RESOURCES = [
    LOG_GROUP,
    LOG_RESOURCE_POLICY,
    LOG_METRIC_FILTER,
    METRIC_ALARM,
    COMPOSITE_ALARM,
    DASHBOARD,
    EVENT_RULE,
    EVENT_TARGET,
    EVENT_BUS,
    EVENT_BUS_POLICY,
]
