"""Operations of each service that list an account: everything that the foundation, releases and people create there.

A listing names what AWS itself has in every account, or creates by itself, so that an empty account has no findings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

Item = Mapping[str, Any]
_NONE: Mapping[str, Any] = MappingProxyType({})


def _never(_: Item) -> bool:
    return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """An operation that lists resources."""

    kind: str
    """The resource type, as AWS's documentation names it."""
    service: str
    operation: str
    items: str
    """Key of the items in the response."""
    name: str = ""
    """Key of an item's name; empty for items that are names."""
    asked: Mapping[str, Any] = field(default_factory=lambda: _NONE)
    """Parameters of the operation."""
    unless: Callable[[Item], bool] = _never
    """Whether an item does not count, because AWS owns or has deleted it."""


def _gone(*states: str, key: str = "State") -> Callable[[Item], bool]:
    return lambda item: item.get(key) in states


def _named(*names: str, key: str) -> Callable[[Item], bool]:
    return lambda item: item[key] in names


_ACCESS_ROLE = "OrganizationAccountAccessRole"
"""Role by which the management account reaches an account. AWS Organizations creates it with the account."""
_OWN_PATHS = ("/aws-service-role/", "/aws-reserved/")
_OWNER_SELF = MappingProxyType({"OwnerIds": ["self"]})

LISTINGS: tuple[Listing, ...] = (
    Listing(
        kind="IAM access analyzer", service="accessanalyzer", operation="list_analyzers", items="analyzers", name="name"
    ),
    Listing(kind="REST API", service="apigateway", operation="get_rest_apis", items="items", name="name"),
    Listing(kind="API key", service="apigateway", operation="get_api_keys", items="items", name="name"),
    Listing(kind="usage plan", service="apigateway", operation="get_usage_plans", items="items", name="name"),
    Listing(
        kind="Athena workgroup", service="athena", operation="list_work_groups", items="WorkGroups", name="Name",
        unless=_named("primary", key="Name"),
    ),
    Listing(
        kind="alarm", service="cloudwatch", operation="describe_alarms", items="MetricAlarms", name="AlarmName"
    ),
    Listing(
        kind="dashboard", service="cloudwatch", operation="list_dashboards", items="DashboardEntries",
        name="DashboardName",
    ),
    Listing(
        kind="link to a monitoring account", service="oam", operation="list_links", items="Items", name="Arn"
    ),
    Listing(
        kind="configuration recorder", service="config", operation="describe_configuration_recorders",
        items="ConfigurationRecorders", name="name",
    ),
    Listing(
        kind="delivery channel", service="config", operation="describe_delivery_channels", items="DeliveryChannels",
        name="name",
    ),
    Listing(kind="DynamoDB table", service="dynamodb", operation="list_tables", items="TableNames"),
    Listing(kind="Elastic IP address", service="ec2", operation="describe_addresses", items="Addresses",
            name="AllocationId"),
    Listing(
        kind="instance", service="ec2", operation="describe_instances", items="Reservations", name="ReservationId",
        unless=lambda reservation: all(each["State"]["Name"] == "terminated" for each in reservation["Instances"]),
    ),
    Listing(
        kind="NAT gateway", service="ec2", operation="describe_nat_gateways", items="NatGateways", name="NatGatewayId",
        unless=_gone("deleted", "deleting", "failed"),
    ),
    Listing(
        kind="snapshot", service="ec2", operation="describe_snapshots", items="Snapshots", name="SnapshotId",
        asked=_OWNER_SELF,
    ),
    Listing(
        kind="transit gateway attachment", service="ec2", operation="describe_transit_gateway_vpc_attachments",
        items="TransitGatewayVpcAttachments", name="TransitGatewayAttachmentId", unless=_gone("deleted", "deleting"),
    ),
    Listing(kind="volume", service="ec2", operation="describe_volumes", items="Volumes", name="VolumeId"),
    Listing(
        kind="VPC", service="ec2", operation="describe_vpcs", items="Vpcs", name="VpcId",
        unless=lambda vpc: bool(vpc.get("IsDefault")),
    ),
    Listing(
        kind="VPC endpoint", service="ec2", operation="describe_vpc_endpoints", items="VpcEndpoints",
        name="VpcEndpointId", unless=_gone("deleted", "deleting"),
    ),
    Listing(kind="file system", service="efs", operation="describe_file_systems", items="FileSystems",
            name="FileSystemId"),
    Listing(
        kind="EMR Serverless application", service="emr-serverless", operation="list_applications",
        items="applications", name="name", unless=_gone("TERMINATED", key="state"),
    ),
    Listing(
        kind="event bus", service="events", operation="list_event_buses", items="EventBuses", name="Name",
        unless=_named("default", key="Name"),
    ),
    Listing(
        kind="event rule", service="events", operation="list_rules", items="Rules", name="Name",
        unless=lambda rule: "ManagedBy" in rule,
    ),
    Listing(kind="Glue connection", service="glue", operation="get_connections", items="ConnectionList", name="Name"),
    Listing(
        kind="Glue database", service="glue", operation="get_databases", items="DatabaseList", name="Name",
        unless=_named("default", key="Name"),
    ),
    Listing(kind="Glue job", service="glue", operation="get_jobs", items="Jobs", name="Name"),
    Listing(
        kind="Glue security configuration", service="glue", operation="get_security_configurations",
        items="SecurityConfigurations", name="Name",
    ),
    Listing(
        kind="IAM policy", service="iam", operation="list_policies", items="Policies", name="PolicyName",
        asked=MappingProxyType({"Scope": "Local"}),
    ),
    Listing(
        kind="IAM role", service="iam", operation="list_roles", items="Roles", name="RoleName",
        unless=lambda role: role["Path"].startswith(_OWN_PATHS) or role["RoleName"] == _ACCESS_ROLE,
    ),
    Listing(kind="IAM user", service="iam", operation="list_users", items="Users", name="UserName"),
    Listing(
        kind="KMS alias", service="kms", operation="list_aliases", items="Aliases", name="AliasName",
        unless=lambda alias: alias["AliasName"].startswith("alias/aws/"),
    ),
    Listing(kind="Lambda function", service="lambda", operation="list_functions", items="Functions",
            name="FunctionName"),
    Listing(kind="log group", service="logs", operation="describe_log_groups", items="logGroups", name="logGroupName"),
    Listing(
        kind="log resource policy", service="logs", operation="describe_resource_policies", items="resourcePolicies",
        name="policyName",
    ),
    Listing(
        kind="network firewall", service="network-firewall", operation="list_firewalls", items="Firewalls",
        name="FirewallName",
    ),
    Listing(
        kind="network firewall policy", service="network-firewall", operation="list_firewall_policies",
        items="FirewallPolicies", name="Name",
    ),
    Listing(
        kind="network firewall rule group", service="network-firewall", operation="list_rule_groups",
        items="RuleGroups", name="Name",
    ),
    Listing(kind="pipe", service="pipes", operation="list_pipes", items="Pipes", name="Name"),
    Listing(
        kind="Route 53 profile association", service="route53profiles", operation="list_profile_associations",
        items="ProfileAssociations", name="Id", unless=_gone("DELETED", "DELETING", key="Status"),
    ),
    Listing(
        kind="DNS firewall domain list", service="route53resolver", operation="list_firewall_domain_lists",
        items="FirewallDomainLists", name="Name", unless=lambda domain_list: "ManagedOwnerName" in domain_list,
    ),
    Listing(
        kind="DNS firewall rule group", service="route53resolver", operation="list_firewall_rule_groups",
        items="FirewallRuleGroups", name="Name",
        unless=lambda rule_group: rule_group.get("ShareStatus") == "SHARED_WITH_ME",
    ),
    Listing(kind="bucket", service="s3", operation="list_buckets", items="Buckets", name="Name"),
    Listing(
        kind="SageMaker domain", service="sagemaker", operation="list_domains", items="Domains", name="DomainName"
    ),
    Listing(
        kind="endpoint", service="sagemaker", operation="list_endpoints", items="Endpoints", name="EndpointName"
    ),
    Listing(
        kind="endpoint configuration", service="sagemaker", operation="list_endpoint_configs", items="EndpointConfigs",
        name="EndpointConfigName",
    ),
    Listing(kind="model", service="sagemaker", operation="list_models", items="Models", name="ModelName"),
    Listing(
        kind="model package group", service="sagemaker", operation="list_model_package_groups",
        items="ModelPackageGroupSummaryList", name="ModelPackageGroupName",
    ),
    Listing(
        kind="monitoring schedule", service="sagemaker", operation="list_monitoring_schedules",
        items="MonitoringScheduleSummaries", name="MonitoringScheduleName",
    ),
    Listing(
        kind="notebook instance", service="sagemaker", operation="list_notebook_instances", items="NotebookInstances",
        name="NotebookInstanceName",
    ),
    Listing(
        kind="pipeline", service="sagemaker", operation="list_pipelines", items="PipelineSummaries",
        name="PipelineName",
    ),
    Listing(
        kind="Studio lifecycle configuration", service="sagemaker", operation="list_studio_lifecycle_configs",
        items="StudioLifecycleConfigs", name="StudioLifecycleConfigName",
    ),
    Listing(kind="MLflow app", service="sagemaker", operation="list_mlflow_apps", items="Summaries", name="Name",
            unless=_gone("Deleted", "Deleting", key="Status")),
    Listing(kind="secret", service="secretsmanager", operation="list_secrets", items="SecretList", name="Name"),
    Listing(
        kind="state machine", service="stepfunctions", operation="list_state_machines", items="stateMachines",
        name="name",
    ),
    Listing(kind="topic", service="sns", operation="list_topics", items="Topics", name="TopicArn"),
    Listing(kind="queue", service="sqs", operation="list_queues", items="QueueUrls"),
)  # fmt: skip

COVERED: Mapping[str, str] = MappingProxyType(
    {
        "apigateway": "REST API",
        "accessanalyzer": "IAM access analyzer",
        "athena": "Athena workgroup",
        "cfg": "configuration recorder",
        "cloudwatch": "alarm",
        "dynamodb": "DynamoDB table",
        "ec2": "VPC",
        "ec2transitgateway": "transit gateway attachment",
        "emrserverless": "EMR Serverless application",
        "glue": "Glue job",
        "iam": "IAM role",
        "kms": "KMS alias",
        "networkfirewall": "network firewall",
        "oam": "link to a monitoring account",
        "pipes": "pipe",
        "route53": "DNS firewall rule group",
        "s3": "bucket",
        "sagemaker": "SageMaker domain",
        "sfn": "state machine",
        "sns": "topic",
        "sqs": "queue",
        "vpc": "VPC",
    }
)
"""A listing for each module of resource types. Modules of account-wide settings, which nobody deletes, have none."""
SETTINGS_OF_ACCOUNTS = ("ebs", "lakeformation", "ssm")
"""Modules whose resources are settings that every account has."""
