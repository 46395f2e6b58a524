"""The commands refuse what the settings refuse before they call AWS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from selfservice.errors import ExitCode
from tests.unit.selfservice.authoring.test_new_files import plinth, project, with_team  # noqa: F401 (fixtures)


@pytest.fixture(autouse=True)
def without_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call to AWS would end with another message than those expected here."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")


@pytest.mark.requirement("TPL-03")
@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("scoring", {}, "fraud has the use case scoring already"),
        ("disputes", {"template": "text"}, "does not offer the template text; it offers: tabular"),
        ("Disputes", {"template": "a b", "data": "team=x"}, "answers.team: is about the foundation"),
        ("disputes", {"data": "problem"}, "--data problem: write it as NAME=VALUE"),
    ],
)
def test_a_wrong_request_is_refused(with_team: Path, name: str, options: dict[str, str], said: str) -> None:  # noqa: F811
    plinth(with_team, "usecase", "create", "--settings-only", team="fraud", name="scoring")
    files = {file: file.read_bytes() for file in with_team.rglob("*.yaml")}
    done = plinth(with_team, "usecase", "request", team="fraud", name=name, **options)
    assert done.exit_code == ExitCode.BAD_INPUT
    assert said in done.output
    assert {file: file.read_bytes() for file in with_team.rglob("*.yaml")} == files


def test_a_request_for_an_unknown_team_names_the_teams(with_team: Path) -> None:  # noqa: F811
    done = plinth(with_team, "usecase", "request", team="chrun", name="disputes")
    assert "there is no team chrun; there are: fraud" in done.output


@pytest.mark.requirement("TPL-03")
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
