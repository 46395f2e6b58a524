"""``plinth outputs``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import completion, options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects import outputs as stack_outputs
from selfservice.projects.project import open_project, require_engine
from selfservice.runner.selection import Selection, select


@click.command("outputs", cls=ProjectCommand)
@click.argument("stack", shell_complete=completion.stacks)
@click.option("--show-secrets", is_flag=True, help="Show secret values instead of masking them.")
@options.as_json
@click.pass_obj
def outputs(directory: Path, /, *, stack: str, show_secrets: bool, as_json: bool) -> ExitCode:
    """Print the outputs of a stack."""
    project = open_project(directory)
    (name,) = select(project.graph, Selection(stacks=(stack,)))
    require_engine(project.directory)
    values = stack_outputs.read(project, name, show_secrets=show_secrets)
    click.echo(stack_outputs.as_json(values) if as_json else stack_outputs.as_text(values))
    return ExitCode.OK
