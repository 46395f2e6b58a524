"""What builds and checks the product is pinned, so that a commit gives the same result later."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yaml"))
PROJECTS = [*sorted(ROOT.glob("packages/*/pyproject.toml")), ROOT / "pyproject.toml"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_of_a_workflow_are_pinned_by_commit(workflow):
    used = re.findall(r"uses:\s*(\S+)", workflow.read_text())
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_names_the_versions_of_its_languages(workflow):
    jobs = yaml.safe_load(workflow.read_text())["jobs"].values()
    given = [value for job in jobs for step in job["steps"] for name, value in step.get("with", {}).items()
             if name.endswith("-version")]  # fmt: skip
    assert given
    assert [version for version in given if not re.fullmatch(r"\d+\.\d+(\.\d+)?", version)] == []


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.parent.name)
def test_the_build_backend_is_the_locked_one(project):
    (required,) = tomllib.loads(project.read_text())["build-system"]["requires"]
    assert re.search(rf"^{re.escape(required)} ", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
