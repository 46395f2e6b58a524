"""The commands refuse what the settings refuse before they call AWS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from selfservice.errors import ExitCode
from selfservice.requests.kinds.use_case_content import UseCaseRequest
from tests.unit.selfservice.authoring.test_new_files import plinth, project, with_team  # noqa: F401 (fixtures)


@pytest.fixture(autouse=True)
def without_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call to AWS would end with another message than those expected here."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")


@pytest.mark.requirement("TPL-03.b")
@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("scoring", {}, "fraud has the use case scoring already"),
        ("disputes", {"template": "text"}, "does not offer the template text; it offers: tabular"),
        ("Disputes", {"template": "a b", "data": "team=x"}, "answers.team: is about the foundation"),
        ("disputes", {"data": "problem"}, "--data problem: write it as NAME=VALUE"),
        ("disputes", {"results": "scores"}, "results is only for batch inference"),
        ("disputes", {"inference": "batch", "results": "scores"}, "the dataset scores takes no results of fraud"),
        ("disputes", {"inference": "batch", "approver": "ben"}, "names one person"),
        ("disputes", {"inference": "batch", "approver": "b e n"}, "approvers.0: "),
    ],
)
def test_a_wrong_request_is_refused(with_team: Path, name: str, options: dict[str, str], said: str) -> None:  # noqa: F811
    plinth(with_team, "usecase", "create", "--settings-only", team="fraud", name="scoring")
    files = {file: file.read_bytes() for file in with_team.rglob("*.yaml")}
    done = plinth(with_team, "usecase", "request", team="fraud", name=name, **options)
    assert done.exit_code == ExitCode.BAD_INPUT
    assert said in done.output
    assert {file: file.read_bytes() for file in with_team.rglob("*.yaml")} == files


class Requester:
    """A lead data scientist whose requests are kept here instead of in the table."""

    user = "grace"

    def __init__(self) -> None:
        self.table, self.added = self, list[UseCaseRequest]()

    def add(self, _team: str, _user: str, request: UseCaseRequest, **_: object) -> None:
        self.added.append(request)


@pytest.mark.requirement("TPL-04.a")
def test_a_request_says_how_models_predict_who_approves_and_where_results_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requester = Requester()
    monkeypatch.setattr("selfservice.requests.requester.current_requester", lambda _: requester)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    people = ("--approver=ben", "--approver=chloe")
    done = plinth(
        tmp_path, "usecase", "request", *people, team="fraud", name="disputes", inference="batch", results="scores"
    )
    assert done.exit_code == ExitCode.OK, done.output
    (request,) = requester.added
    assert (request.inference, request.results, request.approvers) == ("batch", "scores", ("ben", "chloe"))


def test_a_request_for_an_unknown_team_names_the_teams(with_team: Path) -> None:  # noqa: F811
    done = plinth(with_team, "usecase", "request", team="chrun", name="disputes")
    assert "there is no team chrun; there are: fraud" in done.output


@pytest.mark.requirement("TPL-03.a")
def test_the_templates_are_listed_with_their_versions(with_team: Path) -> None:  # noqa: F811
    assert plinth(with_team, "usecase", "templates").output == "tabular  newest  the program\n"
    file = with_team / "Pulumi.yaml"
    content = yaml.safe_load(file.read_text())
    url = "https://git.acme.example/ml/template"
    content["config"]["plinth:organization"]["value"]["templates"] = {"text": {"url": url, "version": "2.1.0"}}
    file.write_text(yaml.safe_dump(content))
    listed = json.loads(plinth(with_team, "usecase", "templates", "--json").output)["templates"]
    assert listed == [{"template": "text", "version": "2.1.0", "source": url}]


@pytest.mark.parametrize("url", ["http://git.acme.example/x", "https://u:p@git.acme.example/x", "file:///x", "git@h:x"])
def test_a_template_has_the_url_of_a_repository_without_a_password(with_team: Path, url: str) -> None:  # noqa: F811
    file = with_team / "Pulumi.yaml"
    content = yaml.safe_load(file.read_text())
    content["config"]["plinth:organization"]["value"]["templates"] = {"text": {"url": url, "version": "2.1.0"}}
    file.write_text(yaml.safe_dump(content))
    done = plinth(with_team, "usecase", "templates")
    assert done.exit_code == ExitCode.BAD_INPUT
    assert "templates.text.url" in done.output
