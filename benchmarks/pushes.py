"""From a push to a registered model: the build repository of the example's use case, on the example organization."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Measured, measured
from tests.support.workbench import COMMANDS, Workbench
from tests.templates.projects import environment

STACK = "fraud--scoring"
AWS_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_AS_ROLE = " ".join(f"{name}=$ROLE_{name}" for name in AWS_KEYS)
_PUSH_AND_FOLLOW = f"{_AS_ROLE} git push --quiet origin HEAD:main && cd $PROJECT && $PLINTH runs {STACK} --watch"


def pushes(bench: Workbench) -> Iterator[tuple[str, Measured]]:
    """Returns what a first and a second push cost until a model is registered, and the steps of a run by hand."""
    python = environment()
    for image in ("aws/codebuild/*", "*/fraud/scoring/*"):
        bench.sandbox("image", image, str(python))
    clone = bench.root / "sandbox" / "clones" / STACK
    team, _, name = STACK.partition("--")
    names = ("--team", team, "--name", name, "--data", "image=train:1", "--directory", str(clone))
    create = [str(COMMANDS / "plinth"), "usecase", "create", *names, "--wait", "--yes"]
    yield "plinth usecase create: a first push registers a model", _run(bench, create, bench.project)
    _commit_a_change(clone)
    push = ["bash", "-c", _PUSH_AND_FOLLOW]
    yield "git push: a second commit registers a model", _run(bench, push, clone, **_pushing(bench))
    by_hand = [str(python / "bin" / "python"), "project", "run", "--local"]
    yield "floor: ./project run --local, the same steps", _run(bench, by_hand, clone)


def run_seconds(bench: Workbench) -> float:
    """Returns how long the newest run of the pipeline took."""
    sagemaker = bench.client("sagemaker", bench.outputs("fraud-development")["account_id"])
    newest = sagemaker.list_pipeline_executions(
        PipelineName=f"{STACK}-training-main", SortBy="CreationTime", SortOrder="Descending"
    )["PipelineExecutionSummaries"][0]["PipelineExecutionArn"]
    found = sagemaker.describe_pipeline_execution(PipelineExecutionArn=newest)
    return float((found["LastModifiedTime"] - found["CreationTime"]).total_seconds())


def _commit_a_change(clone: Path) -> None:
    """Changes a hyperparameter and commits it."""
    file = clone / "ml_pipelines" / "training" / "input.json"
    settings = json.loads(file.read_text())
    settings["hyperparameters"]["max_iter"] += 1
    file.write_text(json.dumps(settings, indent=2))
    author = ("-c", "user.name=bench", "-c", "user.email=bench@acme.example")
    subprocess.run(["git", *author, "commit", "--quiet", "--all", "--message", "Train longer"], cwd=clone, check=True)


def _pushing(bench: Workbench) -> dict[str, str]:
    """Returns the variables of a push, with credentials of the tooling account's administrator, who may push."""
    role = f"arn:aws:iam::{bench.outputs('tooling')['account_id']}:role/OrganizationAccountAccessRole"
    issued = json.loads(bench.sandbox("env", "--role", role, "--json").stdout)
    keys = {f"ROLE_{name}": issued[name] for name in AWS_KEYS}
    return {**keys, "PROJECT": str(bench.project), "PLINTH": str(COMMANDS / "plinth")}


def _run(bench: Workbench, command: list[str], directory: Path, **variables: str) -> Measured:
    environment = bench.environment() | variables
    return measured(command, directory=directory, environment=environment, mark=str(bench.root / "sandbox"))
