"""Changes resources of stacks at AWS, so that updates which correct them have something to create and to change."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from selfservice.clusters.pod_owner import owner_of
from selfservice.errors import RefusedError
from settings.derived.stack_graph import StackIdentity
from settings.files.loader import load
from tests.support.workbench import Workbench

_OTHER = {"business-unit": "somebody else"}
"""Tag that all resources have, with another value."""
_TAGS = [{"Key": key, "Value": value} for key, value in _OTHER.items()]
_ENOUGH = 6
"""Most changed resources of one stack, of which the first one is deleted if it is an endpoint."""
_OF_THE_PLATFORM = "platform-"
"""Beginning of the names of roles that no deployer may change."""
Resource = Mapping[str, Any]


def stacks_of_pods(bench: Workbench) -> list[str]:
    """Returns the deployed stacks on which pods may operate."""
    foundation, found = load(bench.project), []
    shared = set(bench.outputs("organization")["accounts"].values())
    for stack in bench.stacks():
        with suppress(RefusedError):
            team = foundation.account_of_stack(StackIdentity.parse(stack)).team
            owner_of(stack, team, bench.state(stack), shared)
            found.append(stack)
    return found


def disturb(bench: Workbench, stacks: Iterable[str]) -> Counter[str]:
    """Deletes or changes up to six resources of each stack, and returns their number by stack."""
    return Counter({stack: _disturb(bench, bench.state(stack)) for stack in stacks})


def _disturb(bench: Workbench, resources: Sequence[Resource]) -> int:
    done = 0
    for account, resource in _with_account(resources):
        change = _CHANGES.get(str(resource["type"]))
        if change is None or done == _ENOUGH or str(resource["id"]).startswith(_OF_THE_PLATFORM):
            continue
        try:
            change(bench, account, resource, done)
        except ClientError as error:
            if "NotFound" not in error.response["Error"]["Code"]:
                raise
            # It is gone already, so the update has to create it.
        done += 1
    return done


def _with_account(resources: Sequence[Resource]) -> Iterator[tuple[str, Resource]]:
    """Yields the resources of a state with the account of their provider."""
    accounts = {
        f"{resource['urn']}::{resource['id']}": json.loads(resource["inputs"]["allowedAccountIds"])[0]
        for resource in resources
        if resource["type"] == "pulumi:providers:aws"
    }
    for resource in resources:
        if (account := accounts.get(resource.get("provider", ""))) is not None:
            yield account, resource


def _endpoint(bench: Workbench, account: str, resource: Resource, done: int) -> None:
    ec2 = bench.client("ec2", account)
    if done == 0:
        ec2.delete_vpc_endpoints(VpcEndpointIds=[resource["id"]])
    else:
        ec2.create_tags(Resources=[resource["id"]], Tags=_TAGS)


def _lifecycle(bench: Workbench, account: str, resource: Resource, done: int) -> None:
    bench.client("s3", account).delete_bucket_lifecycle(Bucket=resource["outputs"]["bucket"])


def _log_group(bench: Workbench, account: str, resource: Resource, done: int) -> None:
    bench.client("logs", account).put_retention_policy(logGroupName=resource["id"], retentionInDays=1)


def _queue(bench: Workbench, account: str, resource: Resource, done: int) -> None:
    bench.client("sqs", account).tag_queue(QueueUrl=resource["id"], Tags=_OTHER)


def _role(bench: Workbench, account: str, resource: Resource, done: int) -> None:
    bench.client("iam", account).tag_role(RoleName=resource["id"], Tags=_TAGS)


def _workgroup(bench: Workbench, account: str, resource: Resource, done: int) -> None:
    bench.client("athena", account).tag_resource(ResourceARN=resource["outputs"]["arn"], Tags=_TAGS)


def _domains(bench: Workbench, account: str, resource: Resource, done: int) -> None:
    bench.client("route53resolver", account).tag_resource(ResourceArn=resource["outputs"]["arn"], Tags=_TAGS)


def _database(bench: Workbench, account: str, resource: Resource, done: int) -> None:
    bench.client("glue", account).tag_resource(ResourceArn=resource["outputs"]["arn"], TagsToAdd=_OTHER)


def _table(bench: Workbench, account: str, resource: Resource, done: int) -> None:
    outputs = resource["outputs"]
    bench.client("glue", account).delete_table(DatabaseName=outputs["databaseName"], Name=outputs["name"])


_CHANGES: Mapping[str, Callable[[Workbench, str, Resource, int], None]] = {
    "aws:athena/workgroup:Workgroup": _workgroup,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:glue/catalogDatabase:CatalogDatabase": _database,
    "aws:glue/catalogTable:CatalogTable": _table,
    "aws:iam/role:Role": _role,
    "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList": _domains,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _lifecycle,
    "aws:sqs/queue:Queue": _queue,
}
"""Changes to a resource that a deployer may correct, by type. The last argument is the number of the stack's
resources that are changed already."""
