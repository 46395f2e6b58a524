"""The errors with which AWS's services refuse an invalid request. They depend on the protocol and on the service."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from moto.core.model import OperationModel, StructureShape

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.service_models.constraints import Violation

_DECLARED = re.compile(
    r"(Validation|InvalidParameter|InvalidParameterValue|InvalidInput|InvalidRequest|BadRequest|InvalidArgument)"
    r"(Exception|Error)?"
)

_UNDECLARED: Mapping[str, str] = {
    # github.com/aarondfrancis/sidecar/issues/147 (2024): CreateFunction, "ValidationException (client): 1 validation
    # error detected".
    "lambda": "ValidationException",
    # github.com/moj-analytical-services/etl_manager/issues/90 (2019): CreateTable, "ValidationException".
    "glue": "ValidationException",
}
"""Services that check the model before the code that raises their declared errors, with the error they answer."""


def refusal(operation: OperationModel, violations: Sequence[Violation]) -> AwsError:
    """Returns the error for a request that violates the model."""
    match operation.service_model.protocol, operation.service_model.service_name:
        case "ec2", _:
            return _of_ec2(violations[0])
        case _, "s3" | "s3control":
            return _of_s3(operation, violations)
        case _, "sqs":
            return _of_sqs(violations[0])
        case _, "logs":
            # moto's tests that were verified against AWS, since 2026-07-12.
            violations = [violation if violation.missing else replace(violation, shown="") for violation in violations]
    count = f"{len(violations)} validation error{'s' if len(violations) > 1 else ''} detected: "
    return AwsError(_code(operation), count + "; ".join(map(str, violations)))


def malformed(operation: OperationModel, reason: str) -> AwsError:
    """Returns the error for a request that cannot be parsed."""
    match operation.service_model.protocol:
        case "rest-xml":
            return AwsError("MalformedXML" if operation.service_model.service_name == "s3" else "InvalidInput", _XML)
        case "ec2":
            return AwsError("InvalidParameterValue", f"A value of the request has the wrong type: {reason}")
        case "query":
            return AwsError("MalformedInput", reason)
        case _:
            return AwsError("SerializationException", reason)


_XML = "The XML you provided was not well-formed or did not validate against our published schema"


def _code(operation: OperationModel) -> str:
    """Returns the service's validation error: a declared one, else the one of its protocol."""
    model = operation.service_model
    if model.protocol == "query":
        return "ValidationError"
    if model.service_name in _UNDECLARED:
        return _UNDECLARED[model.service_name]
    declared = [shape.name for shape in operation.error_shapes if _DECLARED.fullmatch(shape.name)]
    return min(declared, key=lambda name: not name.startswith("Validation"), default="ValidationException")


def _of_ec2(violation: Violation) -> AwsError:
    # EC2 reports one violation: docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (2026-11-21).
    name = violation.path
    if violation.missing:
        return AwsError("MissingParameter", f"The request must contain the parameter {name}")
    shown = violation.shown.strip("'")
    return AwsError("InvalidParameterValue", f"Value ({shown}) for parameter {name} is invalid. {violation.constraint}")


def _of_s3(operation: OperationModel, violations: Sequence[Violation]) -> AwsError:
    # docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (2026-11-21): the document is checked by a schema,
    # headers and the query one by one.
    shape = operation.input_shape
    assert isinstance(shape, StructureShape)
    places = {name.lower(): member.serialization.get("location") for name, member in shape.members.items()}
    if any(places.get(violation.path.partition(".")[0].lower()) is None for violation in violations):
        return AwsError("MalformedXML", _XML)
    return AwsError("InvalidArgument", "; ".join(map(str, violations)))


def _of_sqs(violation: Violation) -> AwsError:
    # SQS API, CommonErrors and SetQueueAttributes (2026-11-21).
    if violation.missing:
        return AwsError("MissingParameter", f"The request must contain the parameter {violation.path}.")
    if violation.constraint.startswith("Map keys"):
        return AwsError("InvalidAttributeName", str(violation))
    return AwsError("InvalidAttributeValue", str(violation))
