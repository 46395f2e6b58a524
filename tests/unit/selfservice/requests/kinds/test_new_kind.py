"""A kind of request that is defined in one module and listed works everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Literal

import pytest
from pydantic import Field

from selfservice.catalog.change_record import ChangeState
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.changes.requested.base import PresentSettings, RequestedAction
from selfservice.changes.settings_change import settings_change
from selfservice.changes.yaml_edit import edited
from selfservice.errors import BadInputError
from selfservice.operations.operation import Difference, Outcome, Status
from selfservice.people.platform_engineer import PlatformEngineer
from selfservice.people.submission import asked_for, notice_of, submit
from selfservice.portal.forms import form_of
from selfservice.projects.project import Project
from selfservice.request_runner.work import RunnerWork
from selfservice.requests.change_text import listed, title_of
from selfservice.requests.kinds import all_kinds
from selfservice.requests.kinds.request import Request
from selfservice.requests.reading.team_requests import parsed_request, read_request
from settings.files.config_sections import TEAM
from settings.files.validation_cache import load_cached
from settings.rules.partial_config import stack_file
from settings.types.values import CostCentre
from tests.support.silent_display import SILENT
from tests.unit.selfservice.changes.test_settings_change import written
from tests.unit.selfservice.requests.work import ID, Work, run

YAML = "action: move-cost-centre\nteam: fraud\ncost_centre: '4799'\n"


class MoveCostCentreRequest(Request):
    """A request that another cost centre pays the bill of a team."""

    ACTIONS: ClassVar = (
        RequestedAction(
            name="move-cost-centre",
            title="Move a team to another cost centre",
            asks_for="another cost centre for the team",
            commit="Move the cost centre of the team",
        ),
    )

    action: Literal["move-cost-centre"] = Field(description="move-cost-centre: another one pays the bill.")
    cost_centre: CostCentre = Field(description="Cost centre that pays the bill.", examples=["4711"])

    def files(self, present: PresentSettings) -> Iterable[tuple[str, str | None]]:
        """Yields the file of the team."""
        name = stack_file(self.team)
        text = (present.folder / name).read_text(encoding="utf-8")
        yield name, edited(text, TEAM, {"cost_centre": self.cost_centre})

    def announcement(self, template: str) -> str:
        """Returns what people have to know."""
        return f"The accounts of {self.team} are billed to {self.cost_centre} from next month on."


@pytest.fixture(autouse=True)
def listed_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(all_kinds, "KINDS", (*all_kinds.KINDS, MoveCostCentreRequest))


@pytest.fixture
def asked(tmp_path: Path) -> Request:
    file = tmp_path / "request.yaml"
    file.write_text(YAML)
    return read_request(file)


def test_its_file_and_its_text_are_read_and_its_faults_are_named(project: Path, asked: Request, tmp_path: Path) -> None:
    assert asked == MoveCostCentreRequest(action="move-cost-centre", team="fraud", cost_centre="4799")
    assert parsed_request(asked.text) == asked
    assert title_of(asked.text) == "move-cost-centre fraud"
    unknown = tmp_path / "unknown.yaml"
    unknown.write_text(YAML.replace("fraud", "frauds"))
    with pytest.raises(Exception, match="did you mean fraud") as refused:
        read_request(unknown, load_cached(project))
    assert "unknown.yaml" in str(refused.value)
    with pytest.raises(BadInputError, match=r"write one of create, .*, retire-use-case, move-cost-centre"):
        parsed_request('{"action": "move", "team": "fraud"}')


def test_its_settings_are_changed_once(project: Path, asked: Request) -> None:
    change = settings_change(project, asked)
    assert change.files.keys() == {"Pulumi.fraud.yaml"}
    assert change.foundation.teams["fraud"].cost_centre == "4799"
    assert notice_of(project, asked) == ""
    written(project, change)
    assert settings_change(project, asked).files == {}
    assert notice_of(project, asked).startswith("The settings of fraud are as requested")


def test_it_has_a_form_and_is_announced_and_listed(requests: ChangeRequests, asked: Request) -> None:
    form = form_of("move-cost-centre", {"team": "fraud", "cost_centre": "4799"})
    assert form.title == "Move a team to another cost centre"
    assert [(field.name, field.is_required) for field in form.fields] == [("team", True), ("cost_centre", True)]
    assert asked_for(asked) == "another cost centre for the team fraud"
    assert asked.commit_subject == "Move the cost centre of the team fraud"
    id_ = submit(PlatformEngineer(user="ada", requests=requests), asked, ID)
    (found,) = listed([], requests.open_changes())
    assert (found.id, found.state, found.title) == (id_, ChangeState.PENDING, "move-cost-centre fraud")


def previewed(_self: RunnerWork, _project: Project, stacks: Sequence[str], **_: object) -> Mapping[str, Outcome]:
    difference = Difference(urn="urn:pulumi:fraud::plinth::aws:budgets/budget:Budget::it", step="update")
    outcome = Outcome(status=Status.SUCCEEDED, changes={"update": 1}, differences=(difference,))
    return dict.fromkeys(stacks, outcome)


def test_a_runner_reviews_it_and_notices_what_has_changed_since(
    monkeypatch: pytest.MonkeyPatch, project: Path, tmp_path: Path, requests: ChangeRequests, asked: Request
) -> None:
    monkeypatch.setattr(RunnerWork, "_recycled", lambda self: [])
    monkeypatch.setattr(RunnerWork, "_folder", lambda self, id_: tmp_path / "requests" / id_)
    monkeypatch.setattr(RunnerWork, "_previewed", previewed)
    for needed in ("refuse_undeployable", "affected_by_settings"):
        monkeypatch.setattr(f"selfservice.changes.review_change.{needed}", lambda *_: {"fraud": "has other settings"})
    monkeypatch.setattr(
        "selfservice.changes.review_change.resources_by_stack",
        lambda _, names: {name: [{"urn": "it"}] for name in names},
    )
    work = RunnerWork(project, requests.items, SILENT)
    reviewed = work.review(ID, asked)
    assert list(reviewed.stacks) == ["fraud"]
    assert reviewed.refusals == []
    assert reviewed.markdown(10_000).startswith("The accounts of fraud are billed to 4799 from next month on.\n\n")
    approvable = reviewed.approvable
    assert (approvable.request, approvable.files.keys()) == (asked.text, {"Pulumi.fraud.yaml"})
    assert work.outdated(asked, approvable) is None
    written(project, settings_change(project, asked))
    assert work.outdated(asked, approvable) == "the settings have changed"


def test_a_look_of_a_runner_takes_it_to_its_approval(requests: ChangeRequests, asked: Request) -> None:
    submit(PlatformEngineer(user="ada", requests=requests), asked, ID)
    assert [state for state, _ in run(requests, Work())] == ["reviewed"]
