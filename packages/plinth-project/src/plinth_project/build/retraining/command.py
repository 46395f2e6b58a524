"""The commands ``retrain`` and ``train``: they train the model of main again, and register it if it is better than the
served one."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from plinth_project.build.branches.records import registry_bucket
from plinth_project.build.foundation import read_foundation
from plinth_project.build.git import Revision
from plinth_project.build.rendering import render
from plinth_project.build.retraining.records import Limits, Records, Retraining, running
from plinth_project.build.submission import Cause, Submission, is_running, started
from plinth_project.documents import ProjectError
from plinth_project.names import MAIN

COOLDOWN, RUNS = "RETRAINING_COOLDOWN_DAYS", "RETRAINING_RUNS_PER_MONTH"
"""Variables of CI. The team's settings of the use case decide them."""
REASON, REPORT, SERVED_VERSION = "REASON", "REPORT", "SERVED_VERSION"
"""Variables of a build that nobody pushed."""
INITIATOR = "CODEBUILD_INITIATOR"
"""Variable of CI with who started the build: ``<role>/<session>`` for a person, whose session has their user name."""
NOT_BETTER = "BetterThanDeployed"
"""Step of the pipeline that compares the candidate with the served model."""


def retrain(
    root: Path,
    pipeline: str,
    at: Revision,
    sessions: tuple[Any, Any],
    variables: Mapping[str, str] = os.environ,
) -> None:
    """Trains again because of drift or a schedule, unless a limit forbids it. ``sessions`` are those of the registry
    and of the operator role.

    A candidate that is not better than the served model is no failure: nothing is registered, and the record says so.

    Raises: ProjectError for another branch than main, and if the run fails for another reason.
    """
    cause, limits = _cause(variables, read_foundation(root).names("main").group), _limits(variables)
    if refusal := _train(root, pipeline, at, sessions, cause, limits, started(variables)):
        print(f"No retraining: {refusal}.")


def train(
    root: Path,
    pipeline: str,
    at: Revision,
    sessions: tuple[Any, Any],
    variables: Mapping[str, str] = os.environ,
) -> None:
    """Trains again because a person asks for it, whatever the limits of the settings say. The rest is as for
    ``retrain``; the limits count this run.

    Raises: ProjectError also while another run trains, because the person waits for this one.
    """
    if refusal := _train(root, pipeline, at, sessions, _request(variables), None, started(variables)):
        raise ProjectError(f"train: {refusal}; try again when it has ended")


def _train(
    root: Path,
    pipeline: str,
    at: Revision,
    sessions: tuple[Any, Any],
    cause: Cause,
    limits: Limits | None,
    now: datetime,
) -> str:
    """Runs the pipeline. Returns why it may not run, and nothing if it has."""
    if at.branch not in MAIN:
        raise ProjectError(f"git: the branch is {at.branch}; only the model of main is trained again")
    foundation, (registry, development) = read_foundation(root), sessions
    records = Records(registry_bucket(foundation, registry), foundation.names("main").retrainings)
    earlier = records.all()
    refusal = running(earlier, lambda execution: is_running(execution, development))
    if refusal := refusal or (limits.refusal(earlier, now) if limits else ""):
        return refusal
    build = Submission(
        root=root,
        pipeline=pipeline,
        foundation=foundation,
        revision=at,
        definition=render(root, pipeline, at),
        registry=registry,
        development=development,
        at=now,
        cause=cause,
    )
    record = Retraining(
        number=earlier[-1].number + 1 if earlier else 1,
        build_id=build.build,
        started=now.isoformat(timespec="seconds"),
        reason=cause.reason,
        report=cause.report,
        served_version=cause.served_version,
    )
    if not records.claim(record):
        return "another one has just started"
    _run(build, records, record)
    return ""


def _run(build: Submission, records: Records, record: Retraining) -> None:
    """Runs the pipeline and completes the record, whatever happens."""
    try:
        build.store()
        build.update_pipeline()
        record = record.model_copy(update={"execution": build.start(None)})
        records.update(record)
        print(f"{build.build}: {record.execution}", flush=True)
        result = build.wait(record.execution)
    except Exception as error:
        records.update(record.model_copy(update={"outcome": "failed", "reasons": [str(error)]}))
        raise
    print(json.dumps(result, indent=2))
    outcome = _outcome(result)
    ended = {"outcome": outcome, "model_package": result["model_package"], "reasons": result["reasons"]}
    records.update(record.model_copy(update=ended))
    if outcome == "failed":
        raise ProjectError(*result["reasons"])


def _outcome(result: Mapping[str, Any]) -> str:
    if result["model_package"]:
        return "registered"
    return "not better" if any(reason.startswith(NOT_BETTER) for reason in result["reasons"]) else "failed"


def _cause(variables: Mapping[str, str], group: str) -> Cause:
    """Returns why the build started. Raises ProjectError for a served version of another model package group."""
    version = variables.get(SERVED_VERSION, "")
    if version and f":model-package/{group}/" not in version:
        raise ProjectError(f"{SERVED_VERSION}: {version} is no version of {group}")
    return Cause(reason=variables.get(REASON) or "on request", report=variables.get(REPORT, ""), served_version=version)


def _request(variables: Mapping[str, str]) -> Cause:
    """Returns the cause of a run that a person has asked for. Who that is comes from CI, not from the request."""
    person = variables.get(INITIATOR, "").rpartition("/")[2]
    asked = " ".join(filter(None, ("on request", f"of {person}" if person else "")))
    return Cause(reason=": ".join(filter(None, (asked, variables.get(REASON, "")))))


def _limits(variables: Mapping[str, str]) -> Limits:
    """Returns the limits of the settings. Raises ProjectError if the use case has no retraining."""
    given = {name: variables.get(name, "") for name in (COOLDOWN, RUNS)}
    if missing := [name for name, value in given.items() if not value.isdigit()]:
        raise ProjectError(
            f"retrain: {' and '.join(missing)} not set; builds have them if the delivery of the use case has retraining"
        )
    return Limits(cooldown_days=int(given[COOLDOWN]), runs_per_month=int(given[RUNS]))
