"""The pages that tests follow: their commands are run, or are on a list with the reason."""

from __future__ import annotations

import pytest

from selfservice.cli.reference_pages import ROOT
from tests.support.guides.output import missing_line
from tests.support.guides.pages import NOT_RUN, OWN_ORGANIZATION, reason_not_to_run
from tests.support.guides.steps import Command, steps_of


def commands_of(page: str) -> list[Command]:
    return [step for step in steps_of(ROOT / page) if isinstance(step, Command)]


@pytest.mark.parametrize("page", OWN_ORGANIZATION)
def test_a_followed_page_has_commands_to_run(page: str) -> None:
    assert any(reason_not_to_run(page, command.text) is None for command in commands_of(page))


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
        (["first", "…", "second"], "second\nfirst", "second"),
    ],
)
def test_output_is_compared_in_order_by_words_and_not_by_figures(
    shown: list[str], said: str, missing: str | None
) -> None:
    assert missing_line(shown, said) == missing
