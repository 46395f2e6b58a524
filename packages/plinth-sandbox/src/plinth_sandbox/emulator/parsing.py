"""Parses the parameters of a request under the names of the service model, in the protocol that the client chose."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.core.model import OperationModel, Shape, StructureShape
from moto.core.parse import PROTOCOL_PARSERS, JSONParser, RequestParserError, RestJSONParser
from moto.core.request import Request as WireRequest
from moto.core.request import determine_request_protocol

from plinth_sandbox.emulator.message import Request

_JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "list": (list,),
    "map": (dict,),
    "structure": (dict,),
    "boolean": (bool, str),
    "integer": (int, float, str),
    "long": (int, float, str),
    "float": (int, float, str),
    "double": (int, float, str),
}
"""Types in JSON by type of the model. Text is accepted for numbers and truth values, which are text in paths and
queries."""


class MalformedRequestError(Exception):
    """A request that cannot be parsed: broken JSON or XML, or a value of another type than the model's."""


class _Typed:
    """Refuses broken JSON, and values of another type than the model's. moto's parsers keep or convert them."""

    def _parse_shape(self, shape: Shape, node: Any) -> Any:
        wanted = _JSON_TYPES.get(shape.type_name)
        is_fraction = isinstance(node, float) and shape.type_name in ("integer", "long") and not node.is_integer()
        if wanted and node is not None and (is_fraction or not isinstance(node, wanted)) and not _is_free(shape):
            raise MalformedRequestError(f"{type(node).__name__} can not be converted to {shape.type_name} {shape.name}")
        return super()._parse_shape(shape, node)  # type: ignore[misc] # the parser that this class precedes

    def _parse_body_as_json(self, body: bytes) -> Any:
        return json.loads(body) if body else {}


class _TypedJson(_Typed, JSONParser):  # type: ignore[misc] # moto's parsers have no types
    pass


class _TypedRestJson(_Typed, RestJSONParser):  # type: ignore[misc]
    pass


_PARSERS = {**PROTOCOL_PARSERS, "json": _TypedJson, "rest-json": _TypedRestJson}


def parse(operation: OperationModel, request: Request, path_parameters: Mapping[str, str]) -> dict[str, Any]:
    """Returns the parameters. Raises MalformedRequestError."""
    wire = WireRequest(request.environ())
    protocol = determine_request_protocol(operation.service_model, wire.content_type)
    if protocol not in _PARSERS:
        raise MalformedRequestError(f"the sandbox does not understand the protocol {protocol}")
    content = {
        "method": wire.method,
        "values": wire.values,
        "headers": wire.headers,
        "body": request.body,
        "url_path": wire.path,
        "url_params": path_parameters,
    }
    try:
        parameters = dict(_PARSERS[protocol](operation).parse(content))
    except (RequestParserError, ValueError, TypeError, AttributeError) as error:
        # moto's parsers convert without checks, so that a wrong value ends in any of these.
        raise MalformedRequestError(str(error)) from error
    return {name: value for name, value in parameters.items() if value != [] or not _is_query(operation, name)}


def _is_free(shape: Shape) -> bool:
    """Returns whether a value may have another type in JSON: documents, and lists in headers."""
    return bool(getattr(shape, "is_document_type", False)) or "location" in shape.serialization


def _is_query(operation: OperationModel, name: str) -> bool:
    """Returns whether a member is in the query, where moto reads an absent list as an empty one."""
    assert isinstance(operation.input_shape, StructureShape)
    return bool(operation.input_shape.members[name].serialization.get("location") == "querystring")
