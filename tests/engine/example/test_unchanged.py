"""After all that the other tests of the example did to what is deployed, which is why it runs last."""

from __future__ import annotations

import json

import pytest

from settings.files.loader import load
from tests.support.workbench import Workbench


@pytest.mark.requirement("DL-05")
def test_a_second_run_changes_nothing(acme: Workbench) -> None:
    """Nor have jobs, queries and people changed what the stacks have: a run reads everything again.

    A preview after it runs no stack, because the run saw each of them unchanged.
    """
    report = json.loads(acme.plinth("up", "--all", "--yes", "--json").stdout)
    assert report["changes"] == {}
    assert report["stacks"].keys() == {stack.name for stack in load(acme.project).stacks}
    assert [(name, stack["drifted"]) for name, stack in report["stacks"].items() if stack["drifted"]] == []
    report = json.loads(acme.plinth("preview", "--all", "--json", "--expect-no-changes").stdout)
    ran = [name for name, stack in report["stacks"].items() if not stack["reason"]]
    assert (ran, report["changes"]) == ([], {})
