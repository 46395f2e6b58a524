"""IAM: central management of the root users of member accounts, which moto lacks."""

from __future__ import annotations

from functools import partial
from typing import Any

from moto.organizations.models import organizations_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches

SERVICE = "iam.amazonaws.com"
"""Service principal that the organization must trust first."""

FEATURES = {
    "OrganizationsRootCredentialsManagement": "RootCredentialsManagement",
    "OrganizationsRootSessions": "RootSessions",
}
"""Feature names in operations, mapped to the names in answers."""


def _switch(feature: str, on: bool, exchange: Exchange) -> Answer:
    switched = _switched(exchange)
    if on:
        switched[feature] = True
    else:
        switched.pop(feature, None)
    return _list(exchange)


def _list(exchange: Exchange) -> Answer:
    switched = _switched(exchange)
    organization = organizations_backends[exchange.call.account]["aws"].org
    assert organization is not None
    return exchange.call.reply({"OrganizationId": organization.id, "EnabledFeatures": sorted(switched)})


def _switched(exchange: Exchange) -> dict[str, Any]:
    backend = organizations_backends[exchange.call.account]["aws"]
    if backend.org is None:
        raise AwsError("CallerIsNotManagementAccountException", "The account manages no organization.")
    if all(service["ServicePrincipal"] != SERVICE for service in backend.services):
        raise AwsError("ServiceAccessNotEnabledException", f"The organization does not trust {SERVICE}.")
    return exchange.memory.notes("iam", exchange.call.account, "organization features")


PATCHES: Patches = {
    "ListOrganizationsFeatures": _list,
    **{
        f"{verb}{operation}": partial(_switch, feature, verb == "Enable")
        for operation, feature in FEATURES.items()
        for verb in ("Enable", "Disable")
    },
}
