"""Policies of secrets, queues, topics, repositories, functions, event buses, catalogs and model package groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from selfservice.undeclared.finding import Finding
from selfservice.undeclared.policy_access import admissions
from selfservice.undeclared.reading import Reading


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyListing:
    """How the resource policies of one kind are listed, and which ones stacks declare."""

    what: str
    service: str
    operation: str
    """The operation that lists the resources; empty if the account has one."""
    items: str
    policy: Callable[[Any, Any], str | None]
    """Returns the policy of an item, with the client of the service."""
    arn: Callable[[Any, Any, Reading], str]
    """Returns the ARN of an item."""
    declared: Sequence[tuple[str, str]]
    """Types that declare the whole policy, each with the property that names the resource: its ARN, name or URL."""
    remedy: str


def _attribute(operation: str, key: str, member: str) -> Callable[[Any, Any], str | None]:
    def policy(client: Any, item: Any) -> str | None:
        name = item[member] if isinstance(item, dict) else item
        names = {"AttributeNames": ["Policy"]} if operation == "get_queue_attributes" else {}
        attributes = getattr(client, operation)(**{key: name}, **names).get("Attributes") or {}
        return attributes.get("Policy")

    return policy


def _queue_arn(_: Any, url: str, reading: Reading) -> str:
    return f"arn:aws:sqs:{reading.account.region}:{reading.account.id}:{url.rpartition('/')[2]}"


LISTINGS: tuple[PolicyListing, ...] = (
    PolicyListing(
        what="secret",
        service="secretsmanager",
        operation="list_secrets",
        items="SecretList",
        policy=lambda client, item: client.get_resource_policy(SecretId=item["ARN"]).get("ResourcePolicy"),
        arn=lambda _, item, __: str(item["ARN"]),
        declared=[("aws:secretsmanager/secretPolicy:SecretPolicy", "secretArn")],
        remedy="Delete the policy (`aws secretsmanager delete-resource-policy`).",
    ),
    PolicyListing(
        what="queue",
        service="sqs",
        operation="list_queues",
        items="QueueUrls",
        policy=_attribute("get_queue_attributes", "QueueUrl", ""),
        arn=_queue_arn,
        declared=[("aws:sqs/queuePolicy:QueuePolicy", "queueUrl")],
        remedy="Remove the policy of the queue (`aws sqs set-queue-attributes`).",
    ),
    PolicyListing(
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
        what="repository",
        service="ecr",
        operation="describe_repositories",
        items="repositories",
        policy=lambda client, item: client.get_repository_policy(repositoryName=item["repositoryName"])["policyText"],
        arn=lambda _, item, __: str(item["repositoryArn"]),
        declared=[("aws:ecr/repositoryPolicy:RepositoryPolicy", "repository")],
        remedy="Delete the policy (`aws ecr delete-repository-policy`).",
    ),
    PolicyListing(
        what="function",
        service="lambda",
        operation="list_functions",
        items="Functions",
        policy=lambda client, item: client.get_policy(FunctionName=item["FunctionName"])["Policy"],
        arn=lambda _, item, __: str(item["FunctionArn"]),
        declared=[],
        remedy="Remove the statement (`aws lambda remove-permission`).",
    ),
    PolicyListing(
        what="event bus",
        service="events",
        operation="list_event_buses",
        items="EventBuses",
        policy=lambda _, item: item.get("Policy"),
        arn=lambda _, item, __: str(item["Arn"]),
        declared=[
            ("aws:cloudwatch/eventBusPolicy:EventBusPolicy", "eventBusName"),
            ("aws:cloudwatch/eventPermission:EventPermission", "eventBusName"),
        ],
        remedy="Remove the statement (`aws events remove-permission`).",
    ),
    PolicyListing(
        what="catalog",
        service="glue",
        operation="",
        items="",
        policy=lambda client, _: client.get_resource_policy().get("PolicyInJson"),
        arn=lambda _, __, reading: f"arn:aws:glue:{reading.account.region}:{reading.account.id}:catalog",
        declared=[("aws:glue/resourcePolicy:ResourcePolicy", "@account")],
        remedy="Delete the policy (`aws glue delete-resource-policy`).",
    ),
    PolicyListing(
        what="model package group",
        service="sagemaker",
        operation="list_model_package_groups",
        items="ModelPackageGroupSummaryList",
        policy=lambda client, item: client.get_model_package_group_policy(
            ModelPackageGroupName=item["ModelPackageGroupName"]
        )["ResourcePolicy"],
        arn=lambda _, item, __: str(item["ModelPackageGroupArn"]),
        declared=[("aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy", "modelPackageGroupName")],
        remedy="Delete the policy (`aws sagemaker delete-model-package-group-policy`).",
    ),
)
"""The kinds of resources with policies, besides buckets and keys."""


def reader_of(listing: PolicyListing) -> Callable[[Reading], Iterator[Finding]]:
    """Returns the reader of one kind of resources."""

    def read(reading: Reading) -> Iterator[Finding]:
        client = reading.client(listing.service)
        declared = _declared(reading, listing)
        for item in reading.every(listing.service, listing.operation, listing.items) if listing.operation else [""]:
            arn = listing.arn(client, item, reading)
            if not declared.isdisjoint(_names(arn, item)):
                continue
            with reading.of(f"policy of the {listing.what} {arn}"):
                policy = listing.policy(client, item)
                for one in admissions(policy, reading.account.id, reading.organization) if policy else ():
                    yield reading.found(
                        one.danger, arn, ", ".join(one.actions), listing.remedy, principals=(one.principal,)
                    )

    return read


def _declared(reading: Reading, listing: PolicyListing) -> frozenset[str]:
    """Returns the names of resources whose policies stacks declare, which a refresh compares."""
    found: frozenset[str] = frozenset()
    for type_, key in listing.declared:
        if key == "@account":
            found |= {"catalog"} if reading.names("id", type_) else frozenset()
        else:
            found |= reading.names(key, type_)
    return found


def _names(arn: str, item: Any) -> set[str]:
    """Returns the names by which a state may refer to the resource: ARN, name with or without its type, and URL."""
    name = arn.split(":", 5)[5]
    return {arn, name, name.rpartition(":")[2], name.partition("/")[2], *([item] if isinstance(item, str) else ())}
