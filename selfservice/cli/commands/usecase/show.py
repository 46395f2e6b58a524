"""``plinth usecase show``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects import outputs as stack_outputs
from selfservice.projects.project import open_project, require_engine
from selfservice.reports import delivery, model_versions


@click.command("show", cls=ProjectCommand)
@options.use_case
@options.as_json
@click.pass_obj
def show(directory: Path, /, *, use_case: str, as_json: bool) -> ExitCode:
    """Show a use case with its newest build, run and model.

    The repositories, roles and groups come from the outputs of its stack.
    """
    project = open_project(directory)
    place = delivery.place_of(project, use_case)
    require_engine(project.directory)
    outputs = stack_outputs.read(project, use_case, show_secrets=False)
    newest = {
        "build": next(iter(delivery.builds(place)), None),
        "run": next(iter(delivery.runs(place)), None),
        "model": next(iter(model_versions.models(place)), None),
    }
    if as_json:
        click.echo(json.dumps({"use_case": use_case, "outputs": outputs, "newest": newest}, indent=2))
        return ExitCode.OK
    click.echo(stack_outputs.as_text(outputs))
    for what, row in newest.items():
        click.echo(f"newest {what}: {delivery.line(row) if row else 'none'}")
    return ExitCode.OK
