"""A small interpreter of API Gateway mapping templates, for the syntax that the foundation's templates use."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_SET = re.compile(r"#set\(\$(\w+) = (\$input\.[^#]*?\))\)(?=#|\{)")
_IF = re.compile(r"#if\((?P<one>\$[^!]+) != ''\)(?P<then>.*?)(#\{else\}(?P<other>.*?))?#end")
_VALUE = re.compile(
    r"\$util\.escapeJavaScript\((?P<escaped>\$input\.params\('\w+'\))\)"
    r"|\$input\.(?P<how>json|params)\('(?P<what>[^']*)'\)(?:\.replaceAll\('(?P<dropped>[^']*)', ''\))?"
    r"|\$\{(?P<name>\w+)\}|\$(?P<bare>\w+)"
)


def rendered(template: str, *, body: Any = None, parameters: Mapping[str, str] | None = None) -> str:
    """Renders a template for a request, or for a response with a ``body``."""
    variables: dict[str, str] = {}

    def value(found: re.Match[str]) -> str:
        if found["escaped"]:
            return json.dumps(_VALUE.sub(value, found["escaped"]))[1:-1]
        if found["how"]:
            given = (
                (parameters or {}).get(found["what"], "") if found["how"] == "params" else _json(body, found["what"])
            )
            return re.sub(found["dropped"], "", given) if found["dropped"] else given
        return variables[found["name"] or found["bare"]]

    def chosen(found: re.Match[str]) -> str:
        return found["then"] if _VALUE.sub(value, found["one"]) else found["other"] or ""

    for name, expression in _SET.findall(template):
        variables[name] = _VALUE.sub(value, expression)
    text = _VALUE.sub(value, _IF.sub(chosen, _SET.sub("", template)))
    assert "#" not in text, f"words that this reader does not know: {text}"
    return text


def _json(body: Any, path: str) -> str:
    """Returns the JSON at a path, or ``""`` if there is nothing, as API Gateway does."""
    for member in path.removeprefix("$.").split("."):
        body = body.get(member) if isinstance(body, Mapping) else None
    return '""' if body is None else json.dumps(body)
