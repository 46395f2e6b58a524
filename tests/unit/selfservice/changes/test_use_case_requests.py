"""Requests to create and to retire a use case: what they may say, and which settings files they change."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from selfservice.catalog.change_record import ChangeRecord, ChangeState
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.changes.approvable import Approvable
from selfservice.changes.reviewed_change import code_digest
from selfservice.changes.settings_change import settings_change
from selfservice.errors import BadInputError, RefusedError
from selfservice.projects.project import open_project
from selfservice.request_runner.work import RunnerWork
from selfservice.requests.change_text import title_of
from selfservice.requests.kinds.use_case_creation import CreateUseCaseRequest
from selfservice.requests.kinds.use_case_retirement import RetireUseCaseRequest
from selfservice.requests.reading.team_requests import approvals_of, parsed_request, read_request
from selfservice.use_cases.template import template_digest
from settings.types.errors import SettingsError
from tests.support.silent_display import SILENT
from tests.support.workbench import REPOSITORY
from tests.unit.selfservice.changes.test_settings_change import written
from tests.unit.selfservice.requests.work import ID, NOW, Work, approve, run
from tests.unit.selfservice.use_cases.published_template import (  # noqa: F401 (a fixture)
    URL,
    PublishedTemplate,
    published_template,
)

CREATE = """\
action: create-use-case
team: fraud
name: card-risk
images: [train]
inference: batch
results: fraud-scores
approvers: [ben, chloe]
answers: {problem: regression}
"""
RETIRE = """\
action: retire-use-case
team: fraud
name: disputes
confirm: fraud--disputes
reason: replaced by another model
"""


def read(folder: Path, text: str) -> Any:
    file = folder / "request.yaml"
    file.write_text(text)
    return read_request(file)


def creation(**changes: object) -> CreateUseCaseRequest:
    return CreateUseCaseRequest.model_validate({**yaml.safe_load(CREATE), **changes})


def retirement(team: str, name: str) -> RetireUseCaseRequest:
    return RetireUseCaseRequest(
        action="retire-use-case", team=team, name=name, confirm=f"{team}--{name}", reason="it has ended"
    )


@pytest.mark.parametrize(
    ("text", "title"),
    [(CREATE, "create-use-case fraud--card-risk"), (RETIRE, "retire-use-case fraud--disputes")],
)
def test_a_request_of_few_lines_is_the_same_as_its_text(tmp_path: Path, text: str, title: str) -> None:
    assert len(text.splitlines()) <= 15
    request = read(tmp_path, text)
    assert parsed_request(request.text) == request
    assert (approvals_of(request.text), title_of(request.text)) == (1, title)


@pytest.mark.threat("T-11", "T-18")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CREATE.replace("card-risk", "Card_Risk"), "request.yaml:3: name"),
        (CREATE.replace("[train]", "[T!]"), "request.yaml:4: images[0]"),
        (CREATE.replace("batch", "sometimes"), "request.yaml:5: inference"),
        (CREATE.replace("batch", "real-time"), "results is only for batch inference"),
        (CREATE.replace("regression", "a b"), "is not plain text"),
        (CREATE.replace("problem:", "team:"), "is about the foundation"),
        (CREATE.replace("problem: regression", "image: other:1"), "is not an image of the use case"),
        (CREATE + "template: https://git.acme.example/x\n", "request.yaml:9: template"),
        (CREATE.replace("team: fraud\n", ""), "team"),
        (CREATE + "owner: a@acme.example\n", "owner is not a field"),
        (RETIRE.replace("confirm: fraud--disputes", "confirm: disputes"), "write `confirm: fraud--disputes`"),
        (RETIRE.replace("replaced by another model", "AKIAIOSFODNN7EXAMPLE"), "looks like a credential"),
        (RETIRE.replace("replaced by another model", "''"), "the reason is empty; say why"),
        (RETIRE.replace("retire-use-case", "remove-use-case"), "decommission, create-use-case, retire-use-case"),
    ],
)
def test_a_wrong_request_is_told_where_and_what_is_allowed(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, text)
    assert said in str(refused.value)


def test_all_faults_of_a_file_are_named_at_once(tmp_path: Path) -> None:
    wrong = CREATE.replace("card-risk", "Card").replace("[train]", "[T!]").replace("batch", "sometimes")
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, wrong)
    assert [place for place in ("name", "images[0]", "inference") if f": {place}" not in str(refused.value)] == []


@pytest.mark.parametrize("text", ['{"action":"retire-use-case","team":1}', '{"action":["create-use-case"]}'])
def test_a_text_that_the_command_line_did_not_write_is_refused(text: str) -> None:
    with pytest.raises(BadInputError):
        parsed_request(text)
    assert approvals_of(text) > 1_000


@pytest.mark.requirement("GOV-05.b")
@pytest.mark.threat("T-09")
def test_a_creation_adds_the_use_case_to_the_file_of_its_team_once(project: Path) -> None:
    before = (project / "environments" / "Pulumi.fraud.yaml").read_text()
    change = settings_change(project, creation())
    assert list(change.files) == ["Pulumi.fraud.yaml"]
    after = str(change.files["Pulumi.fraud.yaml"])
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    use_case = change.foundation.teams["fraud"].use_cases["card-risk"]
    assert (use_case.inference, use_case.delivery and use_case.delivery.approvers) == (("batch",), ("ben", "chloe"))
    assert "fraud--card-risk" in change.foundation.overview.graph
    written(project, change)
    assert settings_change(project, creation()).files == {}


@pytest.mark.threat("T-03", "T-12")
def test_everything_that_prevents_a_creation_is_named_at_once(project: Path) -> None:
    with pytest.raises(BadInputError) as refused:
        settings_change(project, creation(template="text", results="contracts", approvers=("ben",)))
    said = str(refused.value)
    assert "template: the organization does not offer the template text; it offers: tabular" in said
    assert "results: the dataset contracts takes no results of fraud" in said
    assert "names one person" in said
    with pytest.raises(BadInputError, match="there is no team sales; there are: churn, fraud"):
        settings_change(project, creation(team="sales"))


def test_a_use_case_that_exists_with_other_values_is_not_created(project: Path) -> None:
    other = creation(name="scoring", results=None, images=("train", "serve"), approvers=("ben", "dan"))
    with pytest.raises(BadInputError, match="fraud--scoring exists with another images, inference, approvers; change"):
        settings_change(project, other)
    with pytest.raises(BadInputError, match="has the use case disputes without a delivery"):
        settings_change(project, creation(name="disputes"))


@pytest.mark.requirement("GOV-05.b")
@pytest.mark.threat("T-09")
def test_a_retirement_removes_the_use_case_and_nothing_else_once(project: Path) -> None:
    written(project, settings_change(project, creation()))
    stack_file = project / "environments" / "Pulumi.fraud--card-risk.yaml"
    stack_file.write_text("encryptionsalt: v1:abc\n")
    change = settings_change(project, retirement("fraud", "card-risk"))
    assert change.digests.keys() == {"Pulumi.fraud.yaml", stack_file.name}
    assert change.files[stack_file.name] is None
    assert change.foundation.teams["fraud"].use_cases.keys() == {"scoring", "disputes"}
    assert "fraud--card-risk" not in change.foundation.overview.graph
    written(project, change)
    assert settings_change(project, retirement("fraud", "card-risk")).files == {}


def test_a_team_can_get_a_use_case_after_its_only_one_was_retired(project: Path) -> None:
    written(project, settings_change(project, retirement("churn", "loyalty")))
    file = yaml.safe_load((project / "environments" / "Pulumi.churn.yaml").read_text())
    assert "use_cases" not in file["config"]["plinth:team"]
    again = creation(team="churn", name="loyalty", inference=None, results=None)
    assert settings_change(project, again).foundation.teams["churn"].use_cases.keys() == {"loyalty"}


def test_a_use_case_that_other_settings_need_is_not_retired(project: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        settings_change(project, retirement("fraud", "scoring"))
    assert "Pulumi.fraud-development.yaml" in str(refused.value)
    assert "use_case" in str(refused.value)


def test_an_unknown_action_names_all_actions() -> None:
    with pytest.raises(BadInputError) as refused:
        parsed_request(json.dumps({"action": "destroy", "team": "fraud"}))
    assert "action: destroy is not an action; write one of create, change, upgrade, decommission" in str(refused.value)


def test_the_requests_of_the_guide_are_valid_and_short(tmp_path: Path) -> None:
    guide = (REPOSITORY / "docs" / "guides" / "team-requests.md").read_text()
    files = re.findall(r"^```yaml\n(# [a-z]+\.yaml\n.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    assert [len(text.splitlines()) <= 16 for text in files] == [True] * 4  # the first line is the name of the file
    actions = [read(tmp_path, text).action for text in files]
    assert actions == ["create", "create-use-case", "retire-use-case", "upgrade"]


@pytest.mark.threat("T-10", "T-12")
def test_an_approval_names_the_template_and_is_void_for_another_version_or_a_moved_tag(
    project: Path,
    published_template: PublishedTemplate,  # noqa: F811
) -> None:
    published_template.offer(project, "1.0.0")
    first = creation().source(project)
    assert first == f"tabular 1.0.0 of {URL}, commit {published_template.commits['1.0.0']}"
    assert retirement("fraud", "disputes").source(project) == ""
    approved = Approvable(
        request=creation().text, files={}, code=code_digest(open_project(project)), steps={}, reasons={}, cost="0",
        template=first,
    )  # fmt: skip
    assert approved.difference({}, approved.code, creation().source(project)) is None
    published_template.publish("1.0.0", "changed afterwards")
    moved = creation().source(project)
    assert approved.difference({}, approved.code, moved) == f"the template has changed from {first} to {moved}"
    published_template.offer(project, "2.0.0")
    assert creation().source(project).startswith("tabular 2.0.0 of ")
    record = ChangeRecord(
        id=ID, user="ada", requested="", text=creation().text, state=ChangeState.RUNNING, runner="", lease=0
    )
    with pytest.raises(RefusedError, match=r"the approved template is tabular 1\.0\.0"):
        RunnerWork(project, cast("CatalogItems", None), SILENT).deploy(record, approved)


@pytest.mark.threat("T-12")
def test_the_digest_of_a_template_of_the_program_covers_every_file(tmp_path: Path) -> None:
    program: Any = SimpleNamespace(program_directory=tmp_path / "program", state_directory=tmp_path / "state")
    folder = tmp_path / "program" / "templates"
    (folder / "build").mkdir(parents=True)
    (folder / "copier.yml").write_text("{}\n")
    before = template_digest("tabular", program)
    assert template_digest("tabular", program) == before
    (folder / "build" / ".hidden").write_text("run this\n")
    assert template_digest("tabular", program) != before


def test_a_request_prevents_a_retirement_until_it_has_ended_or_failed(requests: ChangeRequests) -> None:
    work = RunnerWork(Path(), requests.items, SILENT)
    requests.add("ada", creation().text, id_=ID, now=NOW)

    def others(subject: str) -> list[str]:
        return list(work._open_records("another", lambda request: request.subject == subject))

    assert (others("fraud--card-risk"), others("fraud--scoring")) == ([ID], [])
    failing = Work(fails="a stack failed")
    run(requests, failing)
    approve(requests)
    assert others("fraud--card-risk") == [ID]
    assert run(requests, failing)[-1] == ("failed", "a stack failed")
    assert others("fraud--card-risk") == []
