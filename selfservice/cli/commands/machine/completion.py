"""``plinth completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode

_PROGRAM, _VARIABLE = "plinth", "_PLINTH_COMPLETE"
"""The installed command, and the variable in which click's scripts ask it for completions."""


@click.command("completion", cls=ExitCodeCommand)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, /, *, shell: str) -> ExitCode:
    """Print the script that completes commands in a shell.

    It completes commands, options, stacks, teams and datasets. Load it in the start-up file of the shell, for example
    with `eval "$(plinth completion bash)"` in ~/.bashrc.
    """
    kind = get_completion_class(shell)
    assert kind is not None, f"click does not know {shell}"
    click.echo(kind(context.find_root().command, {}, _PROGRAM, _VARIABLE).source())
    return ExitCode.OK
