"""One row of the conformance table: a resource type, how it is used, and how another client sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from conformance.plugin import Kept

Aws: TypeAlias = Callable[[str], Any]
"""boto3 clients by service: the other client that has to agree."""

Need: TypeAlias = tuple[str, dict[str, Any]]
"""A prerequisite: type and inputs."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A resource type and everything the conformance tests do with it.

    Inputs may refer to prerequisites, in order: `{vpc.id}`, `{bucket.outputs.arn}`; `{n}` is a number of its own,
    `{center.instance}` and `{center.directory}` are the management account's Identity Center.
    """

    type: str
    inputs: dict[str, Any]
    needs: Mapping[str, Need] = field(default_factory=dict)

    prepare: Callable[[Aws, dict[str, Any]], Any] | None = None
    """What others have done before: another account, for one. Inputs refer to what it gives as `{prepared}`."""

    look: Callable[[Aws, Kept], Any]
    """What boto3 sees of it."""
    seen: Any
    """What `look` gives after the creation."""

    change: dict[str, Any] | None = None
    """Inputs that change in place (None: are removed)."""
    seen_changed: Any = None

    replace: dict[str, Any] | None = None
    """Inputs whose change needs a new resource."""

    drift: Callable[[Aws, Kept], Any] | None = None
    """Changes it behind the engine's back."""
    drifts: str = ""
    """The input in which the drift shows."""

    remove: Callable[[Aws, Kept], Any] | None = None
    """Deletes it behind the engine's back; None where it cannot be deleted."""

    not_imported: tuple[str, ...] = ()
    """Inputs that an import cannot find: AWS does not give them back."""

    region: str = "eu-west-1"

    def __str__(self) -> str:
        return self.type.rpartition(":")[2]


def resolve(template: Any, known: Mapping[str, Any]) -> Any:
    """The inputs with the references to prerequisites in place."""
    match template:
        case str():
            return re.sub(r"\{(\w+(?:\.\w+)*)\}", lambda found: str(_look_up(found[1], known)), template)
        case Mapping():
            return {name: resolve(inner, known) for name, inner in template.items()}
        case list():
            return [resolve(inner, known) for inner in template]
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
