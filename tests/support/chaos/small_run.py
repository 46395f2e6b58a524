"""Deploys a few stacks with the durable runner: ``python -m tests.support.chaos.small_run PROJECT ID STACK...``.

A step is the update of one stack, in a worker process with its own engine, as in the deployment of a request. There is
no review before it, so nothing limits the steps of the update.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from selfservice.catalog.change_record import ChangeRecord
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.request_steps import RequestSteps, StepRecord
from selfservice.changes.plan import Step
from selfservice.changes.run_plan import PlanExecutor
from selfservice.cli.progress import progress_listener
from selfservice.durable.node import NodeResult
from selfservice.forks.prepared import PreparedProcess
from selfservice.operations.operation import Action, Operation
from selfservice.operations.schedule import in_order, restrict
from selfservice.projects.project import open_project
from selfservice.request_runner.durable_run import run_durably
from selfservice.requests.kinds.request import updated
from selfservice.runner.process import LocalWorkers, new_run_directory


class UnapprovedExecutor(PlanExecutor):
    """Executes updates that nobody has reviewed."""

    def operation(self, kind: str, stack: str, approved: list[str]) -> Operation | None:
        return self.operations(Action.UP, stack).of(stack)


class UnrecordedSteps(RequestSteps):
    """The steps of a request that is in no catalog."""

    def read(self) -> list[StepRecord]:
        return []

    def write(self, steps: Collection[StepRecord], removed: Collection[StepRecord] = ()) -> bool:
        return True


def main() -> None:
    directory, id_, *stacks = sys.argv[1:]
    project = open_project(Path(directory))
    graph = restrict(project.graph, stacks)
    steps = [
        Step(name=f"stack:{stack}", kind="stack", stack=stack, needs=tuple(f"stack:{need}" for need in graph[stack]))
        for stack in in_order(graph)
    ]
    record = cast(ChangeRecord, SimpleNamespace(id=id_))
    recorded = UnrecordedSteps(items=CatalogItems(None), request=id_)
    with closing(PreparedProcess()) as prepared:
        prepared.prepare(stacks)
        executor = UnapprovedExecutor(
            directory=project.directory,
            logs=new_run_directory(project.state_directory),
            start=LocalWorkers(prepared).start,
            calls={},
        )
        listening = partial(progress_listener, sys.stdout)

        def done(results: Mapping[str, NodeResult]) -> str:
            return f"deployed {updated(results)}"

        deployed = run_durably(project.directory, record, "digest", steps, executor, recorded, listening, done)
    sys.stdout.write(f"{deployed.reason}\n")
    sys.exit(0 if deployed.succeeded else 1)


if __name__ == "__main__":
    main()
