"""API Gateway: preconditions and errors of deleting API keys and usage plans."""

from __future__ import annotations

from moto.apigateway.models import APIGatewayBackend, apigateway_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


def _backend(exchange: Exchange) -> APIGatewayBackend:
    backend: APIGatewayBackend = apigateway_backends[exchange.call.account][exchange.call.region]
    return backend


def _delete_plan(exchange: Exchange) -> Answer:
    """Deletes a usage plan unless stages use it."""
    wanted = exchange.call.parameters["usagePlanId"]
    plan = _backend(exchange).get_usage_plan(wanted)
    if plan.api_stages:
        message = f"Cannot delete Usage Plan {wanted} because it is associated with API stages."
        raise AwsError("BadRequestException", message)
    return exchange.below()


def _delete_plan_key(exchange: Exchange) -> Answer:
    """Answers an unknown key of a plan with AWS's error. moto raises an internal one."""
    given = exchange.call.parameters
    if given["keyId"] not in _backend(exchange).usage_plan_keys.get(given["usagePlanId"], {}):
        raise AwsError("NotFoundException", "Invalid API Key identifier specified")
    return exchange.below()


def _delete_key(exchange: Exchange) -> Answer:
    """Deletes an API key, also from its usage plans."""
    wanted, backend = exchange.call.parameters["apiKey"], _backend(exchange)
    if wanted not in backend.keys:
        raise AwsError("NotFoundException", "Invalid API Key identifier specified")
    for keys in backend.usage_plan_keys.values():
        keys.pop(wanted, None)
    return exchange.below()


PATCHES: Patches = {
    "DeleteApiKey": _delete_key,
    "DeleteUsagePlan": _delete_plan,
    "DeleteUsagePlanKey": _delete_plan_key,
}
