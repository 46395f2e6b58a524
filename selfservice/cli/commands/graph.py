"""``plinth graph``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from selfservice.cli.diagrams import drawing
from selfservice.cli.diagrams.account_boxes import account_boxes, organization_units
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.cli.operate import print_relaxed_rules
from selfservice.errors import ExitCode
from selfservice.operations.schedule import Graph
from selfservice.projects.project import open_project
from settings.files.validation_cache import load_cached

_STACK_GRAPHS: Mapping[str | None, Callable[[Graph], str]] = {
    None: drawing.as_text,
    "json": drawing.as_json,
    "mermaid": drawing.as_mermaid,
    "dot": drawing.as_dot,
}


@click.command("graph", cls=ProjectCommand)
@click.option("--json", "form", flag_value="json", help="Print JSON.")
@click.option("--mermaid", "form", flag_value="mermaid", help="Print a Mermaid flowchart.")
@click.option("--dot", "form", flag_value="dot", help="Print Graphviz input.")
@click.option(
    "--accounts",
    "form",
    flag_value="accounts",
    help="Print the accounts in their organizational units instead, as a Mermaid flowchart.",
)
@click.pass_obj
def graph(directory: Path, /, *, form: str | None) -> ExitCode:
    """Print the stacks of the settings and their dependencies."""
    project = open_project(directory)
    print_relaxed_rules(project)
    if form == "accounts":
        foundation = load_cached(project.directory)
        units, boxes = tuple(organization_units(foundation)), tuple(account_boxes(foundation))
        click.echo(drawing.account_map(project.organization, units, boxes))
    else:
        click.echo(_STACK_GRAPHS[form](project.graph))
    return ExitCode.OK
