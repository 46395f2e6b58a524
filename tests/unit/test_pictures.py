"""The pictures of the portal are those that `make pictures` takes, and a page shows each of them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "images" / "portal"
STORIES = ROOT / "tests" / "engine"
_TAKEN = re.compile(r'take_picture\("([a-z-]+)"\)')
_SHOWN = re.compile(r"images/portal/([a-z-]+)\.png")


def test_each_picture_is_taken_by_a_story_and_shown_by_a_page() -> None:
    taken = {name for story in STORIES.rglob("test_*.py") for name in _TAKEN.findall(story.read_text(encoding="utf-8"))}
    pages = (ROOT / "docs").rglob("*.md")
    shown = {name for page in pages for name in _SHOWN.findall(page.read_text(encoding="utf-8"))}
    assert taken == shown == {file.stem for file in PICTURES.iterdir()}
