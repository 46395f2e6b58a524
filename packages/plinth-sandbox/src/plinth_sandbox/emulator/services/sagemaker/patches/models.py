"""SageMaker models: lost members, added members and unique names."""

from __future__ import annotations

from typing import Any

from moto.sagemaker.models import sagemaker_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches

_FORGOTTEN = {
    "enable_network_isolation": "EnableNetworkIsolation",
    "inference_execution_config": "InferenceExecutionConfig",
}


def _create(exchange: Exchange) -> Answer:
    models = sagemaker_backends[exchange.call.account][exchange.call.region]._models
    given = exchange.call.parameters
    name = given["ModelName"]
    if name in models:
        raise AwsError("ValidationException", f'Cannot create already existing model "{models[name].arn}".')
    answer = exchange.below()
    if answer.succeeded:
        for attribute, member in _FORGOTTEN.items():
            setattr(models[name], attribute, given.get(member))
    return answer


def _describe(exchange: Exchange) -> Answer:
    """Describes a model as AWS does: without members that it does not have, and with the mode of each container."""

    def complete(result: dict[str, Any]) -> None:
        for member in ("Containers", "PrimaryContainer", "VpcConfig"):
            if not result[member]:
                del result[member]
        result.setdefault("EnableNetworkIsolation", False)
        containers = result.get("Containers", [])
        if containers:
            result.setdefault("InferenceExecutionConfig", {"Mode": "Serial"})
        for container in [*containers, *filter(None, [result.get("PrimaryContainer")])]:
            container.setdefault("Mode", "SingleModel")

    return exchange.amend(complete)


PATCHES: Patches = {"CreateModel": _create, "DescribeModel": _describe}
