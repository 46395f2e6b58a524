"""``plinth team add``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfservice.cli.answers import Question, answers
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import find_directory

if TYPE_CHECKING:
    from settings.team.team import Team


def _team() -> type[Team]:
    from settings.team.team import Team

    return Team


_QUESTIONS = (
    Question("owner", "owner", _team),
    Question("cost-centre", "cost_centre", _team),
    Question("monthly-budget-usd", "monthly_budget_usd", _team),
)


@click.command("add", cls=ExitCodeCommand)
@click.argument("name")
@click.option("--owner", metavar="ADDRESS", help="Address of the person responsible for the team.")
@click.option("--cost-centre", metavar="TEXT", help="Cost centre that pays the bill.")
@click.option("--monthly-budget-usd", metavar="N", type=int, help="Monthly budget of the team in US dollars.")
@click.option("--cidr", metavar="RANGE", help="The team's address range. Default: the lowest free block.")
@click.pass_obj
def add(
    directory: Path,
    /,
    *,
    name: str,
    owner: str | None,
    cost_centre: str | None,
    monthly_budget_usd: int | None,
    cidr: str | None,
) -> ExitCode:
    """Write the settings file of a new team.

    On a terminal, the command asks for what no option gives. It writes nothing unless the file passes all rules
    together with the other settings.
    """
    from selfservice.authoring.new_team import NewTeam, add_team

    project = find_directory(directory)
    given = {"owner": owner, "cost-centre": cost_centre, "monthly-budget-usd": monthly_budget_usd}
    found = answers(given, _QUESTIONS)
    team = NewTeam(
        name=name,
        owner=found["owner"],
        cost_centre=found["cost-centre"],
        monthly_budget_usd=found["monthly-budget-usd"],
        cidr=cidr,
    )
    file = add_team(project, team)
    click.echo(
        f"{file.relative_to(project) if file.is_relative_to(project) else file} is written; nothing is deployed."
    )
    click.echo(f"Deploy it with `plinth up --team {name} --with-needs`.")
    return ExitCode.OK
