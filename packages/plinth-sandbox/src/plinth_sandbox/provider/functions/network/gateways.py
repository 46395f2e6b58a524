"""Internet gateways, which exist independently of the VPC that they are attached to."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def attach_gateway(caller: Caller, known: Properties) -> None:
    """Attaches the gateway to the program's VPC and detaches it from any other."""
    attached = _attached(caller, known)
    for vpc_id in attached:
        if vpc_id != known.get("vpcId"):
            caller.aws("detach_internet_gateway", InternetGatewayId=known["id"], VpcId=vpc_id)
    if known.get("vpcId") and known["vpcId"] not in attached:
        caller.aws("attach_internet_gateway", InternetGatewayId=known["id"], VpcId=known["vpcId"])


def delete_gateway(caller: Caller, known: Properties) -> None:
    """Detaches and deletes a gateway. EC2 refuses to delete an attached one."""
    attach_gateway(caller, {"id": known["id"]})
    caller.aws("delete_internet_gateway", InternetGatewayId=known["id"])


def _attached(caller: Caller, known: Properties) -> list[str]:
    (gateway,) = caller.aws("describe_internet_gateways", InternetGatewayIds=[known["id"]])["InternetGateways"]
    return [attachment["VpcId"] for attachment in gateway.get("Attachments", [])]
