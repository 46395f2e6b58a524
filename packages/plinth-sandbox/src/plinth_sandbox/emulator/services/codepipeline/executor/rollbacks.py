"""Rollbacks: executions that run one stage again with what an earlier execution ran there.

Source: CodePipeline User Guide, "Configure stage rollback" (read 2026-11-22).
"""

from __future__ import annotations

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.services.codepipeline.executor.events import execution_changed
from plinth_sandbox.emulator.services.codepipeline.executor.execution import Execution
from plinth_sandbox.emulator.services.codepipeline.executor.pipeline import Pipeline


def may_be_target(execution: Execution, stage: str) -> bool:
    """Returns whether a stage can be rolled back to an execution: it succeeded there and is no rollback itself."""
    return execution.stage_statuses.get(stage) == "Succeeded" and execution.kind == "STANDARD"


def roll_back_automatically(pipeline: Pipeline, failed: Execution, runtime: Runtime) -> None:
    """Rolls a stage back to the last execution that succeeded in it, if there is one with the same structure."""
    stage = failed.stage_name
    targets = [
        execution
        for execution in pipeline.executions.values()
        if execution is not failed and may_be_target(execution, stage)
    ]
    targets = [target for target in targets if target.declaration == failed.declaration]
    if failed.kind == "STANDARD" and targets:
        start_rollback(
            pipeline, targets[-1], stage, runtime, {"triggerType": "AutomatedRollback", "triggerDetail": failed.id}
        )


def start_rollback(
    pipeline: Pipeline, target: Execution, stage: str, runtime: Runtime, trigger: dict[str, str]
) -> Execution:
    """Adds an execution that runs a stage with the artifacts and variables of another one. The caller advances it."""
    now = runtime.clock.now()
    index = next(number for number, declared_stage in enumerate(target.stages) if declared_stage["name"] == stage)
    names = {str(declared_stage["name"]) for declared_stage in target.stages[:index]}
    earlier = [action for action in target.actions if action.stage in names and action.status == "Succeeded"]
    execution = Execution(
        id=str(mock_random.uuid4()),
        pipeline=target.pipeline,
        account=target.account,
        region=target.region,
        declaration=target.declaration,
        trigger=trigger,
        started=now,
        updated=now,
        variables=target.variables,
        stage_index=index,
        last_stage=index,
        artifacts={artifact.name: artifact for action in earlier for artifact in action.outputs},
        namespaces={
            str(action.declaration["namespace"]): action.variables
            for action in earlier
            if "namespace" in action.declaration
        },
        rollback_target=target.id,
    )
    pipeline.executions[execution.id] = execution
    execution_changed(execution)
    return execution
