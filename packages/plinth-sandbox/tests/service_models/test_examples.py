"""Requests that AWS publishes as examples, with botocore, satisfy the service models as the sandbox reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, Shape

from plinth_sandbox.provider.entry import all_types, module_of
from plinth_sandbox.service_models.constraints import Compiler, Violation

SESSION = botocore.session.get_session()
PLACEHOLDERS = {
    # "cluster-1a23b4cdefg": CloudHSM's identifiers have no 1.
    ("kms", "CreateCustomKeyStore"),
    ("kms", "UpdateCustomKeyStore"),
    # "1234xCy789012": ids of event source mappings have 36 characters.
    ("lambda", "UpdateEventSourceMapping"),
    # "NoTermination " for noTermination.
    ("ec2", "ModifySpotFleetRequest"),
}
"""Examples with values that AWS would refuse."""


def services() -> list[str]:
    """Returns the services of the provider catalog for which botocore has examples."""
    named = {item.service or module_of(item.type) for item in all_types()}
    return sorted(service for service in named if examples_of(service))


def examples_of(service: str) -> dict[str, list[dict[str, Any]]]:
    try:
        found: dict[str, list[dict[str, Any]]] = SESSION.get_component("data_loader").load_service_model(
            service, "examples-1"
        )["examples"]
    except UnknownServiceError:
        return {}
    return found


def requests(service: str) -> Iterator[tuple[OperationModel, Any]]:
    model = SESSION.get_service_model(service)
    for name, examples in examples_of(service).items():
        if name in model.operation_names and (service, name) not in PLACEHOLDERS:
            operation = model.operation_model(name)
            for example in examples:
                yield operation, typed(operation.input_shape, example.get("input", {}))


def typed(shape: Shape | None, value: Any) -> Any:
    """Returns the value with the types of the model: the examples write numbers and blobs as text."""
    match shape.type_name if shape else "", value:
        case "structure", dict():
            return {name: typed(shape.members.get(name), inner) for name, inner in value.items()}
        case "map", dict():
            return {name: typed(shape.value, inner) for name, inner in value.items()}
        case "list", list():
            return [typed(shape.member, inner) for inner in value]
        case (("integer" | "long"), str()):
            return int(value)
        case _:
            return value


@pytest.mark.parametrize("service", services())
def test_examples_of_aws_pass(service: str) -> None:
    compiler = Compiler(service)
    violations: list[Violation] = []
    for operation, parameters in requests(service):
        check = compiler.check(operation.input_shape) if operation.input_shape else None
        if check is not None:
            check(parameters, operation.name, violations)
    assert violations == []
