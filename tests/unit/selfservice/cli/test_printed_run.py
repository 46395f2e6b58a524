"""A runner's lines say what was done, by whom, and why not."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from selfservice.catalog.change_record import ChangeState
from selfservice.cli.commands.requests.printed_run import PrintedRun
from selfservice.requests.record import OpenRequest, Result, State
from selfservice.requests.request_table import UseCaseClaim
from selfservice.requests.run_changes import Handled
from selfservice.requests.run_requests import FinishedRequest

REQUEST = OpenRequest(id="20261122T160000Z-0123abcd", team="fraud", user="grace", requested="", text="")


def test_each_line_says_what_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    printed = PrintedRun()
    printed.handled(Handled(id="one", user="ada", state=ChangeState.DONE, note="deployed 2 stacks"))
    printed.removed("two")
    printed.committed("fraud--scoring", "c0ffee1234567890")
    done = FinishedRequest(request=REQUEST, result=Result(state=State.DONE, commit="c0ffee"), recorded=True)
    printed.finished(done)
    printed.finished(replace(done, result=Result(state=State.FAILED, reason="no account"), recorded=False))
    assert capsys.readouterr().out.splitlines() == [
        "one  done  deployed 2 stacks",
        "two  removed the workflow and the folder of a request that ended 30 days ago",
        "Committed the settings of fraud--scoring as c0ffee1.",
        "20261122T160000Z-0123abcd  done  c0ffee",
        "20261122T160000Z-0123abcd  failed  no account  (another runner had taken it over)",
    ]


@pytest.mark.parametrize(("is_first", "verb"), [(True, "Working"), (False, "Continuing to work")])
def test_the_start_of_a_creation_names_who_requested_it(
    capsys: pytest.CaptureFixture[str], verb: str, *, is_first: bool
) -> None:
    claim = cast(UseCaseClaim, SimpleNamespace(request=REQUEST, is_first=is_first))

    PrintedRun().started(claim)
    assert capsys.readouterr().out == f"{verb} on {REQUEST.id}, requested by grace of fraud.\n"


def test_only_what_was_refused_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    PrintedRun().refused("the remote branch has other commits")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "the remote branch has other commits\n")
