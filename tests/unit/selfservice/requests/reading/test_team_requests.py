"""Requests in files and as text: what they may say, and what a wrong one is told."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from selfservice.errors import BadInputError
from selfservice.requests.kinds.team import TeamRequest
from selfservice.requests.reading.documents import MAX_FILE_BYTES
from selfservice.requests.reading.team_requests import parsed_request, read_request
from settings.files.loader import load
from settings.types.errors import SettingsError
from tests.support.workbench import REPOSITORY

CLAIMS = """\
team: claims
owner: claims-owner@acme.example
cost_centre: "4712"
monthly_budget_usd: 3000
people:
  dana: lead-data-scientist
  eli: data-scientist
data:
  card-activity: [development]
environments:
  experimentation: {internet_access: true}
"""


def read(folder: Path, text: str) -> TeamRequest:
    file = folder / "claims.yaml"
    file.write_text(text)
    return read_request(file)


@pytest.mark.requirement("GOV-10.a")
def test_a_team_is_requested_with_at_most_fifteen_lines(tmp_path: Path) -> None:
    request = read(tmp_path, CLAIMS)
    assert len(CLAIMS.splitlines()) <= 15
    assert (request.action, request.team, request.cost_centre) == ("create", "claims", "4712")
    assert request.people == {"dana": "lead-data-scientist", "eli": "data-scientist"}
    assert parsed_request(request.text) == request


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CLAIMS.replace("owner: claims-owner@acme.example\n", ""), "a new team needs owner"),
        (CLAIMS.replace('"4712"', "4712"), "claims.yaml:3: cost_centre"),
        (CLAIMS.replace("3000", "0"), "claims.yaml:4: monthly_budget_usd"),
        (CLAIMS.replace("team: claims", "team: Claims"), "claims.yaml:1: team"),
        (CLAIMS.replace("owner:", "ownr:"), "ownr"),
        (CLAIMS.replace("lead-data-scientist", "chief"), "claims.yaml:6: people.dana"),
        (CLAIMS.replace("[development]", "[staging]"), "claims.yaml:9: data.card-activity"),
        (CLAIMS.replace("experimentation:", "lab:"), "environments"),
        (CLAIMS + "team: other\n", "team"),
        (CLAIMS.replace("eli: data-scientist", "eli: null"), "a new team has nobody to remove"),
        ("action: change\nteam: claims\n", "the request changes nothing"),
        ("action: change\nteam: claims\ncidr: 10.9.0.0/19\n", "the address range of a team cannot change"),
        ("action: change\nteam: claims\naccounts: {development: '123456789012'}\n", "the accounts of a team cannot"),
        (CLAIMS + "accounts: {development: '123'}\n", "claims.yaml:12: accounts.development"),
        (
            CLAIMS + "accounts: {development: '123456789012', production: '123456789012'}\n",
            "accounts names an account twice",
        ),
        ("action: remove\nteam: claims\n", "action"),
        ("- claims\n", "is not a mapping"),
        ("", "is empty; write a request, such as `team: claims`"),
        ("!!python/object:os.system {}\n", "claims.yaml"),
    ],
)
def test_a_wrong_request_is_told_where_and_why(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises((BadInputError, SettingsError)) as refused:
        read(tmp_path, text)
    assert said in str(refused.value)


def test_every_wrong_value_is_named_with_its_line_in_one_go(tmp_path: Path) -> None:
    file = tmp_path / "claims.yaml"
    file.write_text(
        "action: change\nteam: fruad\nmonthly_budget_usd: 0\ndata:\n  card-payment: [development]\n"
        "environments:\n  experimentation:\n    internet: true\n    internet_access: often\n"
    )
    with pytest.raises(SettingsError) as refused:
        read_request(file, load(REPOSITORY))
    head, *lines = str(refused.value).splitlines()
    assert head == "5 errors in the settings"
    named = [line.removeprefix(f"{file}:").split(": ")[:3] for line in lines]
    assert [(number, path) for number, path, _ in named] == [
        ("2", "team"),
        ("3", "monthly_budget_usd"),
        ("5", "data.card-payment"),
        ("8", "environments.experimentation.internet"),
        ("9", "environments.experimentation.internet_access"),
    ]
    assert "fruad is no team; did you mean fraud?" in lines[0]
    assert "card-payment is no dataset; did you mean card-payments?" in lines[2]
    assert "is no setting of experimentation; did you mean internet_access?" in lines[3]
    file.write_text("action: change\nteam: fraud\nmonthly_budget_usd: 7000\n")
    assert read_request(file, load(REPOSITORY)).team == "fraud"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (CLAIMS, [("7", "people.eli")]),
        ("action: change\nteam: fraud\npeople:\n  zoe: null\n  eli: ml-engineer\n", [("5", "people.eli")]),
        (
            "action: change\nteam: fraud\nenvironments:\n  development:\n    studio:\n      users:\n"
            "        eli: {persona: ml-engineer}\n",
            [("7", "environments.development.studio.users.eli")],
        ),
        (
            "action: create-use-case\nteam: fraud\nname: scores\napprovers:\n  - dana\n  - eli\n",
            [("6", "approvers[1]")],
        ),
    ],
)
def test_people_whom_the_directory_lacks_are_named_with_their_lines(
    tmp_path: Path, text: str, faults: list[tuple[str, str]]
) -> None:
    file = tmp_path / "claims.yaml"
    file.write_text(text)
    asked: list[str] = []

    def look_up(names: Iterable[str]) -> list[str]:
        asked.extend(names)
        return [name for name in asked if name != "dana"]

    with pytest.raises(SettingsError) as refused:
        read_request(file, None, look_up)
    lines = [line for line in str(refused.value).splitlines() if "is not a user name of the directory" in line]
    assert [tuple(line.removeprefix(f"{file}:").split(": ")[:2]) for line in lines] == faults
    assert "zoe" not in asked, "somebody who is removed may have left the directory"
    assert read_request(file, None, lambda _: ()).team in text


def test_unknown_people_are_named_together_with_all_other_faults(tmp_path: Path) -> None:
    file = tmp_path / "claims.yaml"
    file.write_text("action: change\nteam: fruad\npeople: {eli: chief, dana: [ml-engineer]}\n")
    with pytest.raises(SettingsError) as refused:
        read_request(file, load(REPOSITORY), lambda names: names)
    assert "fruad is no team" in str(refused.value)
    assert "people.eli" in str(refused.value)


@pytest.mark.threat("T-19")
def test_a_file_that_is_missing_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="No such file"):
        read_request(tmp_path / "none.yaml")
    with pytest.raises(BadInputError, match="bytes"):
        read(tmp_path, "#" * (MAX_FILE_BYTES + 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "JSON"),
        ('{"team":"claims","other":1}', "other: is not a field; the fields are action, team"),
        ('{"team":"../x","owner":"a@b.example","cost_centre":"1","monthly_budget_usd":1}', "team"),
        ("[" * 9000, "characters"),
    ],
)
def test_a_text_that_somebody_else_wrote_is_refused_with_every_fault(text: str, said: str) -> None:
    with pytest.raises(BadInputError) as refused:
        parsed_request(text)
    assert said in str(refused.value)


def test_equal_requests_have_equal_texts(tmp_path: Path) -> None:
    lines = CLAIMS.splitlines(keepends=True)
    other: Any = "".join([*lines[1:4], lines[0], *lines[4:]])
    assert read(tmp_path, CLAIMS).text == read(tmp_path, other).text
