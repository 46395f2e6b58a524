"""``plinth requests list --platform`` reads a page, as the portal does, or everything if it is asked to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.request_pages import SIZE
from selfservice.cli.command import main
from selfservice.people import platform_engineer
from selfservice.people.platform_engineer import PlatformEngineer
from tests.unit.selfservice.requests.work import TEXT

FIRST = "20261123T120000Z-00000000"


def id_of(number: int) -> str:
    return f"20261123T120000Z-{number:08}"


@pytest.fixture
def listing(requests: ChangeRequests, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Returns a function that runs the command in a catalog with one request more than a page has."""
    for number in range(SIZE + 1):
        requests.add("ada", TEXT, id_=id_of(number), now=requests.now())

    @contextmanager
    def engineer(_: Path) -> Iterator[PlatformEngineer]:
        yield PlatformEngineer(user="ada", requests=requests)

    monkeypatch.setattr(platform_engineer, "platform_engineer", engineer)

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, ["requests", "list", *words])

    return run


def test_the_newest_requests_are_listed_with_the_command_for_older_ones(listing: Any) -> None:
    newest = listing("--platform")
    assert newest.exit_code == 0, newest.output
    assert newest.stdout.count("change fraud") == SIZE
    assert FIRST not in newest.stdout
    assert f"plinth requests list --platform --before {id_of(1)}" in newest.stderr
    older = listing("--platform", "--before", id_of(1))
    assert older.stdout.startswith(f"{FIRST}  pending")
    assert (older.stdout.count("change fraud"), older.stderr) == (1, "")


def test_everything_is_listed_on_request(listing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert listing("--platform", "--everything").stdout.count("change fraud") == SIZE + 1
    assert len(json.loads(listing("--platform", "--everything", "--json").stdout)["requests"]) == SIZE + 1
    monkeypatch.setattr(ChangeRequests, "records", lambda _: pytest.fail("the whole history was read"))
    found = json.loads(listing("--platform", "--json").stdout)
    assert [request["id"] for request in found["requests"]] == [id_of(number) for number in range(1, SIZE + 1)]
    assert found["older_than"] == id_of(1)


def test_one_state_is_listed(listing: Any) -> None:
    assert listing("--platform", "--state", "pending").stdout.count("change fraud") == SIZE
    assert listing("--platform", "--state", "done").stdout == "There are none.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--state", "done"), "are for --platform"),
        (("--team", "fraud", "--everything"), "are for --platform"),
        (("--platform", "--everything", "--state", "done"), "leave out --state and --before"),
        (("--platform", "--before", "moon"), "is no id of a request"),
    ],
)
def test_options_that_do_not_fit_are_refused(listing: Any, words: tuple[str, ...], said: str) -> None:
    result = listing(*words)
    assert (result.exit_code, said in result.output) == (2, True), result.output
