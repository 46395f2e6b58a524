"""The commands ``plinth sandbox up|down|status|reset|env``, also installed as ``plinth-sandbox``."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from plinth_sandbox.lifecycle import SandboxLifecycle
    from plinth_sandbox.states.place import Place

REGION_OF_PROGRAM = "aws_region"
"""Key of click's ``Context.meta``. A program that offers these commands can put a function there that returns a region
or None.
"""

Command = TypeVar("Command", bound=Callable[..., None])


def _on_a_sandbox(command: Command) -> Callable[..., None]:
    """Passes the selected sandbox to ``command`` and turns a set-up error into an exit code with its remedy."""

    @click.option(
        "--directory",
        type=click.Path(file_okay=False, path_type=Path),
        help="The sandbox's directory.  [default: $PLINTH_SANDBOX_DIR, or the nearest .sandbox here or above]",
    )
    @wraps(command)
    def run(directory: Path | None, **options: Any) -> None:
        # These imports are slow, and `plinth --help` does not need them.
        from plinth_sandbox.engine.errors import SetUpError
        from plinth_sandbox.layout import Layout
        from plinth_sandbox.lifecycle import SandboxLifecycle
        from plinth_sandbox.progress import Progress

        try:
            command(SandboxLifecycle(Layout.find(directory), Progress()), **options)
        except (SetUpError, PermissionError, FileExistsError, NotADirectoryError) as error:
            raise click.ClickException(str(error)) from error

    return run


class _Command(click.Command):
    """A command whose line in the list of commands is wrapped instead of cut."""

    def get_short_help_str(self, limit: int = 1000) -> str:
        """Returns the first sentence of the help."""
        return super().get_short_help_str(max(limit, 1000))


class _Group(click.Group):
    """The group of the commands of a sandbox."""

    command_class = _Command


@click.group(cls=_Group)
def sandbox() -> None:
    """Run the whole platform on this machine, without AWS."""


_STATES = click.option(
    "--states",
    type=click.Choice(["folder", "s3"]),
    help="Where Pulumi keeps the states: a folder, or a bucket that pods reach too. Kept.  [default: folder]",
)


@sandbox.command()
@click.option("--provider", type=click.Choice(["plinth", "vendor"]), help="Which AWS plugin the engine uses.")
@click.option(
    "--user",
    "users",
    metavar="NAME[:DEPARTMENT]",
    multiple=True,
    help="A user of the Identity Center directory. Can be repeated.",
)
@click.option(
    "--kubernetes/--no-kubernetes",
    default=None,
    help="Whether clusters of EKS get a control plane. Kept until it is changed.  [default: no]",
)
@click.option(
    "--nodes/--no-nodes",
    default=None,
    help="Whether clusters in Auto Mode get a node that runs pods, on Linux as root. Kept too.  [default: no]",
)
@_STATES
@_on_a_sandbox
def up(
    lifecycle: SandboxLifecycle,
    provider: Any,
    users: tuple[str, ...],
    kubernetes: bool | None,
    nodes: bool | None,
    states: Place | None,
) -> None:
    """Start every part that is not running yet."""
    lifecycle.up(provider, users, kubernetes, nodes, states)
    click.echo('To connect this shell: eval "$(plinth sandbox env)"', err=True)


@sandbox.command()
@_on_a_sandbox
def down(lifecycle: SandboxLifecycle) -> None:
    """Stop the sandbox. Its state stays."""
    stopped = lifecycle.down()
    click.echo("Stopped." if stopped else "It was not running.", err=True)


@sandbox.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@_STATES
@_on_a_sandbox
def reset(lifecycle: SandboxLifecycle, yes: bool, states: Place | None) -> None:
    """Delete the emulated AWS and the Pulumi state, and start again."""
    if not yes:
        click.confirm(
            f"Delete every emulated account and stack state in {lifecycle.layout.root}?", abort=True, err=True
        )
    lifecycle.reset(states)


@sandbox.command()
@click.argument("pattern")
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path)
)
@click.option(
    "--requirements",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Install the environment from this lock instead, once for each lock.",
)
@click.option(
    "--program",
    "programs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --requirements: a program that the image contains. Can be repeated.",
)
@click.option(
    "--find-links",
    "wheels",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --requirements: a folder with packages that no index has.",
)
@click.option("--engine", is_flag=True, help="The image also contains the Pulumi engine and the provider plugin.")
@_on_a_sandbox
def image(
    lifecycle: SandboxLifecycle,
    pattern: str,
    folder: Path | None,
    requirements: Path | None,
    programs: tuple[Path, ...],
    wheels: Path | None,
    engine: bool,
) -> None:
    """Let the Python environment FOLDER stand for container images whose URI matches PATTERN."""
    from plinth_sandbox.executors.images import name_environment

    if (folder is None) == (requirements is None):
        raise click.UsageError("Name either a folder or --requirements.")
    if requirements is not None:
        from plinth_sandbox.executors.environments import environment_from

        folder = environment_from(requirements, programs, wheels)
    assert folder is not None
    if engine:
        folder = lifecycle.with_engine(folder)
    name_environment(lifecycle.layout.images, pattern, folder)


@sandbox.command()
@click.argument("uri")
@_on_a_sandbox
def push(lifecycle: SandboxLifecycle, uri: str) -> None:
    """Put the environment that stands for the image URI into its repository of ECR, and print the digest.

    Without a tag, the tag is the beginning of the digest.
    """
    click.echo(lifecycle.push(uri))


@sandbox.command()
@click.argument("name")
@click.option(
    "--repository-root",
    "root",
    required=True,
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    help="Folder of the provider's bare git repositories: <owner>/<name>.git.",
)
@_on_a_sandbox
def connection(lifecycle: SandboxLifecycle, name: str, root: Path) -> None:
    """Complete the connection NAME (or an ARN) to a source provider, which a person does in the console of AWS."""
    lifecycle.connect(name, root)
    click.echo(f"{name} is available. Its repositories are in {root}.", err=True)


@sandbox.command()
@click.argument("url")
@click.option(
    "--jwks",
    "key_set",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the public keys of the issuer: a JSON Web Key Set.",
)
@_on_a_sandbox
def issuer(lifecycle: SandboxLifecycle, url: str, key_set: Path) -> None:
    """Verify tokens of the OpenID Connect issuer URL with the keys in a file, which AWS downloads."""
    lifecycle.register_issuer(url.rstrip("/"), key_set)
    click.echo(f"Tokens of {url} are verified with {key_set}.", err=True)


@sandbox.command()
@click.argument("name")
@click.option("--group", "groups", metavar="NAME", multiple=True, help="A group of the directory. Can be repeated.")
@_on_a_sandbox
def user(lifecycle: SandboxLifecycle, name: str, groups: tuple[str, ...]) -> None:
    """Put the user NAME into groups of the directory, and print the password with which the user signs in."""
    click.echo(lifecycle.password(name, groups))


@sandbox.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_on_a_sandbox
def charge(lifecycle: SandboxLifecycle, file: Path) -> None:
    """Give Cost Explorer the charges of a CSV FILE, with the columns of FOCUS.

    Nothing costs anything in a sandbox, so without charges Cost Explorer has no costs.
    """
    click.echo(f"Cost Explorer has {lifecycle.charge(file)} more charges.", err=True)


@sandbox.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@_on_a_sandbox
def status(lifecycle: SandboxLifecycle, as_json: bool) -> None:
    """Show what runs, what it contains, and what the sandbox cannot show."""
    from plinth_sandbox.report import status_text

    found = lifecycle.status()
    click.echo(json.dumps(found, indent=2) if as_json else status_text(found))


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def _seconds(_context: click.Context, _parameter: click.Parameter, value: str) -> int:
    """Returns the seconds of a duration such as ``90m``."""
    number, unit = value[:-1], value[-1:]
    if not number.isdigit() or unit not in _UNITS:
        raise click.BadParameter(f"{value!r} is not a number with a unit: 30s, 90m, 6h or 1d.")
    return int(number) * _UNITS[unit]


@sandbox.command()
@click.option("--advance", metavar="DURATION", default="0s", callback=_seconds, help="How far, such as 90m, 6h or 1d.")
@_on_a_sandbox
def clock(lifecycle: SandboxLifecycle, advance: int) -> None:
    """Show the clock of schedules, or move it and fire what is due."""
    moved = lifecycle.clock(advance)
    for firing in moved["fired"]:
        click.echo(f"{firing['at']}  {firing['schedule']}")
    if moved["dropped"]:
        click.echo(
            "Too many schedules were due; the later ones did not fire. Move the clock in smaller steps.", err=True
        )
    click.echo(f"The clock shows {moved['now']}.")


def _region() -> str:
    """Returns the region that the surrounding program gives, or else the sandbox's own."""
    from plinth_sandbox.environment import REGION

    given = click.get_current_context().meta.get(REGION_OF_PROGRAM)
    return (given() if given is not None else None) or REGION


@sandbox.command()
@click.option(
    "--region", metavar="REGION", default=_region, help="Region of the shell. Default: the home region of the project."
)
@click.option("--role", metavar="ARN", help="Role whose credentials the shell has. Default: the management account's.")
@click.option("--account", metavar="NAME", help="Account in which the shell has the administrator's role.")
@click.option("--session", metavar="NAME", default="shell", help="Name of the role's session, such as a user name.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@_on_a_sandbox
def env(
    lifecycle: SandboxLifecycle, region: str, role: str | None, account: str | None, session: str, as_json: bool
) -> None:
    """Print the variables that connect a shell with the sandbox."""
    from plinth_sandbox.environment import administrator_role, as_role, exports

    if role is not None and account is not None:
        raise click.UsageError("give either --role or --account")
    values = lifecycle.environment(region)
    try:
        if account is not None:
            role = administrator_role(values, account)
    except LookupError as error:
        raise click.UsageError(str(error)) from None
    if role is not None:
        values = as_role(values, role, session)
    click.echo(json.dumps(values, indent=2) if as_json else exports(values))
