"""One row of the conformance table: a resource type, its inputs, and its state as another client sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from conformance.plugin import Kept

Aws: TypeAlias = Callable[[str], Any]
"""boto3 clients by service. They must report the same state as the plugin."""

Need: TypeAlias = tuple[str, dict[str, Any]]
"""A prerequisite: type and inputs."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A resource type with everything that the conformance tests need.

    Inputs may refer to prerequisites, in order: `{vpc.id}`, `{bucket.outputs.arn}`. `{n}` is a unique number, and
    `{center.instance}` and `{center.directory}` are the management account's Identity Center, `{offered.balancer}` and
    `{offered.other_balancer}` Network Load Balancers, and `{offered.gateway_service}` names a service with a Gateway
    Load Balancer. `#{…}` is a reference of CodePipeline and stays.
    """

    type: str
    inputs: dict[str, Any]
    needs: Mapping[str, Need] = field(default_factory=dict)

    prepare: Callable[[Aws, dict[str, Any]], Any] | None = None
    """Function that prepares other resources, such as another account. Inputs refer to its result as `{prepared}`."""

    look: Callable[[Aws, Kept], Any]
    """Function that returns the resource's state from boto3."""
    seen: Any
    """Result of `look` after creation."""

    change: dict[str, Any] | None = None
    """Inputs to change in place. None removes an input."""
    seen_changed: Any = None

    replace: dict[str, Any] | None = None
    """Inputs whose change requires a new resource."""

    drift: Callable[[Aws, Kept], Any] | None = None
    """Function that changes the resource outside of the engine."""
    drifts: str = ""
    """Input in which the drift is visible."""

    remove: Callable[[Aws, Kept], Any] | None = None
    """Function that deletes the resource outside of the engine; None if it cannot be deleted."""

    not_imported: tuple[str, ...] = ()
    """Inputs that an import cannot find, because AWS does not return them."""

    region: str = "eu-west-1"

    def __str__(self) -> str:
        return self.type.rpartition(":")[2]


def resolve(template: Any, known: Mapping[str, Any]) -> Any:
    """Returns the inputs with resolved references to prerequisites."""
    match template:
        case str():
            return re.sub(r"(?<!#)\{(\w+(?:\.\w+)*)\}", lambda found: str(_look_up(found[1], known)), template)
        case Mapping():
            return {name: resolve(inner, known) for name, inner in template.items()}
        case list():
            return [resolve(inner, known) for inner in template]
        case tuple():
            return tuple(resolve(inner, known) for inner in template)
        case _:
            return template


def _look_up(path: str, known: Mapping[str, Any]) -> Any:
    first, *rest = path.split(".")
    value = known[first]
    for part in rest:
        if isinstance(value, list):
            value = value[int(part)]
        else:
            value = value[part] if isinstance(value, Mapping) else getattr(value, part)
    return value
