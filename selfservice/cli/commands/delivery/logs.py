"""``plinth logs``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import BadInputError, ExitCode
from selfservice.projects.project import open_project


@click.command("logs", cls=ProjectCommand)
@options.use_case
@click.argument("which", required=False, metavar="[build|run|promotion|ID]")
@click.option(
    "--lines",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    metavar="N",
    help="Print the last N lines of each log.",
)
@click.option(
    "--follow", is_flag=True, help="Print new lines until it has ended. Exits with 1 if it failed. Not with --json."
)
@options.as_json
@click.pass_obj
def logs(directory: Path, /, *, use_case: str, which: str | None, lines: int, follow: bool, as_json: bool) -> ExitCode:
    """Show why a build, run or promotion failed.

    Prints the summary of the failure, then the log: of a build, of the jobs of a run that failed, or of the actions of
    a promotion that failed. Name it by its id, as `plinth builds`, `runs` and `promotions` print it, or by the
    beginning of the id. Without an id, the newest one that failed is chosen, or the newest one if none failed; with
    --follow, the newest one that is under way.

    Credentials of the tooling account that see the builds are used as they are, and so are those of the development
    account that see the runs. Others must be able to assume the roles that deploy the stack, which may not read the
    logs of jobs, because these may contain data.
    """
    from selfservice.cli.delivery.log_text import Follower, print_head, print_logs
    from selfservice.cli.delivery.log_text import as_json as json_of
    from selfservice.reports.logs.choice import again, chosen
    from selfservice.reports.logs.places import sources_of

    if follow and as_json:
        raise BadInputError("--follow prints lines as they are written; leave out --json")
    sources = sources_of(open_project(directory), use_case)
    logged = chosen(sources, which, use_case, under_way=follow)
    source = sources[logged.what]
    if as_json:
        click.echo(json_of(logged, source, lines))
        return ExitCode.OK
    if not (follow and logged.is_under_way):
        print_logs(logged, source, lines)
        return ExitCode.FAILED if follow and logged.has_failed else ExitCode.OK
    print_head(logged, ())
    ended = Follower(source, lambda: again(source, logged)).follow()
    click.echo()
    print_head(ended, source.summary(ended))
    return ExitCode.FAILED if ended.has_failed else ExitCode.OK
