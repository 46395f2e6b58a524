"""Every command of the pages is run by a test, or is on a list with the reason."""

from __future__ import annotations

import functools
import re

import pytest

from selfservice.cli.reference_pages import ROOT
from tests.support.guides.output import missing_line
from tests.support.guides.pages import CLUSTER, EXAMPLE, GROWING, NOT_RUN, OWN_ORGANIZATION, reason_not_to_run
from tests.support.guides.steps import Command, steps_of

FOLLOWED = (*EXAMPLE, *OWN_ORGANIZATION, *GROWING, *CLUSTER)
FOLDERS = (".", "docs", "docs/guides", "tests")
PAGES = [str(page.relative_to(ROOT)) for folder in FOLDERS for page in sorted((ROOT / folder).glob("*.md"))]
TEXTS = {"json", "mermaid", "python", "sql", "text", "yaml"}
LANGUAGES = TEXTS | {"console", "diff", "sh"}
"""Languages of blocks. The steps of a page are in those that are not texts."""


@functools.cache
def commands_of(page: str) -> list[Command]:
    return [step for step in steps_of(ROOT / page) if isinstance(step, Command)]


@pytest.mark.parametrize("page", PAGES)
def test_a_command_of_a_page_is_run_or_there_is_a_reason(page: str) -> None:
    run = [command.text for command in commands_of(page) if reason_not_to_run(page, command.text) is None]
    assert bool(run) == (page in FOLLOWED), f"no test runs {run}" if run else "the page has nothing to follow"


def test_a_page_is_followed_once() -> None:
    assert len(FOLLOWED) == len(set(FOLLOWED))


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_a_page_is_closed_and_its_commands_are_read(page: str) -> None:
    """Commands in another language than these, or indented, would not be run."""
    fences = re.findall(r"^( *)(?:```|~~~)(.*)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert [(indent, "") for indent, _ in fences[::2]] == fences[1::2]
    assert [language for indent, language in fences[::2] if language not in (TEXTS if indent else LANGUAGES)] == []


def test_every_reason_is_about_a_command_that_a_page_still_has() -> None:
    stale = [
        (page, start)
        for page, start in NOT_RUN
        if not any(command.text.startswith(start) for command in commands_of(page))
    ]
    assert stale == []


@pytest.mark.parametrize(
    ("shown", "said", "missing"),
    [
        (["3 stacks, 12 created; …"], "9 stacks, 7 created; 3.1 s", None),
        (["0 changes"], "2 changes", "0 changes"),
        (["3"], "13", "3"),
        (["organization  81  11 min ago"], "organization   7  2 s ago", None),
        (["drift aws:s3/bucket:Bucket ml"], "drift aws:s4/bucket:Bucket ml", "drift aws:s3/bucket:Bucket ml"),
        (["fraud d-ux26aribo8xx InService"], "fraud d-egnsqjssgdqo InService", None),
        (["fraud d-ux26aribo8xx InService"], "fraud d-egnsqj InService", "fraud d-ux26aribo8xx InService"),
        (["first", "…", "second"], "second\nfirst", "second"),
    ],
)
def test_output_is_compared_in_order_by_words_and_not_by_figures(
    shown: list[str], said: str, missing: str | None
) -> None:
    assert missing_line(shown, said) == missing
