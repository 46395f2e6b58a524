"""Extension of griffe: reads the docstrings of components, which are reStructuredText, as Markdown."""

from __future__ import annotations

import re
from typing import Any

import griffe

_ROLE = re.compile(r":(?:class|func|meth|mod|data|attr):`~?(?P<name>[\w.]+)`")
_HEADING = re.compile(r"^(?P<title>Creates|Args|Outputs|Raises|Cost|Example)::?(?= |$)", re.MULTILINE)


class MarkdownDocstrings(griffe.Extension):
    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = markdown(obj.docstring.value)


def markdown(text: str) -> str:
    """Returns a docstring as Markdown, with its headings in bold."""
    return _HEADING.sub(r"**\g<title>:**", _ROLE.sub(r"`\g<name>`", text.replace("``", "`")))
