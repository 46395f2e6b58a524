"""``plinth portal``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode


@click.command("portal", cls=ExitCodeCommand)
@click.option("--port", type=click.IntRange(0, 65_535), default=8400, show_default=True, help="Port on this machine.")
@click.option(
    "--issuer-url",
    metavar="URL",
    help="Issuer URL or start URL of IAM Identity Center. Default: that of the instance in the outputs of `identity`.",
)
@click.option(
    "--address",
    metavar="URL",
    help="Address that browsers open, whose load balancer terminates TLS: https://portal.acme.example. The portal then "
    "listens for all machines, and people sign in with a code. Default: an address of this machine.",
)
@click.pass_obj
def portal(directory: Path, /, *, port: int, issuer_url: str | None, address: str | None) -> ExitCode:
    """Serve the portal: self-service in a browser.

    It listens on this machine only, unless you name an address. People sign in with IAM Identity Center, and the portal
    has the permissions of whoever has signed in. It needs no credentials of its own.
    """
    from selfservice.portal.server import serve
    from selfservice.projects.project import open_project

    serve(open_project(directory), port, issuer_url, click.echo, address=address)
    return ExitCode.OK
