"""The kinds of resources with policies, besides buckets and keys: how they are listed, and which stacks declare."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from selfservice.undeclared.finding import Danger
from selfservice.undeclared.reading import Reading
from settings.types.regions import WITHOUT_CODEARTIFACT


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyListing:
    """How the resource policies of one kind are listed, and which ones stacks declare."""

    name: str
    """Name of the service in the report."""
    what: str
    service: str
    operation: str
    """The operation that lists the resources; empty if the account has one."""
    items: str
    policy: Callable[[Any, Any, str], str | None]
    """Returns the policy of an item and its ARN, with the client of the service."""
    arn: Callable[[Any, Any, Reading], str]
    """Returns the ARN of an item."""
    declared: Sequence[tuple[str, str]]
    """Types that declare the whole policy, each with the property that names the resource: its ARN, name or URL."""
    remedy: str
    least: Danger = Danger.ACCOUNT
    """The least danger that is a finding."""
    absent_from: frozenset[str] = frozenset()
    """Regions without the service."""


def _attribute(operation: str, key: str, member: str) -> Callable[[Any, Any, str], str | None]:
    def policy(client: Any, item: Any, _: str) -> str | None:
        name = item[member] if isinstance(item, dict) else item
        names = {"AttributeNames": ["Policy"]} if operation == "get_queue_attributes" else {}
        attributes = getattr(client, operation)(**{key: name}, **names).get("Attributes") or {}
        return attributes.get("Policy")

    return policy


def _in_region(path: str) -> Callable[[Any, Any, Reading], str]:
    """Returns a function that composes the ARN of an item that is a name, or a URL that ends with it."""
    service, _, rest = path.partition(":")

    def arn(_: Any, item: Any, reading: Reading) -> str:
        return f"arn:aws:{service}:{reading.account.region}:{reading.account.id}:{rest}{item.rpartition('/')[2]}"

    return arn


def _api_policy(_: Any, item: Any, __: str) -> str | None:
    """Returns the policy of a REST API, whose quotation marks API Gateway escapes."""
    policy = item.get("policy")
    return str(json.loads(f'"{policy}"')) if policy and policy.startswith("{\\") else policy


LISTINGS: tuple[PolicyListing, ...] = (
    PolicyListing(
        name="Secrets Manager",
        what="secret",
        service="secretsmanager",
        operation="list_secrets",
        items="SecretList",
        policy=lambda client, item, _: client.get_resource_policy(SecretId=item["ARN"]).get("ResourcePolicy"),
        arn=lambda _, item, __: str(item["ARN"]),
        declared=[("aws:secretsmanager/secretPolicy:SecretPolicy", "secretArn")],
        remedy="Delete the policy (`aws secretsmanager delete-resource-policy`).",
    ),
    PolicyListing(
        name="SQS",
        what="queue",
        service="sqs",
        operation="list_queues",
        items="QueueUrls",
        policy=_attribute("get_queue_attributes", "QueueUrl", ""),
        arn=_in_region("sqs:"),
        declared=[("aws:sqs/queuePolicy:QueuePolicy", "queueUrl")],
        remedy="Remove the policy of the queue (`aws sqs set-queue-attributes`).",
    ),
    PolicyListing(
        name="SNS",
        what="topic",
        service="sns",
        operation="list_topics",
        items="Topics",
        policy=_attribute("get_topic_attributes", "TopicArn", "TopicArn"),
        arn=lambda _, item, __: str(item["TopicArn"]),
        declared=[("aws:sns/topicPolicy:TopicPolicy", "arn")],
        remedy="Restore the policy of the topic (`aws sns set-topic-attributes`).",
    ),
    PolicyListing(
        name="ECR",
        what="repository",
        service="ecr",
        operation="describe_repositories",
        items="repositories",
        policy=lambda client, item, _: client.get_repository_policy(repositoryName=item["repositoryName"])[
            "policyText"
        ],
        arn=lambda _, item, __: str(item["repositoryArn"]),
        declared=[("aws:ecr/repositoryPolicy:RepositoryPolicy", "repository")],
        remedy="Delete the policy (`aws ecr delete-repository-policy`).",
    ),
    PolicyListing(
        name="Lambda",
        what="function",
        service="lambda",
        operation="list_functions",
        items="Functions",
        policy=lambda client, item, _: client.get_policy(FunctionName=item["FunctionName"])["Policy"],
        arn=lambda _, item, __: str(item["FunctionArn"]),
        declared=[],
        remedy="Remove the statement (`aws lambda remove-permission`).",
    ),
    PolicyListing(
        name="EventBridge",
        what="event bus",
        service="events",
        operation="list_event_buses",
        items="EventBuses",
        policy=lambda _, item, __: item.get("Policy"),
        arn=lambda _, item, __: str(item["Arn"]),
        declared=[
            ("aws:cloudwatch/eventBusPolicy:EventBusPolicy", "eventBusName"),
            ("aws:cloudwatch/eventPermission:EventPermission", "eventBusName"),
        ],
        remedy="Remove the statement (`aws events remove-permission`).",
    ),
    PolicyListing(
        name="Glue",
        what="catalog",
        service="glue",
        operation="",
        items="",
        policy=lambda client, _, __: client.get_resource_policy().get("PolicyInJson"),
        arn=_in_region("glue:catalog"),
        declared=[("aws:glue/resourcePolicy:ResourcePolicy", "@account")],
        remedy="Delete the policy (`aws glue delete-resource-policy`).",
    ),
    PolicyListing(
        name="SageMaker",
        what="model package group",
        service="sagemaker",
        operation="list_model_package_groups",
        items="ModelPackageGroupSummaryList",
        policy=lambda client, item, _: client.get_model_package_group_policy(
            ModelPackageGroupName=item["ModelPackageGroupName"]
        )["ResourcePolicy"],
        arn=lambda _, item, __: str(item["ModelPackageGroupArn"]),
        declared=[("aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy", "modelPackageGroupName")],
        remedy="Delete the policy (`aws sagemaker delete-model-package-group-policy`).",
    ),
    PolicyListing(
        name="CodeArtifact domains",
        what="package domain",
        service="codeartifact",
        operation="list_domains",
        items="domains",
        policy=lambda client, item, _: client.get_domain_permissions_policy(
            domain=item["name"], domainOwner=item["owner"]
        )["policy"]["document"],
        arn=lambda _, item, __: str(item["arn"]),
        declared=[("aws:codeartifact/domainPermissions:DomainPermissions", "resourceArn")],
        remedy="Delete the policy (`aws codeartifact delete-domain-permissions-policy`).",
        absent_from=WITHOUT_CODEARTIFACT,
    ),
    PolicyListing(
        name="CodeArtifact repositories",
        what="package repository",
        service="codeartifact",
        operation="list_repositories",
        items="repositories",
        policy=lambda client, item, _: client.get_repository_permissions_policy(
            domain=item["domainName"], domainOwner=item["domainOwner"], repository=item["name"]
        )["policy"]["document"],
        arn=lambda _, item, __: str(item["arn"]),
        declared=[("aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy", "resourceArn")],
        remedy="Delete the policy (`aws codeartifact delete-repository-permissions-policy`).",
        absent_from=WITHOUT_CODEARTIFACT,
    ),
    PolicyListing(
        name="API Gateway",
        what="REST API",
        service="apigateway",
        operation="get_rest_apis",
        items="items",
        policy=_api_policy,
        arn=lambda _, item, reading: f"arn:aws:apigateway:{reading.account.region}::/restapis/{item['id']}",
        declared=[("aws:apigateway/restApi:RestApi", "arn")],
        remedy="Replace the policy (`aws apigateway update-rest-api`), and deploy the API.",
        # Releases declare APIs for the organization in states that are not read.
        least=Danger.OUTSIDE,
    ),
    PolicyListing(
        name="DynamoDB",
        what="table",
        service="dynamodb",
        operation="list_tables",
        items="TableNames",
        policy=lambda client, _, arn: client.get_resource_policy(ResourceArn=arn)["Policy"],
        arn=_in_region("dynamodb:table/"),
        declared=[("aws:dynamodb/resourcePolicy:ResourcePolicy", "resourceArn")],
        remedy="Delete the policy (`aws dynamodb delete-resource-policy`).",
    ),
    PolicyListing(
        name="EFS",
        what="file system",
        service="efs",
        operation="describe_file_systems",
        items="FileSystems",
        policy=lambda client, item, _: client.describe_file_system_policy(FileSystemId=item["FileSystemId"])["Policy"],
        arn=lambda _, item, __: str(item["FileSystemArn"]),
        declared=[("aws:efs/fileSystemPolicy:FileSystemPolicy", "fileSystemId")],
        remedy="Delete the policy (`aws efs delete-file-system-policy`).",
    ),
    PolicyListing(
        name="Kinesis",
        what="stream",
        service="kinesis",
        operation="list_streams",
        items="StreamNames",
        policy=lambda client, _, arn: client.get_resource_policy(ResourceARN=arn)["Policy"],
        arn=_in_region("kinesis:stream/"),
        declared=[("aws:kinesis/resourcePolicy:ResourcePolicy", "resourceArn")],
        remedy="Delete the policy (`aws kinesis delete-resource-policy`).",
    ),
    PolicyListing(
        name="CloudWatch Logs",
        what="destination of logs",
        service="logs",
        operation="describe_destinations",
        items="destinations",
        policy=lambda _, item, __: item.get("accessPolicy"),
        arn=lambda _, item, __: str(item["arn"]),
        declared=[("aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy", "destinationName")],
        remedy="Replace the policy (`aws logs put-destination-policy`).",
    ),
)
"""The kinds of resources with policies, besides buckets and keys."""
