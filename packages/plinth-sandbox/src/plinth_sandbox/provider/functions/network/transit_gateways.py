"""Attachments to a shared transit gateway, which the gateway's owner accepts."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def accept_attachment(caller: Caller, known: Properties) -> Properties:
    """Accepts an attachment. It has the same id in both accounts."""
    attachment = known["transitGatewayAttachmentId"]
    caller.aws("accept_transit_gateway_vpc_attachment", TransitGatewayAttachmentId=attachment)
    return {"id": attachment}
