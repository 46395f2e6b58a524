"""The command line. Declares what there is; what a command does is imported when it runs.

``plinth --help`` is answered from this module, click and the names of the entry points alone.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any

import click

COMMANDS = "plinth.commands"
"""Entry points of other rooms that add a command, a click command each."""

EXIT_CODES = """\b
Exit codes: 0 all is well; 1 a stack failed; 2 wrong settings or arguments, nothing was touched;
3 refused by a policy or a protection; 4 --expect-no-changes found changes; 130 interrupted.
"""


class Commands(click.Group):
    """The commands below, and those that other rooms bring along."""

    def list_commands(self, context: click.Context) -> list[str]:
        return [*super().list_commands(context), *sorted(_brought_along())]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        own = super().get_command(context, name)
        if own is not None or name not in _brought_along():
            return own
        (entry_point,) = entry_points(group=COMMANDS, name=name)
        command = entry_point.load()
        assert isinstance(command, click.Command), f"{entry_point.value} is no click command"
        return command


def _brought_along() -> set[str]:
    return entry_points(group=COMMANDS).names


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(f"plinth {version('plinth')}")
        context.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXIT_CODES)
@click.option(
    "-C",
    "--cwd",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Work on the project there. Default: the nearest Pulumi.yaml from here upwards.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
@click.pass_context
def main(context: click.Context, directory: Path) -> None:
    """Bring an MLOps foundation on AWS up, see what it is, and take it down."""
    context.obj = directory


def _selection(command: Callable[..., Any]) -> Callable[..., Any]:
    for decorator in (
        click.option("--all", "everything", is_flag=True, help="Every stack of the settings."),
        click.option("--team", metavar="T", help="The stacks of one team."),
        click.argument("stacks", nargs=-1, metavar="[STACK]..."),
    ):
        command = decorator(command)
    return command


def _running(command: Callable[..., Any]) -> Callable[..., Any]:
    for decorator in (
        click.option(
            "--json",
            "as_json",
            is_flag=True,
            help="One JSON document on standard output; progress goes to standard error.",
        ),
        click.option(
            "--parallel",
            type=click.IntRange(min=1),
            default=16,
            show_default=True,
            help="Resources at once, per stack.",
        ),
        click.option(
            "--jobs", type=click.IntRange(min=1), help="Stacks at once. Default: what processors and memory allow."
        ),
    ):
        command = decorator(command)
    return command


_packs = click.option(
    "--policy-pack",
    "policy_packs",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A policy pack beside those of the project. May be repeated.",
)
_skip = click.option(
    "--skip/--no-skip",
    default=True,
    help="With --all and no refresh, leave out what is provably unchanged. Default: yes.",
)
_yes = click.option("--yes", "-y", is_flag=True, help="Do not ask.")


@main.command()
@_selection
@_packs
@click.option("--refresh", is_flag=True, help="Read what really exists first, and show what drifted from it.")
@click.option("--expect-no-changes", is_flag=True, help="Exit with 4 when anything would change or drifted.")
@_skip
@_running
@click.pass_obj
def preview(directory: Path, /, **options: Any) -> None:
    """Show what `up` would change, and whether the policies would let it."""
    _run("preview", directory, options)


@main.command()
@_selection
@_packs
@click.option(
    "--refresh/--no-refresh", default=True, help="Read what really exists first, so drift is put right. Default: yes."
)
@_skip
@_yes
@_running
@click.pass_obj
def up(directory: Path, /, **options: Any) -> None:
    """Bring stacks up, in the order in which they need each other.

    Each is previewed with the policy packs on, and only updated when the policies agree and something would change.
    """
    _run("up", directory, options)


@main.command()
@_selection
@click.option("--refresh/--no-refresh", default=False, help="Read what really exists first. Default: no.")
@_yes
@_running
@click.pass_obj
def destroy(directory: Path, /, **options: Any) -> None:
    """Delete the resources of stacks, dependents first. What is durable or protected is refused."""
    _run("destroy", directory, options)


@main.command()
@click.argument("stack")
@click.option("--show-secrets", is_flag=True, help="Show secret values, which are masked otherwise.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def outputs(directory: Path, /, **options: Any) -> None:
    """Print what a stack promises to others."""
    _run("outputs", directory, options)


@main.command()
@click.option("--json", "form", flag_value="json", help="As JSON.")
@click.option("--mermaid", "form", flag_value="mermaid", help="As a Mermaid flowchart.")
@click.option("--dot", "form", flag_value="dot", help="As Graphviz input.")
@click.option(
    "--accounts", "form", flag_value="accounts", help="The accounts in their units instead, as a Mermaid flowchart."
)
@click.pass_obj
def graph(directory: Path, /, **options: Any) -> None:
    """Draw the stacks of the settings, and which needs which."""
    _run("graph", directory, options)


@main.command()
@click.option(
    "--since", metavar="REVISION", default="HEAD", show_default=True, help="The git revision to compare the files with."
)
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def affected(directory: Path, /, **options: Any) -> None:
    """List the stacks that changes since a git revision touch, and why. Needs no engine and no state."""
    _run("affected", directory, options)


@main.command()
@click.option(
    "--teams", type=click.IntRange(min=0), metavar="N", help="Count N teams like those of the settings instead."
)
@click.option("--prices-of", metavar="REGION", help="Prices of another region than the home region.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def cost(directory: Path, /, **options: Any) -> None:
    """Print what the organization costs a month before anybody uses it, with dedicated and with shared endpoints."""
    _run("cost", directory, options)


@main.group()
def data() -> None:
    """What is in the data lake, where it comes from, and who reads which columns of it and why."""


@data.command("list")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def list_datasets(directory: Path, /, **options: Any) -> None:
    """A line for each dataset and each group of features."""
    _run("data list", directory, options)


@data.command("show")
@click.argument("dataset")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def show_dataset(directory: Path, /, **options: Any) -> None:
    """One dataset or group of features: its columns, who reads each, and by which tag and grant."""
    _run("data show", directory, options)


@data.command("grants")
@click.option("--team", metavar="T", help="What one team reads.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def show_grants(directory: Path, /, **options: Any) -> None:
    """Everybody who reads anything: columns, rows, roles, tags and the grant that finds them."""
    _run("data grants", directory, options)


@data.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def search_data(directory: Path, /, **options: Any) -> None:
    """Datasets and groups of features of which all the words are said: in names, columns, sources or uses."""
    _run("data search", directory, options)


@data.command("freshness")
@click.argument("datasets", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def show_freshness(directory: Path, /, **options: Any) -> None:
    """When datasets were made last, and how their newest runs ended. Asked of the lake; by default of all datasets."""
    _run("data freshness", directory, options)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def doctor(**options: Any) -> None:
    """Print what this machine has of the set-up, and how to mend what is missing."""
    _run("doctor", Path(), options)


def _run(name: str, directory: Path, options: dict[str, Any]) -> None:
    actions = importlib.import_module("selfservice.cli.actions")
    raise SystemExit(int(actions.run(name, directory, options)))
