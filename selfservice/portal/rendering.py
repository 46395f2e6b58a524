"""Turns values into HTML. Jinja2 escapes every value of a template."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from selfservice.portal.review_text import markdown
from selfservice.requests.change_text import title_of
from settings.types.redaction import readable

_FOLDER = Path(__file__).parent / "templates"
_LONGEST = 2_000
"""Characters of a text that a page shows."""


def environment() -> Environment:
    """Returns the environment of the templates."""
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"clean": clean, "markdown": markdown, "moment": moment, "title_of": title_of}
    return made


def clean(text: object) -> str:
    """Returns a text of a person as a page shows it: each line as the command line prints it, without credentials and
    with invisible characters escaped, and not longer than a page is read."""
    shown = "\n".join(map(readable, str(text).splitlines()))
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"


def moment(text: str) -> Markup:
    """Returns a time in ISO 8601 as an element that the browser shows in the reader's zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return Markup("<span>{}</span>").format(clean(text))
    return Markup('<time datetime="{}">{:%Y-%m-%d %H:%M:%S} {}</time>').format(text, at, at.tzname() or "")
