"""A click command that exits with the code that its function returns."""

from __future__ import annotations

import click

from selfservice.errors import BadInputError, ExitCode, RefusedError


class ExitCodeCommand(click.Command):
    """A command whose function returns an :class:`ExitCode`.

    Errors that the user can fix are printed without a traceback.
    """

    def invoke(self, context: click.Context) -> None:
        """Runs the command's function and exits."""
        context.exit(self._run(context))

    def _run(self, context: click.Context) -> ExitCode:
        from settings.types.errors import SettingsError  # imports pydantic, which the help does not need

        try:
            return ExitCode(super().invoke(context))
        except SettingsError as error:
            click.echo(f"{error}\nNothing was touched.", err=True)
            return ExitCode.BAD_INPUT
        except BadInputError as error:
            click.echo(f"error: {error}", err=True)
            return ExitCode.BAD_INPUT
        except RefusedError as error:
            click.echo(f"refused: {error}", err=True)
            return ExitCode.REFUSED
