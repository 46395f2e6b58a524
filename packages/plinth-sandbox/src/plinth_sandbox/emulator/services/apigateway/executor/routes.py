"""The methods of a deployed OpenAPI document, and which one a request means.

Source: API Gateway Developer Guide, "OpenAPI extensions for API Gateway" (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

ANY = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
VALIDATOR = "x-amazon-apigateway-request-validator"


@dataclass(frozen=True, slots=True)
class Route:
    """A method of an API, with the values of its path parameters."""

    resource: str
    """Path with placeholders."""
    method: str
    """Method of the resource, which is ``ANY`` if it has no own."""
    operation: Mapping[str, Any]
    parameters: Mapping[str, str]
    document: Mapping[str, Any]
    shared: tuple[Mapping[str, Any], ...]
    """Parameters that the path declares for all its methods."""

    @property
    def integration(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.operation.get(INTEGRATION) or {}
        return found

    @property
    def schemes(self) -> list[Mapping[str, Any]]:
        """Security schemes that the method requires."""
        wanted = self.operation.get("security", self.document.get("security")) or []
        known = (self.document.get("components") or {}).get("securitySchemes") or {}
        known = known or self.document.get("securityDefinitions") or {}
        return [known[name] for names in wanted for name in names if name in known]

    @property
    def is_signed(self) -> bool:
        """Whether callers sign their requests."""
        return any(scheme.get("x-amazon-apigateway-authtype") == "awsSigv4" for scheme in self.schemes)

    @property
    def needs_key(self) -> bool:
        """Whether callers need an API key."""
        return any(
            scheme.get("type") == "apiKey" and scheme.get("name", "").lower() == "x-api-key" for scheme in self.schemes
        )

    @property
    def has_authorizer(self) -> bool:
        """Whether an authorizer decides, which the sandbox does not run."""
        return any("x-amazon-apigateway-authorizer" in scheme for scheme in self.schemes)

    @property
    def validator(self) -> Mapping[str, bool]:
        name = self.operation.get(VALIDATOR, self.document.get(VALIDATOR))
        known = self.document.get("x-amazon-apigateway-request-validators") or {}
        found: Mapping[str, bool] = known.get(name) or {}
        return found

    def declared_parameters(self) -> Iterator[Mapping[str, Any]]:
        """Yields the parameters of the method and of its path."""
        for parameter in (*self.shared, *self.operation.get("parameters", ())):
            yield self.resolved(parameter)

    def resolved(self, declaration: Mapping[str, Any]) -> Mapping[str, Any]:
        """Returns what a reference inside the document means."""
        found: Any = declaration
        while "$ref" in found:
            target: Any = self.document
            for part in str(found["$ref"]).removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            found = target
        result: Mapping[str, Any] = found
        return result


def find(document: Mapping[str, Any], method: str, path: str) -> Route | None:
    """Returns the method for a request, or None. An exact path goes before a parameter, and that before a greedy
    one."""
    candidates = []
    for resource, item in document["paths"].items():
        values = _match(resource, path)
        if values is None:
            continue
        verb, name = method.lower(), method
        if verb not in item:
            verb, name = ANY, "ANY"
        if verb in item:
            shared = tuple(item.get("parameters", ()))
            candidates.append(Route(resource, name, item[verb], values, document, shared))
    return min(candidates, key=lambda candidate: _rank(candidate.resource), default=None)


def _rank(resource: str) -> list[int]:
    return [2 if part.endswith("+}") else 1 if part.startswith("{") else 0 for part in resource.split("/")]


def _match(resource: str, path: str) -> dict[str, str] | None:
    wanted, given = resource.split("/"), path.split("/")
    values: dict[str, str] = {}
    for position, part in enumerate(wanted):
        if part.startswith("{") and part.endswith("+}"):
            rest = "/".join(given[position:])
            return {**values, part[1:-2]: unquote(rest)} if rest else None
        if position >= len(given):
            return None
        if part.startswith("{"):
            if not given[position]:
                return None
            values[part[1:-1]] = unquote(given[position])
        elif unquote(given[position]) != part:
            return None
    return values if len(wanted) == len(given) else None
