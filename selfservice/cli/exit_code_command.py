"""Click commands that exit with the code that their function returns."""

from __future__ import annotations

import sys
import tempfile
import traceback

import click

from selfservice.errors import BadInputError, ExitCode, NoAnswerError, NotConnectedError, RefusedError


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
        except NoAnswerError as error:
            click.echo(f"error: {error}", err=True)
            return ExitCode.FAILED
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            missing = _missing_connection(error)
            if missing:
                click.echo(f"error: {NotConnectedError(missing)}", err=True)
                return ExitCode.BAD_INPUT
            click.echo(_explained(error), err=True)
            return ExitCode.FAILED


class ProjectCommand(ExitCodeCommand):
    """A command on a project. After its own output it names every deployed team that has no settings file."""

    def invoke(self, context: click.Context) -> None:
        """Runs the command and prints the notices to standard error, whether or not the command succeeds."""
        from selfservice.removal.notices import notices

        try:
            super().invoke(context)
        finally:
            for line in notices(context.obj):
                click.echo(line, err=True)


def _missing_connection(error: Exception) -> str:
    """Returns what the shell lacks according to an error that no command expects; empty if it is about something
    else."""
    if isinstance(error, FileNotFoundError) and error.filename == "pulumi":
        return "there is no pulumi on its PATH"
    botocore = sys.modules.get("botocore.exceptions")
    if botocore is not None and isinstance(error, botocore.NoCredentialsError | botocore.NoRegionError):
        return f"AWS cannot be asked ({error})"
    automation = sys.modules.get("pulumi.automation")
    if automation is None or not isinstance(error, automation.CommandError):
        return ""
    if "pulumi login" in str(error) or "PULUMI_ACCESS_TOKEN must be set" in str(error):
        return "no Pulumi backend is selected"
    return ""


def _explained(error: Exception) -> str:
    """Returns one sentence about an error that no command expects: what the engine said, or where the traceback is."""
    with tempfile.NamedTemporaryFile("w", prefix="plinth-", suffix=".log", delete=False, encoding="utf-8") as file:
        traceback.print_exception(error, file=file)
    automation = sys.modules.get("pulumi.automation")
    if automation is not None and isinstance(error, automation.CommandError):
        from selfservice.engine.automation import last_words

        return f"error: the engine failed: {last_words(error).removeprefix('error: ')} (details: {file.name})"
    said = f"{type(error).__name__}: {error}".rstrip(": ")
    return f"error: plinth failed: {said}. This is a defect; please report it with {file.name}"
