"""``plinth usecase templates``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import find_directory
from selfservice.use_cases.template import offered
from settings.files.validation_cache import load_cached

NEWEST = "newest"


@click.command("templates", cls=ProjectCommand)
@options.as_json
@click.pass_obj
def templates(directory: Path, /, *, as_json: bool) -> ExitCode:
    """List the templates that requests for use cases may name.

    Each line has the name, the version from which new projects start, and the source: a git URL, or the program.
    """
    found = offered(load_cached(find_directory(directory)).organization.templates)
    rows = [
        {
            "template": name,
            "version": version or NEWEST,
            "source": source if source != name else "the program",
        }
        for name, (source, version) in sorted(found.items())
    ]
    text = "\n".join("  ".join(row.values()) for row in rows)
    click.echo(json.dumps({"templates": rows}, indent=2) if as_json else text)
    return ExitCode.OK
