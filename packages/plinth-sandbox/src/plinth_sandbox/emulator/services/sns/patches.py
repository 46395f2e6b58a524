"""SNS: topic attributes that moto accepts and does not return."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


def _create(exchange: Exchange) -> Answer:
    answer = exchange.below()
    if answer.succeeded:
        topic = exchange.call.result(answer)["TopicArn"]
        _attributes(exchange, topic).update(exchange.call.parameters.get("Attributes", {}))
    return answer


def _set(exchange: Exchange) -> Answer:
    answer = exchange.below()
    if answer.succeeded:
        parameters = exchange.call.parameters
        value = parameters.get("AttributeValue", "")
        _attributes(exchange, parameters["TopicArn"])[parameters["AttributeName"]] = value
    return answer


def _get(exchange: Exchange) -> Answer:
    def complete(result: dict[str, Any]) -> None:
        kept = _attributes(exchange, exchange.call.parameters["TopicArn"])
        lost = {name: value for name, value in kept.items() if value and name not in result["Attributes"]}
        result["Attributes"].update(lost)

    return exchange.amend(complete)


def _delete(exchange: Exchange) -> Answer:
    _attributes(exchange, exchange.call.parameters["TopicArn"]).clear()
    return exchange.below()


def _attributes(exchange: Exchange, topic: str) -> dict[str, Any]:
    return exchange.memory.notes("sns", topic)


PATCHES: Patches = {
    "CreateTopic": _create,
    "DeleteTopic": _delete,
    "GetTopicAttributes": _get,
    "SetTopicAttributes": _set,
}
