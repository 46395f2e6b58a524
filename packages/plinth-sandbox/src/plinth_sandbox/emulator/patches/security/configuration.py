"""AWS Config: an aggregator keeps its tags when it is put again."""

from __future__ import annotations

from moto.config.models import config_backends

from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


def _put_aggregator(exchange: Exchange) -> Answer:
    call = exchange.call
    aggregators = config_backends[call.account][call.region].config_aggregators
    before = aggregators.get(call.parameters["ConfigurationAggregatorName"])
    tags = before.tags if before else None
    answer = exchange.below()
    if answer.succeeded and tags is not None:
        aggregators[call.parameters["ConfigurationAggregatorName"]].tags = tags
    return answer


PATCHES: Patches = {"PutConfigurationAggregator": _put_aggregator}
