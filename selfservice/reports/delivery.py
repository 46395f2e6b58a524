"""Builds and pipeline runs of a use case, read from AWS with the roles of its stack."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.engine.import_discovery import Search
from selfservice.errors import BadInputError, RefusedError
from selfservice.formatting import in_one_line
from selfservice.projects.project import Project
from selfservice.projects.states import resources_by_stack
from selfservice.reports.build_comments import comment_of
from settings.derived.use_case_names import UseCaseNames
from settings.organization.minimum_gate import MinimumGates
from settings.types.aws.use_case_builds import BRANCH, REASON, REPEATED, TASK

MOST = 50
"""Number of the newest builds, runs or versions that a report contains, unless it asks for fewer."""
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
_ABSENT = ("ResourceNotFound", "ResourceNotFoundException")
"""Error codes of services that do not have what is asked for."""
_NEVER = datetime.min.replace(tzinfo=UTC)
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
        stacks = [use_case_names.prefix for use_case_names in delivered(project)]
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
    project_resource = next((resource for resource in resources if resource["type"] == _PROJECT), None)
    role = next((resource for resource in resources if resource["type"] == _ROLE and resource["id"] == pipeline), None)
    if project_resource is None or role is None:
        raise NotDeployedError(f"{use_case} is not deployed; deploy it with `plinth up {use_case} --with-needs`")
    return DeliveryPlace(
        names=names,
        tooling=search.account_of(project_resource),
        development=search.account_of(role),
        minimum_gates=load_cached(project.directory).minimum_gates_of(names.team, names.use_case),
    )


def builds(place: DeliveryPlace, *, most: int = MOST) -> list[Row]:
    """Returns the newest builds of the build project."""
    client = place.tooling.client("codebuild")
    asked: dict[str, Any] = {"projectName": place.names.build_project, "sortOrder": "DESCENDING"}
    ids = listed(place.tooling, "codebuild", "list_builds_for_project", "ids", most=most, **asked)
    found = client.batch_get_builds(ids=ids)["builds"] if ids else []
    found.sort(key=lambda build: build["startTime"], reverse=True)
    failed = [build["id"] for build in found if build["buildStatus"] in FAILED][:_EXPLAINED_BUILDS]
    return [
        {
            "build": str(build["id"]).rpartition(":")[2],
            "status": build["buildStatus"],
            "commit": build.get("resolvedSourceVersion", build.get("sourceVersion")),
            "branch": _variable(build, BRANCH),
            "trigger": _trigger(build),
            "started": time_of(build["startTime"]),
            "reason": (_comment(place, build) if build["id"] in failed else None) or _failed_command(build),
        }
        for build in found
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


def runs(place: DeliveryPlace, *, most: int = MOST) -> list[Row]:
    """Returns the newest executions of the use case's pipelines in development. It reads as many pipelines, those that
    ran last, and the steps of those of its rows that failed."""
    account = place.development
    # SageMaker refuses a prefix that ends with a hyphen.
    asked: dict[str, Any] = {"PipelineNamePrefix": place.names.prefix}
    found = listed(account, "sagemaker", "list_pipelines", "PipelineSummaries", **asked)
    pipelines = [pipeline for pipeline in found if pipeline["PipelineName"].startswith(f"{place.names.prefix}-")]
    pipelines.sort(key=lambda pipeline: pipeline.get("LastExecutionTime", _NEVER), reverse=True)
    executions = [
        (pipeline["PipelineName"], run)
        for pipeline in pipelines[:most]
        for run in listed(
            account,
            "sagemaker",
            "list_pipeline_executions",
            "PipelineExecutionSummaries",
            most=most,
            PipelineName=pipeline["PipelineName"],
        )
    ]
    executions.sort(key=lambda entry: entry[1]["StartTime"], reverse=True)
    return [
        {
            "pipeline": pipeline,
            "run": str(run["PipelineExecutionArn"]).rpartition("/")[2],
            "status": run["PipelineExecutionStatus"],
            "started": time_of(run["StartTime"]),
            "reason": _reason(account, run),
        }
        for pipeline, run in executions[:most]
    ]


def _reason(account: Account, run: dict[str, Any]) -> str | None:
    """Returns why a run failed. The reason of the run itself only says that a step failed."""
    if run["PipelineExecutionStatus"] != "Failed":
        return None
    asked: dict[str, Any] = {"PipelineExecutionArn": run["PipelineExecutionArn"]}
    steps = listed(account, "sagemaker", "list_pipeline_execution_steps", "PipelineExecutionSteps", **asked)
    failed = [step for step in steps if "FailureReason" in step]
    reasons = [f"{step['StepName']}: {in_one_line(step['FailureReason'])}" for step in failed]
    return "; ".join(reasons) or run.get("PipelineExecutionFailureReason")


def listed(
    account: Account, service: str, operation: str, key: str, *, most: int = MOST, **arguments: Any
) -> list[dict[str, Any]]:
    """Returns the first items of a listing.

    Raises: NotDeployedError if the account does not have what is listed; RefusedError for any other error.
    """
    from botocore.exceptions import ClientError  # imported here, because few reports call AWS

    try:
        return list(islice(account.every(service, operation, key, **arguments), most))
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "an error")
        failure = NotDeployedError if code in _ABSENT else RefusedError
        raise failure(f"the account {account.id} answered {code}: {error}") from error


def _variable(build: dict[str, Any], name: str) -> str | None:
    found = build["environment"].get("environmentVariables", [])
    return next(
        (str(environment_variable["value"]) for environment_variable in found if environment_variable["name"] == name),
        None,
    )


def time_of(moment: datetime) -> str:
    """Returns a time of AWS as reports contain it: in UTC and ISO 8601."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def as_text(found: Sequence[Row]) -> str:
    """Returns a line per row."""
    return "\n".join(map(line, found)) or "There are none."


def line(row: Row) -> str:
    """Returns a row as a line, without a reason or a missed minimum if there is none."""
    return "  ".join(in_one_line(value or "-") for key, value in row.items() if value or key not in _ONLY_IF_ANY)


def as_json(what: str, found: Sequence[Row]) -> str:
    return json.dumps({what: list(found)}, indent=2)
