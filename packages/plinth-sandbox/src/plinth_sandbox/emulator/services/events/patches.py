"""EventBridge: updates of event buses."""

from __future__ import annotations

from moto.events.models import events_backends

from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


def _update_bus(exchange: Exchange) -> Answer:
    parameters = exchange.call.parameters
    bus = events_backends[exchange.call.account][exchange.call.region].describe_event_bus(
        parameters.get("Name", "default")
    )
    bus.description = parameters.get("Description", bus.description)
    bus.kms_key_identifier = parameters.get("KmsKeyIdentifier", bus.kms_key_identifier)
    bus.dead_letter_config = parameters.get("DeadLetterConfig", bus.dead_letter_config)
    return exchange.call.reply(
        {
            "Arn": bus.arn,
            "Name": bus.name,
            "Description": bus.description,
            "KmsKeyIdentifier": bus.kms_key_identifier,
            "DeadLetterConfig": bus.dead_letter_config,
        }
    )


PATCHES: Patches = {"UpdateEventBus": _update_bus}
