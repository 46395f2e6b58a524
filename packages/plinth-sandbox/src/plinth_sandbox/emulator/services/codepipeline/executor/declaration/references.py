"""References to variables in the configuration of actions: ``#{namespace.key}``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

REFERENCE = re.compile(r"#\{([^{}]*)\}")
PIPELINE, EXECUTION = "variables", "codepipeline"
"""Namespace of the variables of a pipeline, and of those that CodePipeline sets in each execution."""


class UnresolvedError(Exception):
    """A reference without a value."""


def references_in(text: str) -> Iterator[tuple[str, str, str]]:
    """Yields the text, the namespace and the key of each reference. A malformed one has no key."""
    for found in REFERENCE.finditer(text):
        namespace, _, key = found[1].partition(".")
        yield found[0], namespace, key


def resolved(configuration: Mapping[str, Any], variables: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Returns the configuration with the values of the variables. Raises: UnresolvedError."""

    def value(found: re.Match[str]) -> str:
        namespace, _, key = found[1].partition(".")
        if key not in variables.get(namespace, {}):
            raise UnresolvedError(
                "Unresolved pipeline execution variables. The following pipeline execution variables could not be "
                f"resolved: {found[0]}"
            )
        return variables[namespace][key]

    return {name: REFERENCE.sub(value, str(text)) for name, text in configuration.items()}
