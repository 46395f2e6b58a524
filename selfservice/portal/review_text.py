"""Turns reviews into HTML: Markdown, with the details that a reader opens. All other HTML in it is shown as text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markupsafe import Markup

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "link", "autolink"])
_FENCE = re.compile(r"`{3,}")
_SUMMARY = re.compile(r"<details><summary>(.*)</summary>")
_END = "</details>"
_DROPPED = re.compile(r"^<!--.*-->$|</?sub>", re.MULTILINE)


def markdown(review: str) -> Markup:
    """Returns a review as HTML. Invisible characters are escaped, because they could hide a change of code."""
    visible = "".join(
        character if character.isprintable() or character in "\n\t" else ascii(character)[1:-1] for character in review
    )
    return Markup("").join(_parts(_DROPPED.sub("", visible)))


def _parts(review: str) -> Iterator[Markup]:
    lines: list[str] = []
    fence, opened = "", 0
    for line in review.splitlines():
        summary = _SUMMARY.fullmatch(line)
        if not fence and (summary or (line == _END and opened)):
            yield _rendered(lines)
            lines = []
            opened += 1 if summary else -1
            yield Markup("<details><summary>{}</summary>").format(summary[1]) if summary else Markup(_END)
            continue
        lines.append(line)
        if begun := _FENCE.match(line):
            # A block of code ends with the fence that began it, whatever is in between.
            fence = ("" if line == fence else fence) if fence else begun[0]
    yield _rendered(lines)
    yield Markup(_END) * opened


def _rendered(lines: list[str]) -> Markup:
    tokens = _MARKDOWN.parse("\n".join(lines))
    for token in tokens:
        # The policy of the pages allows no inline style.
        if "right" in str(token.attrs.pop("style", "")):
            token.attrSet("class", "number")
        if token.tag in ("h1", "h2"):
            token.tag = "h3"  # the page has headings of these levels
    return Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # it escapes all texts
