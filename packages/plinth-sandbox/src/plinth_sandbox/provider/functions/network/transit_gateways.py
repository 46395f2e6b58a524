"""Attachments to a shared transit gateway, which the gateway's owner accepts."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def accept_attachment(caller: Caller, known: Properties) -> Properties:
    """The attachment keeps its id: it is the same one, seen from the gateway's account."""
    attachment = known["transitGatewayAttachmentId"]
    caller.aws("accept_transit_gateway_vpc_attachment", TransitGatewayAttachmentId=attachment)
    return {"id": attachment}
