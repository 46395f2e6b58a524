"""Builds, pipeline runs and model versions of a use case, read from AWS with the roles of its stack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.engine.import_discovery import Search
from selfservice.errors import BadInputError, RefusedError
from selfservice.formatting import in_one_line
from selfservice.reports.build_comments import comment_of
from selfservice.reports.version_metadata import metrics_of
from selfservice.runner.project import Project
from selfservice.runner.states import resources_by_stack
from settings.derived.use_case_names import UseCaseNames
from settings.organization.minimum_gate import MinimumGates
from settings.types.aws.use_case_builds import BRANCH, REASON, REPEATED, TASK

MOST = 50
"""Number of the newest builds, runs or versions that a report contains."""
UNDER_WAY = ("IN_PROGRESS", "Executing", "Stopping")
"""Status of a build or run that has not ended."""
FAILED = ("FAILED", "FAULT", "TIMED_OUT", "Failed")
"""Status of a build or run that has failed."""
PUSH = "push"
"""Trigger of a build of a pushed commit."""
_PROJECT = "aws:codebuild/project:Project"
_ROLE = "aws:iam/role:Role"
_EXPLAINED_BUILDS = 5
"""Number of the newest failed builds whose comments are read, with two calls each."""
_REPORTS = {"Bias": "bias", "Explainability": "explanation"}
"""Reports of a version by their names in the registry."""
_ONLY_IF_ANY = ("reason", "metrics", "minimum", "reports")
Row = dict[str, str | None]


class NotDeployedError(BadInputError):
    """Raised when a use case of the settings is not deployed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryPlace:
    """The accounts of a deployed use case."""

    names: UseCaseNames
    tooling: Account
    development: Account
    minimum_gates: MinimumGates
    """Limits by metric, from the settings."""


def names_of(project: Project, use_case: str) -> UseCaseNames:
    """Returns the names of the resources of a use case. Raises: BadInputError if there is none with a delivery."""
    if use_case not in project.graph or (names := _names(use_case)) is None:
        stacks = [one.prefix for one in delivered(project)]
        raise BadInputError(
            f"there is no use case {use_case} with a delivery; there are: {', '.join(stacks) or 'none'}"
        )
    return names


def delivered(project: Project) -> list[UseCaseNames]:
    """Returns the names of all use cases with a delivery. The prefix of each is the name of its stack."""
    return [names for names in map(_names, project.graph) if names is not None]


def _names(stack: str) -> UseCaseNames | None:
    """Returns the names of a stack's use case; None for a stack of another kind."""
    from settings.derived.stack_graph import StackIdentity

    identity = StackIdentity.parse(stack)
    if identity.team is None or identity.use_case is None:
        return None
    return UseCaseNames(team=identity.team, use_case=identity.use_case)


def place_of(project: Project, use_case: str) -> DeliveryPlace:
    """Returns the accounts of a use case, from the state of its stack.

    Raises: BadInputError if there is no such use case, and NotDeployedError if its stack is not deployed.
    """
    from settings.files.validation_cache import load_cached

    names = names_of(project, use_case)
    resources = resources_by_stack(project, [use_case])[use_case]
    search = Search({"resources": resources})
    pipeline = f"{names.prefix}-dev-pipeline"
    project_resource = next((one for one in resources if one["type"] == _PROJECT), None)
    role = next((one for one in resources if one["type"] == _ROLE and one["id"] == pipeline), None)
    if project_resource is None or role is None:
        raise NotDeployedError(f"{use_case} is not deployed; deploy it with `plinth up {use_case} --with-needs`")
    return DeliveryPlace(
        names=names,
        tooling=search.account_of(project_resource),
        development=search.account_of(role),
        minimum_gates=load_cached(project.directory).minimum_gates_of(names.team, names.use_case),
    )


def builds(place: DeliveryPlace) -> list[Row]:
    """Returns the newest builds of the build project."""
    client = place.tooling.client("codebuild")
    asked = {"projectName": place.names.build_project, "sortOrder": "DESCENDING"}
    ids = _answer(place.tooling, lambda: _every(place.tooling, "codebuild", "list_builds_for_project", "ids", **asked))
    found = client.batch_get_builds(ids=ids)["builds"] if ids else []
    found.sort(key=lambda one: one["startTime"], reverse=True)
    failed = [one["id"] for one in found if one["buildStatus"] in FAILED][:_EXPLAINED_BUILDS]
    return [
        {
            "build": str(one["id"]).rpartition(":")[2],
            "status": one["buildStatus"],
            "commit": one.get("resolvedSourceVersion", one.get("sourceVersion")),
            "branch": _variable(one, BRANCH),
            "trigger": _trigger(one),
            "started": _time(one["startTime"]),
            "reason": (_comment(place, one) if one["id"] in failed else None) or _failed_command(one),
        }
        for one in found
    ]


def _trigger(build: dict[str, Any]) -> str:
    """Returns what started a build: ``push``, or the task that it performs instead, with its reason if it has one."""
    task, reason = _variable(build, TASK), _variable(build, REASON) or _variable(build, REPEATED)
    return ": ".join(filter(None, (task, reason))) if task else PUSH


def _comment(place: DeliveryPlace, build: dict[str, Any]) -> str | None:
    """Returns what a build said about itself on its commit."""
    commit = build.get("resolvedSourceVersion")
    return commit and comment_of(place.tooling, place.names.repository("build"), commit, str(build["id"]))


def _failed_command(build: dict[str, Any]) -> str | None:
    """Returns the command that failed, as CodeBuild reports it."""
    failed = (phase for phase in build.get("phases", []) if phase.get("phaseStatus") == "FAILED")
    messages = (context.get("message") for phase in failed for context in phase.get("contexts", []))
    return next(filter(None, messages), None)


def runs(place: DeliveryPlace) -> list[Row]:
    """Returns the newest executions of the use case's pipelines in development."""
    account = place.development
    # SageMaker refuses a prefix that ends with a hyphen.
    asked = {"PipelineNamePrefix": place.names.prefix}
    found = _answer(account, lambda: _every(account, "sagemaker", "list_pipelines", "PipelineSummaries", **asked))
    pipelines = [one for one in found if one["PipelineName"].startswith(f"{place.names.prefix}-")]
    rows: list[tuple[datetime, Row]] = []
    for pipeline in pipelines:
        name = pipeline["PipelineName"]
        for run in _every(
            account, "sagemaker", "list_pipeline_executions", "PipelineExecutionSummaries", PipelineName=name
        ):
            row: Row = {
                "pipeline": name,
                "run": str(run["PipelineExecutionArn"]).rpartition("/")[2],
                "status": run["PipelineExecutionStatus"],
                "started": _time(run["StartTime"]),
                "reason": _reason(account, run),
            }
            rows.append((run["StartTime"], row))
    return [row for _, row in sorted(rows, key=lambda entry: entry[0], reverse=True)[:MOST]]


def _reason(account: Account, run: dict[str, Any]) -> str | None:
    """Returns why a run failed. The reason of the run itself only says that a step failed."""
    if run["PipelineExecutionStatus"] != "Failed":
        return None
    asked = {"PipelineExecutionArn": run["PipelineExecutionArn"]}
    steps = _every(account, "sagemaker", "list_pipeline_execution_steps", "PipelineExecutionSteps", **asked)
    failed = [step for step in steps if "FailureReason" in step]
    reasons = [f"{step['StepName']}: {in_one_line(step['FailureReason'])}" for step in failed]
    return "; ".join(reasons) or run.get("PipelineExecutionFailureReason")


def models(place: DeliveryPlace, *, most: int = MOST) -> list[Row]:
    """Returns the newest model versions of all groups of the use case, also of feature branches, with their metrics.

    Versions are judged by the minimum gates of the settings, which the project cannot change.
    """
    account = place.tooling
    named = {"NameContains": f"{place.names.prefix}-"}
    key = "ModelPackageGroupSummaryList"
    groups = _answer(account, lambda: _every(account, "sagemaker", "list_model_package_groups", key, **named))
    found = []
    for group in (one["ModelPackageGroupName"] for one in groups):
        newest = {"ModelPackageGroupName": group, "SortBy": "CreationTime", "SortOrder": "Descending"}
        found += _every(account, "sagemaker", "list_model_packages", "ModelPackageSummaryList", **newest)
    found.sort(key=lambda version: version["CreationTime"], reverse=True)
    return [_version(place, version) for version in found[:most]]


def newest_models(project: Project) -> list[Row]:
    """Returns the newest model version of each use case with a delivery. Other keys than ``use_case`` are None if it
    has none, and its ``status`` says if it is not deployed.
    """
    rows = []
    for use_case in (names.prefix for names in delivered(project)):
        try:
            newest = next(iter(models(place_of(project, use_case), most=1)), None)
        except NotDeployedError:
            newest = {"status": "not deployed"}
        rows.append({"use_case": use_case, **(newest or {"status": "no version"})})
    return rows


def _version(place: DeliveryPlace, version: dict[str, Any]) -> Row:
    described = place.tooling.client("sagemaker").describe_model_package(ModelPackageName=version["ModelPackageArn"])
    metrics = metrics_of(described.get("CustomerMetadataProperties", {}))
    return {
        "group": version["ModelPackageGroupName"],
        "version": str(version["ModelPackageVersion"]),
        "status": version["ModelApprovalStatus"],
        "registered": _time(version["CreationTime"]),
        "metrics": ", ".join(f"{name} {_rounded(value)}" for name, value in metrics.items()) or None,
        "minimum": _judged(place, metrics),
        "reports": _reports(described.get("ModelMetrics", {})),
    }


def _reports(measured: Mapping[str, Any]) -> str | None:
    """Returns where the reports about bias and explanation of a version are."""
    found = {word: measured[kind]["Report"] for kind, word in _REPORTS.items() if "Report" in measured.get(kind, {})}
    return ", ".join(f"{word} {report['S3Uri']}" for word, report in found.items()) or None


def _rounded(value: str) -> str:
    """Returns a number with four significant digits, and any other text as it is."""
    try:
        return f"{float(value):.4g}"
    except ValueError:
        return value


def _judged(place: DeliveryPlace, metrics: Mapping[str, str]) -> str | None:
    """Returns the minimum gates that a version misses, by the metrics that were registered with it."""
    below, unknown = [], []
    for metric, gate in place.minimum_gates.items():
        try:
            missed = gate.shortfall(float(metrics[metric]))
        except (KeyError, ValueError):
            unknown.append(metric)
            continue
        below += [f"{metric} {missed}"] if missed else []
    found = {"below the minimum": below, "without": unknown}
    return "; ".join(f"{what}: {', '.join(named)}" for what, named in found.items() if named) or None


def _every(account: Account, service: str, operation: str, key: str, **arguments: Any) -> list[Any]:
    found: Iterator[Any] = account.every(service, operation, key, **arguments)
    return list(islice(found, MOST))


def _answer(account: Account, ask: Any) -> list[Any]:
    from botocore.exceptions import ClientError  # imported here, because few reports call AWS

    try:
        return list(ask())
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "an error")
        raise RefusedError(f"the account {account.id} answered {code}: {error}") from error


def _variable(build: dict[str, Any], name: str) -> str | None:
    found = build["environment"].get("environmentVariables", [])
    return next((str(one["value"]) for one in found if one["name"] == name), None)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def as_text(found: Sequence[Row]) -> str:
    """Returns a line per row."""
    return "\n".join(map(line, found)) or "There are none."


def line(row: Row) -> str:
    """Returns a row as a line, without a reason or a missed minimum if there is none."""
    return "  ".join(in_one_line(value or "-") for key, value in row.items() if value or key not in _ONLY_IF_ANY)


def as_json(what: str, found: Sequence[Row]) -> str:
    return json.dumps({what: list(found)}, indent=2)
