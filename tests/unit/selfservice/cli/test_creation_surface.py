"""The command line deploys the stacks of a use case with what they need, and asks unless the user has confirmed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from selfservice.cli.delivery import creation_surface as module
from selfservice.cli.delivery.creation_surface import creation_surface
from selfservice.cli.delivery.watch import watch
from selfservice.operations.operation import Action


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_creation_updates_its_stacks_with_their_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, confirmed: bool
) -> None:
    asked: list[Any] = []
    report = SimpleNamespace()

    def operate(directory: Path, request: Any) -> object:
        asked.append((directory, request))
        return report

    monkeypatch.setattr(module, "operate_with_report", operate)
    surface = creation_surface(Path("here"), confirmed=confirmed, wait=False)
    assert surface.deploy(("tooling", "fraud--scoring")) is report
    ((directory, request),) = asked
    assert (directory, request.action, request.selection.stacks) == (
        Path("here"), Action.UP, ("tooling", "fraud--scoring"),
    )  # fmt: skip
    assert (request.with_needs, request.refresh, request.confirmed) == (True, True, confirmed)
    surface.announce("told")
    assert capsys.readouterr().out == "told\n"


def test_only_somebody_who_waits_follows_the_first_build() -> None:
    followed = [creation_surface(Path(), confirmed=True, wait=wait).follow for wait in (False, True)]
    assert followed == [None, watch]
