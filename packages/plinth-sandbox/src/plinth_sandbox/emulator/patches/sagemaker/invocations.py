"""SageMaker Runtime: an unknown endpoint is not found. Models do not run, so an existing one cannot answer either."""

from __future__ import annotations

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.record import Place


def _invoke(exchange: Exchange) -> Answer:
    call, name = exchange.call, exchange.call.parameters["EndpointName"]
    place = Place(call.account, call.region, "sagemaker")
    if exchange.memory.store.find(place, "Endpoint", {"EndpointName": name}) is None:
        raise AwsError("ValidationError", f"Endpoint {name} of account {call.account} not found.")
    return exchange.below()


PATCHES: Patches = {
    "InvokeEndpoint": _invoke,
    "InvokeEndpointAsync": _invoke,
    "InvokeEndpointWithResponseStream": _invoke,
}
