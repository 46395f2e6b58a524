"""A small reader of API Gateway's mapping templates, for the words that those of the foundation use."""

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
    """What the template makes of a request, or of an answer (as ``body``)."""
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
    """JSON at a path; ``""`` where there is nothing, as API Gateway has it."""
    for member in path.removeprefix("$.").split("."):
        body = body.get(member) if isinstance(body, Mapping) else None
    return '""' if body is None else json.dumps(body)
