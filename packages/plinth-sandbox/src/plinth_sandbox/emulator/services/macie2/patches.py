"""Macie: updates of sessions, and settings for members of the organization."""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.macie2.models import macie2_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


def _update_session(exchange: Exchange) -> Answer:
    call = exchange.call
    session = macie2_backends[call.account][call.region].macie_session
    if not session:
        raise AwsError("AccessDeniedException", "Macie is not enabled.")
    session.update(call.parameters, updatedAt=utcnow())
    return call.reply({})


def _update_organization(exchange: Exchange) -> Answer:
    _organization(exchange)["autoEnable"] = exchange.call.parameters["autoEnable"]
    return exchange.call.reply({})


def _describe_organization(exchange: Exchange) -> Answer:
    return exchange.call.reply({"autoEnable": False, "maxAccountLimitReached": False} | _organization(exchange))


def _organization(exchange: Exchange) -> dict[str, Any]:
    return exchange.memory.notes("macie2", exchange.call.account, exchange.call.region)


PATCHES: Patches = {
    "DescribeOrganizationConfiguration": _describe_organization,
    "UpdateMacieSession": _update_session,
    "UpdateOrganizationConfiguration": _update_organization,
}
