"""Every command of the command line in a shell that is connected to nothing, as each new terminal is."""

from __future__ import annotations

import os
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from selfservice.cli.command import main
from selfservice.engine import automation
from selfservice.errors import ExitCode

ARGUMENTS = {
    "approve": "fraud--scoring --comment good",
    "audit answer": "3f1f5c8e-0000-4000-8000-000000000000",
    "audit ask": "who-read-data",
    "builds": "fraud--scoring",
    "catalog evidence": "fraud",
    "catalog show": "fraud",
    "cluster token": "--name tooling --account 111111111111 --region eu-west-1",
    "completion": "bash",
    "curate": "fraud--scoring --into scores",
    "data search": "cards",
    "data show": "card-payments",
    "destroy": "fraud-production-intake --yes",
    "ground-truth": "fraud--scoring Pulumi.yaml",
    "init": "--name acme --help",
    "lineage": "fraud--scoring",
    "logs": "fraud--scoring",
    "models": "fraud--scoring",
    "monitor": "fraud--scoring",
    "outputs": "organization",
    "packages allow": "numpy==2.1.0",
    "predict": "fraud--scoring --data Pulumi.yaml",
    "preview": "organization",
    "promote": "fraud--scoring 1",
    "requests approve": "1 --digest 1 --reason good",
    "requests reject": "1 --reason bad",
    "requests show": "1",
    "review": "--settings-only --help",
    "rollback": "fraud--scoring --environment production --yes",
    "runs": "fraud--scoring",
    "switch": "fraud--scoring",
    "team add": "--help",
    "team decommission": "fraud --reason done --confirm fraud",
    "team remove": "fraud",
    "team request": "--help",
    "train": "fraud--scoring",
    "up": "organization --yes",
    "upgrade": "--all",
    "usecase clone": "fraud--scoring --as ana",
    "usecase create": "--team fraud --name other --directory clone --yes",
    "usecase request": "--help",
    "usecase retire": "fraud--scoring",
    "usecase show": "fraud--scoring",
}
"""Arguments of commands that need some. Those with ``--help`` work on files alone, as their guides show."""

UNCONNECTED = frozenset(
    {
        "affected", "completion", "cost", "data grants", "data list", "data search", "data show", "doctor", "graph",
        "init", "packages build", "review", "team add", "team request", "usecase list", "usecase request",
        "usecase templates",
    }
)  # fmt: skip
"""Commands that need no connection."""


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        elif command is not None:
            yield " ".join((*path, name))


@pytest.fixture
def unconnected(project, tmp_path, monkeypatch):
    """The example, in a shell without an engine, a backend and credentials."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "PLINTH_", "PULUMI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")  # this machine may be an instance
    monkeypatch.setattr(automation, "command", automation.command.__wrapped__)  # an earlier test may have found one
    monkeypatch.chdir(project)
    settings = project / "Pulumi.yaml"
    settings.write_text(settings.read_text().replace("upstream: pypi", "upstream: reviewed"))
    return project


@pytest.mark.parametrize("command", [command for command in commands() if not command.startswith("sandbox")])
def test_a_command_says_that_the_shell_is_not_connected_and_how_to_connect_it(unconnected, command):
    words = [*command.split(), *ARGUMENTS.get(command, "").split()]
    done = CliRunner().invoke(main, words)
    assert "defect" not in done.output
    assert "Traceback" not in done.output
    if command in UNCONNECTED:
        assert "not connected" not in done.output
    else:
        assert done.exit_code == ExitCode.BAD_INPUT, done.output
        assert "this shell is not connected" in done.output
        assert 'eval "$(' in done.output
