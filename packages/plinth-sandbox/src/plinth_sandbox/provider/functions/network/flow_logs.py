"""Flow logs: each kind of monitored resource has a property of its own, whereas EC2 takes an id and a kind."""

from __future__ import annotations

from plinth_sandbox.provider.errors import ProviderError
from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.tag_specifications import tag_specifications
from plinth_sandbox.provider.vocabulary import Properties

SUBJECTS = {
    "vpcId": ("VPC", "vpc-"),
    "subnetId": ("Subnet", "subnet-"),
    "eniId": ("NetworkInterface", "eni-"),
    "transitGatewayId": ("TransitGateway", "tgw-"),
    "transitGatewayAttachmentId": ("TransitGatewayAttachment", "tgw-attach-"),
}
"""Resource kind and id prefix by property."""

_MEMBERS = {
    "trafficType": "TrafficType",
    "iamRoleArn": "DeliverLogsPermissionArn",
    "deliverCrossAccountRole": "DeliverCrossAccountRole",
    "logDestination": "LogDestination",
    "logDestinationType": "LogDestinationType",
    "logFormat": "LogFormat",
    "maxAggregationInterval": "MaxAggregationInterval",
}
PROPERTIES = [*SUBJECTS, *_MEMBERS]
"""Inputs that these functions carry."""

_ALL_STREAMS = ":*"
"""Suffix of a log group's ARN in IAM. Flow logs take the ARN without it."""


def create_flow_log(caller: Caller, known: Properties) -> Properties:
    """Creates a flow log. EC2 reports refusals inside a successful answer."""
    subject = next((name for name in SUBJECTS if known.get(name)), None)
    if subject is None:
        raise ProviderError(f"{caller.type}: one of {', '.join(SUBJECTS)} must be given")
    request = {member: known[name] for name, member in _MEMBERS.items() if known.get(name) is not None}
    if "LogDestination" in request:
        request["LogDestination"] = request["LogDestination"].removesuffix(_ALL_STREAMS)
    answer = caller.aws(
        "create_flow_logs",
        ResourceIds=[known[subject]],
        ResourceType=SUBJECTS[subject][0],
        **tag_specifications("vpc-flow-log", known["tagsAll"]),
        **request,
    )
    for refused in answer.get("Unsuccessful", []):
        raise ProviderError(f"{caller.type}: {refused['Error']['Code']}: {refused['Error']['Message']}")
    return {"id": answer["FlowLogIds"][0]}


def read_flow_log(caller: Caller, known: Properties) -> Properties | None:
    """Returns the flow log. A destination keeps the suffix for all streams if the program wrote it."""
    found = caller.aws("describe_flow_logs", FlowLogIds=[known["id"]])["FlowLogs"]
    if not found:
        return None
    flow_log = found[0]
    properties = {name: flow_log.get(member) for name, member in _MEMBERS.items()}
    destination, wanted = properties["logDestination"], known.get("logDestination")
    if destination and wanted == destination + _ALL_STREAMS:
        properties["logDestination"] = wanted
    # The longest prefix wins: the id of a transit gateway attachment also starts with the prefix of transit gateways.
    kinds = sorted(SUBJECTS, key=lambda name: len(SUBJECTS[name][1]), reverse=True)
    subject = next(name for name in kinds if flow_log["ResourceId"].startswith(SUBJECTS[name][1]))
    tags = {tag["Key"]: tag["Value"] for tag in flow_log.get("Tags", [])}
    return {**dict.fromkeys(SUBJECTS), **properties, subject: flow_log["ResourceId"], "tags": tags}
