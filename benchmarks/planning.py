"""Plans an operation on every stack of a project and carries out none: ``python -m benchmarks.planning <directory>``.

Loads and validates the settings, makes the graph of stacks and works its schedule off.
"""

from __future__ import annotations

import sys
from pathlib import Path

from selfservice.operations.schedule import Schedule, rehearsed_first, restrict, upstream_of
from selfservice.projects.project import open_project


def plan(directory: Path) -> int:
    """Start every stack of a project in order; returns how many there are."""
    project = open_project(directory)
    stacks = list(project.graph)
    schedule = Schedule(rehearsed_first(restrict(project.graph, stacks), project.rehearsals), limit=16)
    while not schedule.done:
        for stack in schedule.start():
            upstream_of(project.graph, stack)
            schedule.finish(stack, succeeded=True)
    return len(stacks)


if __name__ == "__main__":
    print(plan(Path(sys.argv[1])))
