import json
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from selfservice.cli import actions
from selfservice.cli.command import main
from tests.support.workbench import REPOSITORY

HEAVY = ("pulumi", "pulumi_aws", "boto3", "botocore", "pydantic", "grpc", "yaml", "rich", "moto")


def test_help_names_every_command_and_the_exit_codes():
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    for command in ("preview", "up", "destroy", "outputs", "graph", "doctor", "sandbox"):
        assert f"\n  {command} " in result.output
    assert "Exit codes: 0" in result.output


def test_help_imports_nothing_heavy():
    program = (
        "import sys; from click.testing import CliRunner; from selfservice.cli.command import main;"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0;"
        "print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in HEAVY if name in loaded] == []


def test_help_costs_a_small_multiple_of_an_empty_program():
    def seconds(program):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
        return time.perf_counter() - began

    empty = min(seconds("pass") for _ in range(5))
    helped = min(seconds("from selfservice.cli.command import main; main(['--help'])") for _ in range(5))
    # Measured: 4. With pulumi or pydantic imported it is over 20.
    assert helped / empty < 12


@pytest.mark.parametrize("command", ["preview", "up", "destroy"])
def test_choosing_no_stack_or_outside_a_project_is_wrong_input(command, tmp_path):
    result = CliRunner().invoke(main, ["--cwd", str(tmp_path), command])
    assert result.exit_code == 2
    assert "Pulumi.yaml" in result.output


@pytest.mark.requirement("SZ-09")
def test_what_a_placement_gives_up_is_said_beside_the_answer_and_nothing_where_it_gives_up_nothing():
    small = CliRunner().invoke(main, ["--cwd", str(REPOSITORY / "environments" / "small"), "graph", "--json"])
    assert "relaxed by the placement: ACC-03: " in small.stderr
    assert json.loads(small.stdout)
    assert CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "graph"]).stderr == ""


def test_an_unknown_option_is_wrong_input():
    assert CliRunner().invoke(main, ["up", "--frobnicate"]).exit_code == 2


def test_the_doctor_fails_when_a_part_is_missing_and_says_the_fix(monkeypatch):
    class Part:
        component, version, origin, ok, fix = "engine", "", "", False, "run `make up`"

    class Check:
        def load(self):
            return lambda: [Part]

    monkeypatch.setattr(actions, "entry_points", lambda group: [Check()] if group == "plinth.checks" else [])
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert "!!  engine" in result.output
    assert "fix: run `make up`" in result.output
