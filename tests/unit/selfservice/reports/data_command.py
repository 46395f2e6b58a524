"""The command ``plinth data`` on the example."""

from __future__ import annotations

from click.testing import CliRunner

from selfservice.cli.command import main
from tests.support.workbench import REPOSITORY


def said(*words: str) -> str:
    """Runs the command with these words, and returns what it prints."""
    result = CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "data", *words])
    assert result.exit_code == 0, result.output
    return result.output
