"""``plinth promotions``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import completion, options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import open_project


@click.command("promotions", cls=ProjectCommand)
@click.argument("use_cases", metavar="[TEAM--NAME]...", nargs=-1, shell_complete=completion.use_cases)
@click.option(
    "--team", "teams", metavar="T", multiple=True, shell_complete=completion.teams, help="Only use cases of a team."
)
@click.option(
    "--watch",
    is_flag=True,
    help="Print each change until no promotion is under way. Exits with 1 if the newest one failed.",
)
@options.as_json
@click.pass_obj
def promotions(
    directory: Path, /, *, use_cases: tuple[str, ...], teams: tuple[str, ...], watch: bool, as_json: bool
) -> ExitCode:
    """List the promotions of use cases.

    The newest comes first. Each has its stages with who decided and why, and the reason of a failure. Without use
    cases, all that have promotions are listed. Credentials of the tooling account that see the pipeline are used as
    they are; others must be able to assume the role that deploys the stack.
    """
    from selfservice.cli.delivery.watch_promotions import watch_promotions
    from selfservice.promotions.place import place_to_read, use_cases_with_promotions
    from selfservice.reports.promotions import as_json as json_of
    from selfservice.reports.promotions import as_text, report_of

    project = open_project(directory)
    chosen = use_cases or [
        use_case for use_case in use_cases_with_promotions(project) if not teams or use_case.partition("--")[0] in teams
    ]
    places = [place_to_read(project, use_case) for use_case in chosen]
    status = watch_promotions(places, err=as_json) if watch else ExitCode.OK
    if as_json or not watch:
        reports = [report_of(place) for place in places]
        click.echo(json_of(reports) if as_json else as_text(reports))
    return status
