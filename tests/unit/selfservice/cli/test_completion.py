import subprocess
import sys

import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from selfservice.cli.command import main
from tests.support.workbench import REPOSITORY


def completed(*words, project=REPOSITORY):
    """Returns the words that a shell offers to complete the last word."""
    *given, incomplete = words
    complete = BashComplete(main, {}, "plinth", "_PLINTH_COMPLETE")
    return [item.value for item in complete.get_completions(["--cwd", str(project), *given], incomplete)]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("pre",), ["predict", "preview"]),
        (("up", "fraud-exp"), ["fraud-experimentation", "fraud-experimentation-studio"]),
        (("up", "fraud-experimentation", "fraud-exp"), ["fraud-experimentation-studio"]),
        (("up", "--team", ""), ["churn", "fraud"]),
        (("up", "--team", "fraud", "--team", ""), ["churn"]),
        (("preview", "--with"), ["--with-needs"]),
        (("outputs", "aud"), ["audit"]),
        (("data", "grants", "--team", "f"), ["fraud"]),
        (("data", "show", "card-a"), ["card-activity"]),
        (("completion", ""), ["bash", "zsh", "fish"]),
    ],
)
def test_commands_options_stacks_teams_and_datasets_are_completed(words, offered):
    assert completed(*words) == offered


def test_without_a_project_or_with_faulty_settings_nothing_is_offered(tmp_path):
    assert completed("up", "", project=tmp_path) == []
    (tmp_path / "Pulumi.yaml").write_text("name: plinth\nruntime: python\nconfig: {}\n")
    assert completed("up", "", project=tmp_path) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_plinth(shell):
    result = CliRunner().invoke(main, ["completion", shell])
    assert result.exit_code == 0
    assert f"_PLINTH_COMPLETE={shell}_complete" in result.stdout


def test_a_completion_imports_neither_the_engine_nor_an_aws_sdk():
    program = (
        "import sys; from click.shell_completion import BashComplete; from selfservice.cli.command import main;"
        "offered = BashComplete(main, {}, 'plinth', 'X').get_completions(['--cwd', sys.argv[1], 'up'], 'fraud');"
        "assert offered; print(*sys.modules)"
    )
    words = [sys.executable, "-c", program, str(REPOSITORY)]
    loaded = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    assert {"pulumi", "boto3", "botocore", "moto", "rich"}.isdisjoint(loaded)
