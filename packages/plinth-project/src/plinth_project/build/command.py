"""The command line: ``./project check | images | render | run --local | step | submit | …``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from plinth_project.build.checks import CHECKS, FAST
from plinth_project.build.foundation import read_foundation
from plinth_project.build.git import changed_files, revision
from plinth_project.build.images import build_images
from plinth_project.build.local_runs.definition_run import StepFailedError
from plinth_project.build.local_runs.sample_run import run_with_sample
from plinth_project.build.rendering import pipelines, render
from plinth_project.build.report.result_text import FAILURE
from plinth_project.definitions.offline import difference, write
from plinth_project.documents import ProjectError
from plinth_project.names import MAIN
from plinth_project.versions import refuse_other_version


def main(root: Path, words: Sequence[str] | None = None) -> None:
    """Runs one command on the repository in ``root``. Exits with 1 if it fails, and writes its faults to ``build``."""
    given = _parser().parse_args(words)
    try:
        refuse_other_version(root)
        given.run(given, root)
    except ProjectError as error:
        _fail(given.command, root, error)
    except Exception as error:
        if not _is_of_aws(error):
            raise
        _fail(given.command, root, ProjectError(str(error)))


def _fail(command: str, root: Path, error: ProjectError) -> NoReturn:
    print(error, file=sys.stderr)
    commit = revision(root, {"BRANCH": "any"}).commit
    failure = {"command": command, "commit": commit, "faults": error.faults}
    write(root, FAILURE, json.dumps(failure, indent=2) + "\n")
    raise SystemExit(1) from None


def _is_of_aws(error: Exception) -> bool:
    """Returns whether AWS refused a call or cannot be reached. Only commands that call AWS import its SDK."""
    return any(kind.__module__ == "botocore.exceptions" for kind in type(error).__mro__)


def check(given: argparse.Namespace, root: Path) -> None:
    faults, names = [], given.only or (FAST if given.fast else list(CHECKS))
    # The tools are processes of their own, and the slowest two take about as long as each other.
    with ThreadPoolExecutor(len(names)) as pool:
        checks = {name: pool.submit(CHECKS[name], root) for name in names}
    for name, done in checks.items():
        error = done.exception()
        if error is not None and not isinstance(error, ProjectError):
            raise error
        remark = None if error else done.result()
        print(f"{name}: {'failed' if error else 'ok'}{f' ({remark})' if remark else ''}")
        if error:
            faults.append(str(error))
    if faults:
        raise ProjectError(*faults)


def images(given: argparse.Namespace, root: Path) -> None:
    for line in build_images(root, read_foundation(root), revision(root), push=given.push):
        print(line)


def render_all(given: argparse.Namespace, root: Path) -> None:
    for name in given.pipeline or pipelines(root):
        text = render(root, name)
        print(write(root, name, text).relative_to(root))
        before = given.against and (given.against / f"{name}.json")
        if before and before.exists():
            print(difference(before.read_text(encoding="utf-8"), text, name) or "no difference")


def run(given: argparse.Namespace, root: Path) -> None:
    """Runs a pipeline on this machine."""
    try:
        registered = run_with_sample(root, given.pipeline, given.data, partial(print, flush=True))
    except StepFailedError as error:
        raise ProjectError(f"failed: {error}") from None
    print(f"would register in {registered['ModelPackageGroupName']}: build/local/registered.json")


def step(given: argparse.Namespace, root: Path) -> None:
    """Makes a step of the tagged cells of a notebook."""
    from plinth_project.build.notebook_steps.command import make_step

    for path in make_step(root, given.notebook, given.step):
        print(path)
    print("Add the step to its pipeline, complete its test, and run ./project check.")


REPEATED = "REPEATED_BUILD"
"""Variable of CI with the id of the build that is repeated."""
DEPLOY_FEATURE_BRANCHES = "DEPLOY_FEATURE_BRANCHES"
"""Variable of CI. The team's settings of the use case decide it."""


def submit(given: argparse.Namespace, root: Path) -> None:
    """Submits a build of the checked-out commit and, unless told otherwise, waits for its result."""
    from plinth_project.build.submission import Submission

    foundation, at = read_foundation(root), revision(root)
    if not at.is_committed or changed_files(root):
        raise ProjectError("git: commit your changes first; a build belongs to a commit")
    if foundation.names(at.branch).is_feature and os.environ.get(DEPLOY_FEATURE_BRANCHES) != "true":
        print(f"The branch {at.branch} is not deployed: {DEPLOY_FEATURE_BRANCHES} is not true (BR-02).")
        return
    registry, development = _sessions(root)
    build = Submission(
        root=root,
        pipeline=given.pipeline,
        foundation=foundation,
        revision=at,
        definition=render(root, given.pipeline, at),
        registry=registry,
        development=development,
    )
    build.record()
    build.store()
    build.ensure_group()
    print(build.update_pipeline(), end="")
    execution = build.start(given.image)
    print(f"{build.build}: {execution}", flush=True)
    if given.wait:
        result = build.wait(execution)
        print(json.dumps(result, indent=2))
        if result["status"] != "Succeeded":
            raise ProjectError(*result["reasons"])


def retrain(given: argparse.Namespace, root: Path) -> None:
    """Trains the model of main again, as drift and schedules do."""
    from plinth_project.build.retraining import command

    command.retrain(root, given.pipeline, revision(root), _sessions(root))


def train(given: argparse.Namespace, root: Path) -> None:
    """Trains the model of main again, because a person asks for it."""
    from plinth_project.build.retraining import command

    command.train(root, given.pipeline, revision(root), _sessions(root))


def repeat(given: argparse.Namespace, root: Path) -> None:
    """Repeats the training of an earlier build of main, and compares the results."""
    from plinth_project.build.repetition.command import repeat as run_again

    run_again(root, given.pipeline, given.build_id, _sessions(root))


def _sessions(root: Path) -> tuple[Any, Any]:
    """Returns the sessions of the registry and of the operator role."""
    import boto3

    from plinth_project.build.submission import operator_session

    foundation = read_foundation(root)
    registry = boto3.Session(region_name=foundation.region)
    return registry, operator_session(foundation, registry)


def report_result(_: argparse.Namespace, root: Path) -> None:
    """Comments the commit with the result of the commands that ran before."""
    import boto3

    from plinth_project.build.report.comment import report

    region = read_foundation(root).region
    print(report(root, revision(root), boto3.client("codecommit", region_name=region)))


def track(_: argparse.Namespace, root: Path) -> None:
    """Records the pipeline run of this build in the tracking server."""
    from plinth_project.build.report.tracked_run import track as record

    print(record(root, revision(root), _sessions(root)[1]))


def clean_up(given: argparse.Namespace, root: Path) -> None:
    """Removes what belongs to feature branches that were merged, or that nobody has built for some days."""
    from plinth_project.build.branches.command import clean_up as remove

    foundation, branch = read_foundation(root), revision(root).branch
    if branch not in MAIN:
        print(f"Builds of main remove branches; this one is of {branch}.")
        return
    remove(root, foundation, _sessions(root), only_print=given.only_print)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="project", description="Checks, renders, runs and submits the pipelines.")
    commands = parser.add_subparsers(required=True, dest="command")
    command = commands.add_parser("check", help="check structure, settings, style, types, tests and the pipeline")
    command.set_defaults(run=check)
    some = command.add_mutually_exclusive_group()
    some.add_argument("--only", nargs="+", choices=list(CHECKS), help="run only these checks")
    some.add_argument("--fast", action="store_true", help=f"run the checks that take seconds: {', '.join(FAST)}")
    command = commands.add_parser("images", help="build the image of each step whose folder contains a dockerfile")
    command.set_defaults(run=images)
    command.add_argument("--push", action="store_true", help="push the images to the registry")
    command = commands.add_parser("render", help="write the definitions of pipelines to build/, without AWS")
    command.set_defaults(run=render_all)
    command.add_argument("pipeline", nargs="*", help="pipelines; without any, all")
    command.add_argument(
        "--against", type=Path, metavar="FOLDER", help="print how definitions differ from those in FOLDER"
    )
    command = commands.add_parser("run", help="run a pipeline on this machine")
    command.set_defaults(run=run)
    command.add_argument("--local", action="store_true", required=True, help="without AWS and containers")
    command.add_argument("--pipeline", default="training")
    command.add_argument("--data", type=Path, metavar="FILE", help="CSV file instead of the sample")
    command = commands.add_parser("step", help="make a step of the cells of a notebook that have the tag step:<name>")
    command.set_defaults(run=step)
    command.add_argument("notebook", type=Path, help="such as notebooks/exploration.ipynb")
    command.add_argument("step", metavar="GROUP/NAME", help="such as preprocessing/clean")
    command = commands.add_parser("submit", help="store a build, update its pipeline, start it and wait for its result")
    command.set_defaults(run=submit)
    command.add_argument("--pipeline", default="training")
    command.add_argument("--image", help="image of all jobs, instead of the one that CI built for the commit")
    command.add_argument("--no-wait", dest="wait", action="store_false", help="end when the pipeline has started")
    command = commands.add_parser("retrain", help="train the model of main again, and register it if it is better")
    command.set_defaults(run=retrain)
    command.add_argument("--pipeline", default="training")
    command = commands.add_parser("train", help="train the model of main again because a person asks for it")
    command.set_defaults(run=train)
    command.add_argument("--pipeline", default="training")
    command = commands.add_parser("repeat", help="repeat the training of a build of main, and compare the results")
    command.set_defaults(run=repeat)
    command.add_argument(
        "build_id", nargs="?", default=os.environ.get(REPEATED, ""), help=f"default: the variable {REPEATED}"
    )
    command.add_argument("--pipeline", default="training")
    command = commands.add_parser("report", help="post the result of the build as a comment on its commit")
    command.set_defaults(run=report_result)
    command = commands.add_parser("track", help="record the pipeline run of this build in the tracking server (MLflow)")
    command.set_defaults(run=track)
    command = commands.add_parser("clean-up", help="remove what belongs to merged and unused feature branches")
    command.set_defaults(run=clean_up)
    command.add_argument("--only-print", action="store_true", help="print the branches, and remove nothing")
    return parser
