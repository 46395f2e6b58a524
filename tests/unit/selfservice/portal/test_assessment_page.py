"""The assessment of the foundation on a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from selfservice.assessment.assessment import assess
from selfservice.assessment.capabilities import CAPABILITIES
from selfservice.portal.pages import assessment
from tests.unit.selfservice.portal.conftest import People


def test_phases_have_their_capabilities_and_what_to_do_next(
    people: People, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = {"organization": [{"type": f"plinth:{component}"} for component in CAPABILITIES[0].components]}

    def assessed(directory: Path) -> object:
        assert directory == project
        return assess("acme", "scalable", [f"team-{number}" for number in range(7)], states)

    monkeypatch.setattr(assessment, "assess_project", assessed)
    page = people.signed_in("ada").get("/assessment").text
    assert "acme has not completed the phase initial; the settings ask for scalable." in page
    assert '<span class="state done">1 of 1</span>' in page
    assert '<span class="state waiting">0 of 7</span>' in page
    assert "team-4 and 2 more" in page
    assert "<code>plinth up --team team-0 --with-needs</code>" in page
    assert all(capability.name in page for capability in CAPABILITIES)


def test_a_portal_that_cannot_read_the_states_says_so_with_the_command(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    answer = people.signed_in("ada").get("/assessment")
    assert answer.status_code == 200
    assert "cannot read the states of the stacks: this shell is not connected" in answer.text
    assert "<code>plinth assess</code>" in answer.text


def test_people_outside_the_platform_team_do_not_see_it(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessment, "assess_project", lambda _: pytest.fail("the states are read"))
    assert people.signed_in("dana").get("/assessment").status_code == 403
