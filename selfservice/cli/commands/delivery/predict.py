"""``plinth predict``."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import open_project
from settings.types.kinds import ReleasedTo


@click.command("predict", cls=ExitCodeCommand)
@options.use_case
@options.released_in
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the body of the request, in JSON.",
)
@click.option("--contract", default="v1", show_default=True, metavar="vN", help="Major version of the contract.")
@click.option(
    "--caller",
    metavar="NAME",
    help="Plan in `inference_config` whose API key is used. Default: that of the tests, if there are plans.",
)
@click.option("--role", metavar="ARN", help="Role to assume for the call. Default: the credentials of the shell.")
@click.pass_obj
def predict(
    directory: Path,
    /,
    *,
    use_case: str,
    environment: str,
    data: Path,
    contract: str,
    caller: str | None,
    role: str | None,
) -> ExitCode:
    """Request predictions of a released model.

    Prints the URL, the command for other clients, and the answer. The roles in `callers` of the deployment repository
    may call, through the VPC endpoint of the environment or of tooling. If the API requires an API key, the command
    reads its value from API Gateway with the credentials of the call. It waits for answers of asynchronous inference.
    """
    from selfservice.engine.account_access import Account
    from selfservice.promotions.place import place_to_read
    from selfservice.promotions.prediction import predictions_in

    place = place_to_read(open_project(directory), use_case)
    service = predictions_in(place, cast(ReleasedTo, environment), contract, caller)
    account = Account(id="", region=place.account.region, role_arn=role)
    click.echo(f"URL: {service.url}")
    click.echo(service.curl(data, role))
    click.echo(service.send(data.read_bytes(), account.keys(), service.api_key(account)))
    return ExitCode.OK
