"""Compares the inputs of a resource in the state with those of the program, and hides what is secret.

Differences are made in the worker, so that no secret reaches the event log.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from selfservice.engine.import_discovery import UNKNOWN_VALUE
from selfservice.formatting import counted, resource_name
from selfservice.operations.operation import Difference, PropertyChange
from settings.types.redaction import names_secret, shown

SECRET = "[secret]"
UNKNOWN = "(known after deployment)"
ABSENT = "(none)"
SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Key that marks values in a state that are not plain data, for example secrets (sdk/go/common/resource/sig)."""
_MISSING = object()
STACK_TYPE = "pulumi:pulumi:Stack"
"""Type of the root of a state."""
_OF_THE_ENGINE = "pulumi:"
"""Start of the types of stacks and providers, which are no resources in AWS."""

Path = tuple[str | int, ...]


def changed_properties(
    old: Mapping[str, Any], new: Mapping[str, Any], named: Sequence[str] = ()
) -> Iterator[PropertyChange]:
    """Yields every property that differs, at its deepest level. Documents in JSON are compared like other values.

    ``named`` are the properties that the engine found different. Those with equal inputs differ in AWS, or in a secret.
    """
    seen = set()
    for path, before, after in _differing(old, new, ()):
        seen.add(path[0])
        is_secret = _is_secret(before) or _is_secret(after)
        texts = [SECRET if is_secret and each is not _MISSING else _shown(each, path) for each in (before, after)]
        yield PropertyChange(path=_dotted(path), old=texts[0], new=texts[1])
    for name in named:
        first = name.partition(".")[0].partition("[")[0]
        before, after = old.get(first, _MISSING), new.get(first, _MISSING)
        if before is after is _MISSING:
            if not seen:  # a property that only AWS sets explains a change only if nothing else does
                yield PropertyChange(path=name, old="(different in AWS)", new=UNKNOWN)
        elif first not in seen:
            is_hidden = _is_secret(before) or _is_secret(after) or names_secret(first)
            there = SECRET if is_hidden else "(different in AWS)"
            yield PropertyChange(path=name, old=there, new=SECRET if is_hidden else _shown(after, (first,)))


def as_lines(differences: Sequence[Difference]) -> Iterator[str]:
    """Yields the differences of one stack: changed properties first, then creations by component, then deletions.

    Resources are in the order of their types and names, because the engine reports parallel steps in any order.
    """
    differences = sorted(differences, key=lambda difference: (resource_name(difference.urn), difference.urn))
    for difference in differences:
        if difference.properties or difference.step == "replace":
            because = f", because of {', '.join(difference.reasons)}" if difference.reasons else ""
            yield f"  {difference.step} {resource_name(difference.urn)}{because}"
            yield from (f"    {each.path}: {each.old} -> {each.new}" for each in difference.properties)
        elif difference.step not in ("create", "delete"):
            yield f"  {difference.step} {resource_name(difference.urn)}"
    by_component: dict[str, list[Difference]] = {}
    for difference in differences:
        if difference.step == "create" and not difference.urn.split("::")[2].startswith(_OF_THE_ENGINE):
            by_component.setdefault(difference.component or difference.urn, []).append(difference)
    for component, created in by_component.items():
        types = Counter(_short_type(creation.urn) for creation in created if creation.urn != component)
        parts = ", ".join(
            f"{count} {name}" for name, count in sorted(types.items(), key=lambda item: (-item[1], item[0]))
        )
        inside = f": {counted(types.total(), 'resource')} ({parts})" if types else ""
        yield f"  create {resource_name(component)}{inside}"
    yield from (
        f"  delete {resource_name(difference.urn)}" for difference in differences if difference.step == "delete"
    )


def _differing(old: Any, new: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    old, new = _parsed(old), _parsed(new)
    if old == new:
        return
    if _is_plain_mapping(old) and _is_plain_mapping(new):
        for key in dict.fromkeys([*old, *new]):
            yield from _differing(old.get(key, _MISSING), new.get(key, _MISSING), (*path, key))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _differing_items(old, new, path)
    else:
        yield path, old, new


def _differing_items(old: list[Any], new: list[Any], path: Path) -> Iterator[tuple[Path, Any, Any]]:
    """Yields the differing items of two lists. An insertion does not make all later items differ."""
    texts = [[json.dumps(item, sort_keys=True, default=str) for item in items] for items in (old, new)]
    for kind, first, last, start, end in SequenceMatcher(a=texts[0], b=texts[1], autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for offset in range(max(last - first, end - start)):
            before = old[first + offset] if first + offset < last else _MISSING
            after = new[start + offset] if start + offset < end else _MISSING
            place = (*path, start + offset if after is not _MISSING else first + offset)
            yield from _differing(before, after, place)


def _parsed(value: Any) -> Any:
    """Returns the content of a JSON document, for example of a policy; any other value unchanged."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _shown(value: Any, path: Path) -> str:
    if value is _MISSING:
        return ABSENT
    if _is_secret(value) or any(names_secret(key) for key in path if isinstance(key, str)):
        return SECRET
    if value == UNKNOWN_VALUE:
        return UNKNOWN
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_shown(item, (*path, key))}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(_shown(item, path) for item in value)}]"
    return shown(str(value)) or '""'


def _is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and SIGNATURE in value


def _is_plain_mapping(value: Any) -> bool:
    return isinstance(value, Mapping) and not _is_secret(value)


def _dotted(path: Path) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".")


def _short_type(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2].rpartition(":")[2]
