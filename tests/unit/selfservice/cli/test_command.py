import json
import re
import resource
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from pulumi import automation

from selfservice.cli.command import REGION, main
from selfservice.cli.commands.machine import doctor as doctor_module
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.cli.lazy_group import LazyGroup
from tests.support.workbench import REPOSITORY

HEAVY = ("pulumi", "pulumi_aws", "boto3", "botocore", "pydantic", "grpc", "yaml", "rich", "moto")


def test_help_names_every_command_and_the_exit_codes():
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    for command in ("preview", "up", "destroy", "outputs", "graph", "doctor", "sandbox"):
        assert f"\n  {command} " in result.output
    assert "  130  interrupted\n" in result.output


def commands(group=main, path=()):
    """Every command below a group, as its path and the click command."""
    for name, declared in group.lazy_commands.items():
        command = declared.load()
        yield (*path, name), declared, command
        if isinstance(command, LazyGroup):
            yield from commands(command, (*path, name))


ALL = list(commands())
every_command = pytest.mark.parametrize(("path", "declared", "command"), ALL, ids=[" ".join(path) for path, *_ in ALL])


@every_command
def test_the_list_of_commands_shows_the_first_sentence_of_a_command_in_full(path, declared, command):
    assert command.help.partition("\n")[0] == declared.short_help
    assert command.name == path[-1]
    listed = CliRunner().invoke(main, [*path[:-1], "--help"], terminal_width=80).output
    assert f"  {declared.short_help}\n" in listed


_CUT = re.compile(r"\.\.\.$|(^|\W)--[\w-]*-$")
"""A sentence that ends in an ellipsis, or an option that ends in a hyphen."""


def every_help_page(group=main, path=()):
    """The path of every group and command, those of plugins too."""
    yield path
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from every_help_page(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("path", list(every_help_page()), ids=" ".join)
def test_no_line_of_a_help_page_is_cut(path):
    for width in (60, 80):
        usage, *lines = CliRunner().invoke(main, [*path, "--help"], terminal_width=width).output.splitlines()
        assert usage.startswith("Usage: ")
        assert [line for line in lines if len(line) > width or _CUT.search(line)] == []


def test_the_help_of_no_command_imports_the_engine_or_an_aws_sdk():
    program = (
        "import sys; from click.testing import CliRunner; from selfservice.cli.command import main;"
        "[CliRunner().invoke(main, [*path.split(), '--help']) for path in sys.argv[1:]];"
        "print(*sys.modules)"
    )
    paths = [" ".join(path) for path, *_ in ALL]
    done = subprocess.run([sys.executable, "-c", program, *paths], capture_output=True, text=True, check=True)
    assert "selfservice.cli.commands.up" in done.stdout.split()
    assert {"pulumi", "boto3", "botocore", "moto"}.isdisjoint(done.stdout.split())


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
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        # Processor time, because the time on the clock depends on the load of the machine.
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    empty = min(seconds("pass") for _ in range(5))
    helped = min(seconds("from selfservice.cli.command import main; main(['--help'])") for _ in range(5))
    # Measured: 4. With pulumi or pydantic imported it is over 20.
    assert helped / empty < 12


@pytest.mark.parametrize("command", ["preview", "up", "destroy"])
def test_a_command_outside_a_project_exits_with_bad_input(command, tmp_path):
    result = CliRunner().invoke(main, ["--cwd", str(tmp_path), command])
    assert result.exit_code == 2
    assert "Pulumi.yaml" in result.output


@pytest.mark.requirement("SZ-09", "AMB-18.a")
def test_the_rules_that_a_placement_relaxes_are_printed_to_standard_error():
    small = CliRunner().invoke(main, ["--cwd", str(REPOSITORY / "environments" / "small"), "graph", "--json"])
    assert "relaxed by the placement: ACC-03: " in small.stderr
    assert json.loads(small.stdout)
    assert CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "graph"]).stderr == ""


def test_a_plugin_can_ask_for_the_home_region(monkeypatch):
    asks = click.Command("asks", callback=lambda: click.echo(click.get_current_context().meta[REGION]()))
    plugin = type("Plugin", (), {"load": lambda _: asks})()
    monkeypatch.setattr(main, "_plugin_entry_points", lambda: {"asks": plugin})
    assert CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "asks"]).output == "eu-west-1\n"


def test_an_unknown_option_exits_with_bad_input():
    assert CliRunner().invoke(main, ["up", "--frobnicate"]).exit_code == 2


def test_doctor_fails_if_a_part_is_missing_and_prints_the_fix(monkeypatch):
    class Part:
        component, version, origin, ok, fix = "engine", "", "", False, "run `make up`"

    class Check:
        def load(self):
            return lambda: [Part]

    monkeypatch.setattr(doctor_module, "entry_points", lambda group: [Check()] if group == "plinth.checks" else [])
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert "!!  engine" in result.output
    assert "fix: run `make up`" in result.output


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (automation.CommandError("\n code: 255\n stdout: \n stderr: error: the bucket is gone"), "the bucket is gone"),
        (KeyError("fraud"), "KeyError: 'fraud'"),
    ],
)
def test_an_unexpected_error_is_one_sentence_that_names_a_file_with_the_traceback(error, said):
    def fails():
        raise error

    command = ExitCodeCommand("fails", callback=fails)
    result = CliRunner().invoke(command)
    assert result.exit_code == 1
    (sentence,) = result.stderr.splitlines()
    assert said in sentence
    (log,) = re.findall(r"/\S+\.log", sentence)
    assert "Traceback" in Path(log).read_text()
    Path(log).unlink()
