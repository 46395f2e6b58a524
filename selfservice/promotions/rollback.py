"""Returns an environment to an earlier state: CodePipeline runs its stage again as an earlier execution did (RB-04)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from runtime.promotion.records import plan_of
from selfservice.errors import BadInputError, RefusedError
from selfservice.promotions.place import PromotionPlace, explained
from selfservice.promotions.promotion import UNDER_WAY, ServedState
from settings.data.promotion_layout import stage_of
from settings.types.kinds import ReleasedTo

_ROLLBACK = "ROLLBACK"
_LISTED = 5
_CHANGED = "PipelineExecutionOutdatedException"
_REFUSED = ("UnableToRollbackStageException", "ConflictException")


@dataclass(frozen=True, kw_only=True, slots=True)
class EarlierState:
    """An execution that succeeded in the stage of an environment, and so can be run there again."""

    execution: str
    version: int
    commit: str

    def __str__(self) -> str:
        return f"version {self.version}, commit {self.commit[:7]}, of execution {self.execution}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rollback:
    """A rollback that has not started yet."""

    environment: ReleasedTo
    served: ServedState
    """The last robust state."""
    is_served: bool
    """Whether the environment serves this state. It need not after an execution that failed."""
    target: EarlierState


def plan_rollback(place: PromotionPlace, environment: ReleasedTo, asked: str | None) -> Rollback:
    """Returns the rollback to a version or an execution, by default to the last robust state.

    If the environment serves the last robust state, the default is the one before it. AWS accepts as targets the
    executions that succeeded in the stage and are no rollbacks (CodePipeline User Guide, "Configuring stage rollback").

    Raises: BadInputError if there is no such state, RefusedError if an execution is in the stage.
    """
    with explained():
        record = place.records.served(environment)
        if record is None:
            raise BadInputError(f"nothing was promoted to {environment} of {place.names.prefix} yet")
        served = ServedState.of_record(environment, record)
        is_served = _last_succeeded(place, environment)
        earlier = _earlier_states(place, environment)
    target = _chosen(earlier, served, asked) if asked else _default(earlier, served, is_served=is_served)
    if target is None:
        known = "; ".join(map(str, earlier[:_LISTED])) or "none"
        wanted = f"no state {asked}" if asked else "no state before the one that is served"
        raise BadInputError(f"{environment} of {place.names.prefix} has {wanted}; it can return to: {known}")
    if is_served and target.execution == served.execution:
        raise BadInputError(f"{environment} serves {target} already")
    return Rollback(environment=environment, served=served, is_served=is_served, target=target)


def start_rollback(place: PromotionPlace, rollback: Rollback) -> str:
    """Starts the rollback and returns its execution. CodePipeline records the caller.

    Raises: RefusedError if AWS refuses it.
    """
    from botocore.exceptions import ClientError

    stage = stage_of(rollback.environment)
    try:
        with explained():
            started = place.account.client("codepipeline").rollback_stage(
                pipelineName=place.pipeline,
                stageName=stage,
                targetPipelineExecutionId=rollback.target.execution,
            )
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == _CHANGED:
            fix = f"plinth promote {place.names.prefix} {rollback.target.version} --to {rollback.environment}"
            raise RefusedError(
                f"the structure of the pipeline has changed since {rollback.target}; promote the version again: {fix}"
            ) from error
        if code in _REFUSED:
            raise RefusedError(f"{error}") from error
        raise
    return str(started["pipelineExecutionId"])


def _last_succeeded(place: PromotionPlace, environment: ReleasedTo) -> bool:
    """Returns whether the last execution in the stage succeeded. Raises: RefusedError while one is in the stage."""
    state = place.account.client("codepipeline").get_pipeline_state(name=place.pipeline)
    stage = next(
        stage_state for stage_state in state["stageStates"] if stage_state["stageName"] == stage_of(environment)
    )
    last = stage.get("latestExecution", {})
    if last.get("status") in UNDER_WAY:
        raise RefusedError(
            f"execution {last['pipelineExecutionId']} is in the stage {stage_of(environment)}; wait until it has ended "
            f"(plinth promotions {place.names.prefix} --watch), or stop it in CodePipeline"
        )
    return bool(last.get("status") == "Succeeded")


def _earlier_states(place: PromotionPlace, environment: ReleasedTo) -> list[EarlierState]:
    """Returns the states to which the stage can return, the newest first."""
    found = place.account.every(
        "codepipeline",
        "list_pipeline_executions",
        "pipelineExecutionSummaries",
        pipelineName=place.pipeline,
        filter={"succeededInStage": {"stageName": stage_of(environment)}},
    )
    executions = [
        str(pipeline_execution["pipelineExecutionId"])
        for pipeline_execution in found
        if pipeline_execution.get("executionType") != _ROLLBACK
    ]
    plans = {execution: place.records.read(plan_of(execution)) for execution in executions}
    return [
        EarlierState(execution=execution, version=plan["version"], commit=plan["commit"])
        for execution, plan in plans.items()
        if plan is not None
    ]


def _chosen(earlier: Sequence[EarlierState], served: ServedState, asked: str) -> EarlierState | None:
    """Returns the state of a version or an execution. Of several with one version, the newest that is not served."""
    matching = [
        earlier_state for earlier_state in earlier if asked in (str(earlier_state.version), earlier_state.execution)
    ]
    others = [earlier_state for earlier_state in matching if earlier_state.execution != served.execution]
    return next(iter(others or matching), None)


def _default(earlier: Sequence[EarlierState], served: ServedState, *, is_served: bool) -> EarlierState | None:
    places = {earlier_state.execution: number for number, earlier_state in enumerate(earlier)}
    if served.execution not in places:
        return None
    number = places[served.execution] + is_served
    return earlier[number] if number < len(earlier) else None
