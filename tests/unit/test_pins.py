"""Tests that the tools that build and check the product are pinned, so that a commit gives the same result later."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yaml"))
GUIDES = ROOT / "docs/guides"
JOBS = [
    fence
    for page in ("pull-requests.md", "command-line.md")
    for fence in re.findall(r"^```yaml\n(.*?)^```", (GUIDES / page).read_text(), re.MULTILINE | re.DOTALL)
    if re.search(r"^ +(- )?(run: |- )plinth ", fence, re.MULTILINE)
]
"""Jobs of continuous integration that the guides show: reviews at three forges, and drift."""
PROJECTS = [*sorted(ROOT.glob("packages/*/pyproject.toml")), ROOT / "pyproject.toml"]


@pytest.mark.threat("T-13")
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


def lines_of(job):
    """Returns the commands of a job: the values of ``run``, and the items of ``script`` and ``commands``."""
    if isinstance(job, dict):
        own = [*([job["run"]] if "run" in job else []), *job.get("script", []), *job.get("commands", [])]
        return own + [line for value in job.values() for line in lines_of(value)]
    return [line for value in job for line in lines_of(value)] if isinstance(job, list) else []


def test_the_guides_show_jobs_for_three_forges_and_for_drift():
    assert [job.partition("\n")[0] for job in JOBS] == ["name: review", "review:", "version: 0.2", "name: drift"]


@pytest.mark.threat("T-13", "T-15")
@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.partition("\n")[0])
def test_a_job_of_the_guides_is_pinned_and_only_reads(job):
    lines = lines_of(yaml.safe_load(job))
    used = re.findall(r"(?:uses|image):\s*(\S+)", job)
    assert [match for match in used if not re.fullmatch(r"[\w./-]+@(sha256:)?[0-9a-f]{40,64}", match)] == []
    (installed,) = (line for line in lines if line.startswith("pip "))
    assert "--require-hashes" in installed
    (called,) = (line for line in lines if line.startswith("plinth "))
    assert "--read-only" in called
    assert "--settings-only" in called or " drift " in called


@pytest.mark.threat("T-15")
@pytest.mark.parametrize("job", [job for job in JOBS if "permissions:" in job], ids=lambda job: job.partition("\n")[0])
def test_a_job_at_github_gets_no_more_permissions_than_it_needs_and_runs_nothing_of_the_change(job):
    described = yaml.safe_load(job)
    posts = {"pull-requests": "write"} if "--post" in job else {}
    assert described["permissions"] == {"contents": "read", "id-token": "write", **posts}
    (steps,) = (described_job["steps"] for described_job in described["jobs"].values())
    (installed,) = (step["run"] for step in steps if step.get("run", "").startswith("pip "))
    changed = [step["with"] for step in steps if "ref" in step.get("with", {})]
    assert [given["persist-credentials"] for given in changed] == [False] * len(posts)
    assert all(given["path"] not in installed for given in changed)


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.parent.name)
def test_the_build_backend_is_the_locked_one(project):
    (required,) = tomllib.loads(project.read_text())["build-system"]["requires"]
    assert re.search(rf"^{re.escape(required)} ", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
