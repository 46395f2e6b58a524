"""The command ``track``: records the pipeline run of a build in the tracking server, with the client of MLflow.

The run of MLflow has the name of the build, in the experiment ``<use case>/<pipeline>``. Builds of all branches are
compared there side by side. It also has the runs in which a gate was missed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from plinth_project.build.configuration import FILE, Configuration, read_configuration
from plinth_project.build.foundation import read_foundation
from plinth_project.build.git import Revision
from plinth_project.build.images import IMAGE
from plinth_project.build.rendering import pipelines
from plinth_project.build.repetition.definition import repeated_definition
from plinth_project.build.repetition.recorded import RecordedBuild
from plinth_project.build.report.result_text import MOST_OF_A_FAULT, RESULT, shortened, written
from plinth_project.documents import ProjectError

ADDRESS = "MLFLOW_TRACKING_URI"
"""Variable of CI with the address of the tracking server. Builds have it if the server admits their role."""
BUILD_ID = "build_id"
"""Tag by which a repeated call finds the run that it has recorded before."""
_NOTHING = "No pipeline of this commit ran, so there is nothing to record."


@dataclass(frozen=True, kw_only=True)
class TrackedRun:
    """Data of a pipeline run that are sent to the tracking server."""

    experiment: str
    started: int
    ended: int
    """Times in milliseconds since 1970."""
    succeeded: bool
    parameters: Mapping[str, Any]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    documents: Mapping[str, Any]
    """Artifacts by their file names: the configuration, and the reports of steps."""


def track(root: Path, at: Revision, development: Any) -> str:
    """Records the run of a build of ``at``, but no repetition of an earlier one. A repeated call completes the same
    record. Returns what it did. ``development`` is a session of the operator role.

    Raises: ProjectError without the address of a server, and if the server refuses or cannot be reached.
    """
    if not os.environ.get(ADDRESS):
        raise ProjectError(f"track: {ADDRESS} is missing; builds have it if the tracking server admits their role")
    result = written(root, RESULT, at.commit)
    pipeline = result.get("pipeline")
    if pipeline not in pipelines(root):
        return _NOTHING
    build = RecordedBuild(
        foundation=read_foundation(root),
        pipeline=pipeline,
        build_id=result["build_id"],
        development=development,
        branch=at.branch,
    )
    configuration = read_configuration(root / "ml_pipelines" / pipeline / FILE, root)
    run = tracked_run(build, configuration, result)
    return f"{run.experiment}: {result['build_id']} is run {_record(run)} of the tracking server."


def tracked_run(build: RecordedBuild, configuration: Configuration, result: Mapping[str, Any]) -> TrackedRun:
    """Returns what the server gets of a run, from AWS and from the result that ``submit`` wrote."""
    reports = build.kept_reports(repeated_definition(build.definition))
    fixed = {
        "problem": configuration.problem,
        "target": configuration.data.target,
        "seed": configuration.split.seed,
        **configuration.hyperparameters,
    }
    return TrackedRun(
        experiment=f"{build.foundation.use_case}/{build.pipeline}",
        started=_milliseconds(result["started"]),
        ended=_milliseconds(result["ended"]),
        succeeded=result["status"] == "Succeeded",
        parameters=fixed,
        metrics=dict(_metrics(reports)),
        tags=_origin(build, configuration, result) | _data(reports),
        documents={FILE: configuration.model_dump(mode="json"), **{f"{name}.json": reports[name] for name in reports}},
    )


def _origin(build: RecordedBuild, configuration: Configuration, result: Mapping[str, Any]) -> dict[str, str]:
    """Returns where a run comes from and where its model is, as the lineage of a version says it."""
    images = {name: uri for name, uri in build.parameters.items() if name.startswith(IMAGE)}
    return {
        BUILD_ID: build.build_id,
        "repository": build.names.repository,
        "branch": build.branch,
        "commit": result["commit"],
        "mlflow.source.git.commit": result["commit"],
        "trigger": result["trigger"],
        "execution": result["execution"],
        "status": result["status"],
        "reasons": shortened("\n".join(result["reasons"]), MOST_OF_A_FAULT),
        "model_package": result["model_package"] or "none",
        "data_source": configuration.data.origin,
        "data_snapshot": f"s3://{build.foundation.development.bucket}/{build.prefix}input/",
        "image": images[IMAGE],
    }


def _data(reports: Mapping[str, Any]) -> dict[str, str]:
    """Returns the digest of the data, which the step that splits them reports. Without its report there is none."""
    digests = [report["sha256"] for report in reports.values() if "sha256" in report]
    return {"data_sha256": digests[0]} if digests else {}


def _metrics(reports: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yields the metrics of all reports. MLflow has no place for a value that is missing."""
    for report in reports.values():
        yield from ((name, float(value)) for name, value in report.get("metrics", {}).items() if value is not None)


def _milliseconds(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp() * 1000)


def _record(run: TrackedRun) -> str:
    """Writes a run to the server. Returns its id there."""
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param, RunTag
    from mlflow.exceptions import MlflowException

    client = MlflowClient()
    try:
        identifier = _run_of(client, run)
        client.log_batch(
            identifier,
            metrics=[Metric(name, value, run.ended, 0) for name, value in run.metrics.items()],
            params=[Param(name, str(value)) for name, value in run.parameters.items()],
            tags=[RunTag(name, value) for name, value in run.tags.items()],
        )
        for name, document in run.documents.items():
            client.log_text(identifier, json.dumps(document, indent=2), name)
        client.set_terminated(identifier, "FINISHED" if run.succeeded else "FAILED", run.ended)
    except MlflowException as error:
        raise ProjectError(f"track: {os.environ[ADDRESS]}: {error}") from None
    return identifier


def _run_of(client: Any, run: TrackedRun) -> str:
    """Returns the id of the run of the build, which it creates if there is none."""
    experiment = client.get_experiment_by_name(run.experiment)
    number = experiment.experiment_id if experiment else client.create_experiment(run.experiment)
    build = run.tags[BUILD_ID]
    found = client.search_runs([number], f"tags.{BUILD_ID} = '{build}'", max_results=1)
    if found:
        return str(found[0].info.run_id)
    # With the tag from the beginning, so that a call that was interrupted is found too.
    return str(client.create_run(number, run.started, {BUILD_ID: build}, build).info.run_id)
