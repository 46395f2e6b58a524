"""The list of use cases: what each is for, who decides, and which of them do the same."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from selfservice.cli.command import main
from selfservice.reports.use_cases import STAGES, UseCaseReport, as_text
from settings.types.kinds import RELEASED_TO
from tests.support.workbench import REPOSITORY


def listed(*words: str) -> str:
    done = CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "usecase", "list", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.requirement("AUD-05.b", level="run")
@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["CARDS"], ["scoring"]),
        (["fraud"], ["disputes", "scoring"]),
        (["fraud", "payment"], ["scoring"]),
        (["customers"], ["loyalty"]),
        (["chloe"], ["scoring"]),
        (["fraud", "customers"], []),
    ],
)
def test_a_search_finds_who_already_works_on_something(words: list[str], names: list[str]) -> None:
    options = [option for word in words for option in ("--search", word)]
    assert [use_case["name"] for use_case in json.loads(listed(*options, "--json"))["use_cases"]] == names
    if not names:
        assert listed(*options) == "No use case has fraud and customers in its team, name, goal or people.\n"


def test_the_list_says_what_each_is_for_and_who_decides() -> None:
    lines = listed().splitlines()
    place = lines.index("fraud scoring: Refuse stolen cards before a payment is booked")
    assert lines[place + 1] == "  owner fraud-owner@acme.example, approvers ben, chloe, hana"
    (scoring,) = json.loads(listed("--search", "scoring", "--json"))["use_cases"]
    assert (scoring["stage"], scoring["contributors"]) == (None, [])


def test_a_stage_is_told_by_what_is_served_or_by_its_meaning() -> None:
    found = UseCaseReport(team="fraud", name="scoring", owner="fraud@acme.example")
    assert "  building: has no model version\n" in as_text([found.at("building", "")])
    assert "  trained: version 1 waits to be promoted\n" in as_text(
        [found.at("trained", "version 1 waits to be promoted")]
    )


def test_the_last_stages_are_the_environments_of_releases() -> None:
    assert tuple(STAGES)[-2:] == RELEASED_TO
