"""IAM: client ids of OpenID Connect providers, which moto sets only when it creates a provider."""

from __future__ import annotations

from moto.iam.models import iam_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches

_MOST_CLIENT_IDS = 100
"""IAM quota: client ids of one provider."""


def _add(exchange: Exchange) -> Answer:
    """Adds a client id. Adding it again has no effect."""
    known, client_id = _client_ids(exchange.call), str(exchange.call.parameters["ClientID"])
    if client_id not in known:
        if len(known) >= _MOST_CLIENT_IDS:
            message = f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {_MOST_CLIENT_IDS}"
            raise AwsError("LimitExceeded", message, status=409)
        known.append(client_id)
    return exchange.call.reply({})


def _remove(exchange: Exchange) -> Answer:
    """Removes a client id. Removing one that is not there has no effect."""
    known, client_id = _client_ids(exchange.call), str(exchange.call.parameters["ClientID"])
    if client_id in known:
        known.remove(client_id)
    return exchange.call.reply({})


def _client_ids(call: Call) -> list[str]:
    arn = str(call.parameters["OpenIDConnectProviderArn"])
    provider = iam_backends[call.account]["aws"].open_id_providers.get(arn)
    if provider is None:
        raise AwsError("NoSuchEntity", f"OpenIDConnect Provider not found for arn {arn}", status=404)
    client_ids: list[str] = provider.client_id_list
    return client_ids


PATCHES: Patches = {
    "AddClientIDToOpenIDConnectProvider": _add,
    "RemoveClientIDFromOpenIDConnectProvider": _remove,
}
