"""Ends what a use case serves: builds of the promotion delete it, with the roles that deploy and record it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from runtime.promotion.records import failure_of
from selfservice.errors import BadInputError, RefusedError
from selfservice.promotions.history import served_states
from selfservice.promotions.place import PromotionPlace, explained
from selfservice.promotions.promotion import UNDER_WAY, ServedState
from settings.types.kinds import RELEASED_TO, ReleasedTo

_POLL_SECONDS = 2.0
_WITHOUT_SOURCE = {"sourceTypeOverride": "NO_SOURCE", "artifactsOverride": {"type": "NO_ARTIFACTS"}}
"""Members of StartBuild for a project whose builds otherwise get their source from the pipeline."""


class RetirementError(Exception):
    """A build of the retirement failed. The message contains its reason. A repetition continues."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Retirement:
    """Versions that environments are to stop serving."""

    served: tuple[ServedState, ...]
    """Versions that the environments serve, production first."""

    def __str__(self) -> str:
        return "; ".join(
            f"{state.environment} serves version {state.version} since {state.deployed_at}" for state in self.served
        )


def plan_retirement(place: PromotionPlace, environments: Sequence[ReleasedTo]) -> Retirement:
    """Returns what these environments serve.

    Raises: BadInputError if they serve nothing, RefusedError while a promotion is under way.
    """
    served = {served_state.environment: served_state for served_state in served_states(place)}
    found = tuple(
        served[environment]
        for environment in reversed(RELEASED_TO)
        if environment in environments and environment in served
    )
    if not found:
        raise BadInputError(f"{place.names.prefix} serves nothing in {' or '.join(environments)}")
    if running := running_promotions(place):
        raise RefusedError(
            f"the promotion {running[0]} is under way; reject it or wait until it has ended "
            f"(plinth promotions {place.names.prefix} --watch)"
        )
    return Retirement(served=found)


def running_promotions(place: PromotionPlace) -> list[str]:
    """Returns the ids of the promotions that have not ended. Raises: RefusedError if the credentials do not suffice."""
    with explained():
        listed = place.account.every(
            "codepipeline", "list_pipeline_executions", "pipelineExecutionSummaries", pipelineName=place.pipeline
        )
        return [
            str(pipeline_execution["pipelineExecutionId"])
            for pipeline_execution in listed
            if pipeline_execution["status"] in UNDER_WAY
        ]


def retire(
    place: PromotionPlace,
    environment: ReleasedTo,
    *,
    by: str,
    reason: str,
    wait: Callable[[], None] = lambda: time.sleep(_POLL_SECONDS),
) -> None:
    """Deletes what an environment serves, and records it. Raises: RetirementError, RefusedError."""
    execution = f"retirement-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    given = {"ENVIRONMENT": environment, "EXECUTION_ID": execution, "REQUESTED_BY": by, "REASON": reason}
    for project, command in (
        (place.names.release_project(environment), "retire"),
        (place.names.promotion_project, "record-retirement"),
    ):
        _run(place, project, {"COMMAND": command, **given}, wait)


def _run(place: PromotionPlace, project: str, variables: dict[str, str], wait: Callable[[], None]) -> None:
    client = place.account.client("codebuild")
    overrides = [{"name": name, "value": value, "type": "PLAINTEXT"} for name, value in variables.items()]
    with explained():
        build = client.start_build(projectName=project, environmentVariablesOverride=overrides, **_WITHOUT_SOURCE)[
            "build"
        ]
        while build["buildStatus"] == "IN_PROGRESS":
            wait()
            (build,) = client.batch_get_builds(ids=[build["id"]])["builds"]
    if build["buildStatus"] != "SUCCEEDED":
        raise RetirementError(f"build {build['id']} {build['buildStatus']}: {_reason(place, variables, build)}")


def _reason(place: PromotionPlace, variables: dict[str, str], build: dict[str, Any]) -> str:
    failure = place.records.newest(failure_of(variables["EXECUTION_ID"], variables["ENVIRONMENT"]))
    return str(failure["reason"]) if failure else str(build.get("logs", {}).get("deepLink", "see its log"))
