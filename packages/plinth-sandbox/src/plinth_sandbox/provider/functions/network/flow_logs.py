"""Flow logs: the properties name what is watched by its kind, EC2 takes an id and a kind."""

from __future__ import annotations

from plinth_sandbox.provider.errors import ProviderError
from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

SUBJECTS = {
    "vpcId": ("VPC", "vpc-"),
    "subnetId": ("Subnet", "subnet-"),
    "eniId": ("NetworkInterface", "eni-"),
    "transitGatewayId": ("TransitGateway", "tgw-"),
    "transitGatewayAttachmentId": ("TransitGatewayAttachment", "tgw-attach-"),
}
"""Property -> the kind, and how its ids begin."""

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
"""The inputs that these functions carry."""

_ALL_STREAMS = ":*"
"""How IAM spells a log group with its streams; flow logs take it without."""


def create_flow_log(caller: Caller, known: Properties) -> Properties:
    """EC2 reports what it refused inside a successful answer."""
    subject = next((name for name in SUBJECTS if known.get(name)), None)
    if subject is None:
        raise ProviderError(f"{caller.type}: one of {', '.join(SUBJECTS)} must be given")
    request = {member: known[name] for name, member in _MEMBERS.items() if known.get(name) is not None}
    if "LogDestination" in request:
        request["LogDestination"] = request["LogDestination"].removesuffix(_ALL_STREAMS)
    answer = caller.aws("create_flow_logs", ResourceIds=[known[subject]], ResourceType=SUBJECTS[subject][0], **request)
    for refused in answer.get("Unsuccessful", []):
        raise ProviderError(f"{caller.type}: {refused['Error']['Code']}: {refused['Error']['Message']}")
    return {"id": answer["FlowLogIds"][0]}


def read_flow_log(caller: Caller, known: Properties) -> Properties | None:
    """A destination that was given with all its streams stays spelt so."""
    found = caller.aws("describe_flow_logs", FlowLogIds=[known["id"]])["FlowLogs"]
    if not found:
        return None
    flow_log = found[0]
    properties = {name: flow_log.get(member) for name, member in _MEMBERS.items()}
    destination, wanted = properties["logDestination"], known.get("logDestination")
    if destination and wanted == destination + _ALL_STREAMS:
        properties["logDestination"] = wanted
    # The longest beginning counts: an attachment of a transit gateway is no transit gateway.
    kinds = sorted(SUBJECTS, key=lambda name: len(SUBJECTS[name][1]), reverse=True)
    subject = next(name for name in kinds if flow_log["ResourceId"].startswith(SUBJECTS[name][1]))
    tags = {tag["Key"]: tag["Value"] for tag in flow_log.get("Tags", [])}
    return {**dict.fromkeys(SUBJECTS), **properties, subject: flow_log["ResourceId"], "tags": tags}
