"""``plinth usecase request``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfservice.cli.commands.usecase import inference_options
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode

if TYPE_CHECKING:
    from settings.types.kinds import InferenceKind


@click.command("request", cls=ExitCodeCommand)
@click.option("--team", required=True, metavar="TEAM", help="Your team, which will own the use case.")
@click.option("--name", required=True, metavar="NAME", help="Name of the use case.")
@click.option("--image", "images", multiple=True, metavar="NAME", help="Container image that builds push. Repeatable.")
@click.option("--feature-branches", is_flag=True, help="Deploy a pipeline for each feature branch.")
@inference_options.goal
@inference_options.inference
@inference_options.results
@inference_options.approvers
@click.option(
    "--template",
    default="tabular",
    show_default=True,
    metavar="NAME",
    help="Template that the organization offers (`plinth usecase templates`).",
)
@click.option(
    "--data",
    multiple=True,
    metavar="ANSWER=VALUE",
    help="Answer to a question of the template, such as problem=regression. Repeatable.",
)
@click.pass_obj
def request(
    directory: Path,
    /,
    *,
    team: str,
    name: str,
    images: tuple[str, ...],
    feature_branches: bool,
    goal: str,
    inference: InferenceKind | None,
    results: str | None,
    approvers: tuple[str, ...],
    template: str,
    data: tuple[str, ...],
) -> ExitCode:
    """Request a use case of your team, as its lead data scientist.

    Use credentials of the permission set LeadScientist-tooling. The platform creates the use case without further
    action of yours; `plinth requests list --team TEAM` shows the result. Settings files are not needed. If there are
    some, the request is checked against them, too.
    """
    from selfservice.cli.commands.requests.directory_access import look_up_people
    from selfservice.people.use_case_submission import accepted_request, submit_use_case
    from selfservice.projects.project import home_region
    from selfservice.requests.requester import current_requester
    from selfservice.use_cases.answers import given_answers

    wanted = accepted_request(
        directory,
        team,
        {
            "name": name,
            "goal": goal,
            "template": template,
            "images": images,
            "feature_branches": feature_branches,
            "inference": inference,
            "results": results,
            "approvers": approvers,
            "answers": given_answers(data),
        },
        partial(look_up_people, directory),
    )
    requester = current_requester(home_region(directory))
    id_ = submit_use_case(requester, team, wanted)
    click.echo(f"Requested {team}--{name} as {requester.user}, request {id_}.")
    click.echo(f"Next: plinth requests list --team {team}")
    return ExitCode.OK
