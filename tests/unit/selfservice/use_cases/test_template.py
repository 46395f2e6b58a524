"""A named template is a repository with versions, from which Copier updates a project."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from copier import run_update
from copier._vcs import get_repo

from selfservice.errors import BadInputError
from selfservice.use_cases.git import git
from selfservice.use_cases.repository import ANSWERS_FILE, generate
from selfservice.use_cases.template import offered, published, resolved, source_of
from settings.organization.template import TemplateSettings

AUTHOR = (("user.name", "Ana"), ("user.email", "ana@acme.example"))


@pytest.fixture
def program(tmp_path: Path) -> Any:
    """A program with a template, and its project."""
    folder = tmp_path / "program" / "templates"
    (folder / "build").mkdir(parents=True)
    (folder / "copier.yml").write_text("_subdirectory: build\nteam: {type: str}\nuse_case: {type: str}\n")
    (folder / "build" / "README.md.jinja").write_text("# {{ use_case }}\n\nold\n")
    (folder / "build" / "{{_copier_conf.answers_file}}.jinja").write_text("{{ _copier_answers|to_nice_yaml -}}\n")
    return SimpleNamespace(program_directory=folder.parent, state_directory=tmp_path / "state")


@pytest.mark.requirement("TPL-05.b")
def test_a_project_from_a_named_template_follows_its_next_version(program: Any, tmp_path: Path) -> None:
    project, template = tmp_path / "project", program.program_directory / "templates"
    generate(project, source_of("tabular", program), None, {"team": "fraud", "use_case": "scoring"})
    git(project, "init", "--quiet")
    readme = project / "README.md"
    readme.write_text(readme.read_text() + "mine\n")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "Begin", configuration=AUTHOR)
    (template / "build" / "README.md.jinja").write_text("# The model {{ use_case }}\n\nold\n")
    source_of("tabular", program)
    run_update(project, defaults=True, overwrite=True, quiet=True)
    assert readme.read_text() == "# The model scoring\n\nold\nmine\n"
    assert yaml.safe_load((project / ANSWERS_FILE).read_text())["_commit"] == "2.0.0"


def test_an_unchanged_template_gets_no_version(program: Any, tmp_path: Path) -> None:
    folder = program.program_directory / "templates"
    for _ in range(2):
        repository = published(folder, tmp_path / "published")
    assert git(repository, "tag") == "1.0.0"


@pytest.mark.parametrize("url", ["https://git.example/template", "ssh://git@git.example/template"])
def test_copier_takes_a_url_for_a_git_repository(program: Any, url: str) -> None:
    source = source_of(url, program)
    assert get_repo(source) == url
    assert source_of(source, program) == source


def test_an_unknown_template_is_refused_with_the_known_ones(program: Any) -> None:
    with pytest.raises(BadInputError, match="there is no template tabula; there are: tabular, those of the settings"):
        source_of("tabula", program)


def test_a_program_without_templates_asks_for_a_url(program: Any) -> None:
    (program.program_directory / "templates" / "copier.yml").unlink()
    with pytest.raises(BadInputError, match="pass the URL of its git repository"):
        source_of("tabular", program)


@pytest.mark.requirement("TPL-03.b")
def test_an_organization_offers_its_own_templates_with_their_versions() -> None:
    own = TemplateSettings(url="https://git.acme.example/ml/template", version="2.1.0")
    assert offered({}) == {"tabular": ("tabular", None)}
    assert offered({"text": own}) == {"text": (own.url, "2.1.0")}
    assert resolved("text", None, {"text": own}) == (own.url, "2.1.0")
    assert resolved("text", "3.0.0", {"text": own}) == (own.url, "3.0.0")
    assert resolved("tabular", None, {"text": own}) == ("tabular", None)
