"""The creation of a use case on the command line: its lines, its deployment, and following its first build."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli.delivery.watch import watch
from selfservice.cli.operate import Request, operate_with_report
from selfservice.cli.report import Report
from selfservice.operations.operation import Action
from selfservice.runner.selection import Selection
from selfservice.use_cases.creation import Surface

_PARALLEL = 16


def creation_surface(directory: Path, *, confirmed: bool, wait: bool) -> Surface:
    """Returns the surface of a creation, which prints everything. ``wait``: whether to follow the first build."""

    def deploy(stacks: tuple[str, ...]) -> Report:
        request = Request(
            action=Action.UP,
            selection=Selection(stacks=stacks),
            with_needs=True,
            refresh=True,
            confirmed=confirmed,
            jobs=None,
            parallel=_PARALLEL,
            as_json=False,
        )
        return operate_with_report(directory, request)

    return Surface(announce=click.echo, deploy=deploy, follow=watch if wait else None)
