"""The organization that a reader founds with the guides: deployed, changed, and left by a team, command by command."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.guides.follow import follow
from tests.support.guides.shell import Shell
from tests.support.workbench import COMMANDS, REPOSITORY, Workbench

pytestmark = pytest.mark.timeout(1800)
"""A page runs in one test, and takes a third of this on a machine with two busy cores."""

LEAVING = "fraud"
"""The team that the reader removes."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """A folder that stands for the clone, and a sandbox that the guide starts."""
    workbench = Workbench(tmp_path_factory.mktemp("founded"))
    workbench.project.mkdir()
    (workbench.project / ".venv").symlink_to(COMMANDS.parent)
    try:
        yield workbench
    finally:
        workbench.sandbox("down")


@pytest.fixture
def shell(bench: Workbench) -> Iterator[Shell]:
    """A shell in the clone."""
    environment = bench.bare_environment()
    environment["PATH"] = f"{COMMANDS}{os.pathsep}{environment['PATH']}"
    started = Shell.start(bench.project, environment, bench.root / "shell.log")
    yield started
    started.close()


@pytest.fixture
def connected(bench: Workbench, shell: Shell) -> Shell:
    """A shell in the folder of the settings, connected to the sandbox."""
    assert shell.run('cd ../acme && eval "$(plinth sandbox env)"')[0] == 0
    return shell


@pytest.mark.requirement("GOV-03")
def test_an_organization_is_founded_in_five_commands(bench: Workbench, shell: Shell) -> None:
    follow("docs/guides/own-organization.md", shell, bench.root / "acme")
    accounts = {account["Name"] for account in bench.client("organizations").list_accounts()["Accounts"]}
    assert accounts >= {"acme-audit", "acme-churn-experimentation", "acme-fraud-experimentation"}


def test_its_settings_are_changed_as_the_page_says(bench: Workbench, connected: Shell) -> None:
    (bench.root / "acme/environments/medium").symlink_to(REPOSITORY / "environments/medium")
    follow("docs/guides/configuration.md", connected, bench.root / "acme")
    assert "sales-experimentation" in bench.stacks()


@pytest.mark.requirement("GOV-06")
def test_a_team_leaves_nothing_but_its_accounts(bench: Workbench, connected: Shell) -> None:
    accounts = set(bench.outputs(LEAVING)["accounts"].values())
    follow("docs/guides/command-line.md", connected, bench.root / "acme")
    organizations = bench.client("organizations")
    (root,) = organizations.list_roots()["Roots"]
    units = organizations.list_organizational_units_for_parent(ParentId=root["Id"])["OrganizationalUnits"]
    (suspended,) = (unit["Id"] for unit in units if unit["Name"] == "Suspended")
    kept = organizations.list_accounts_for_parent(ParentId=suspended)["Accounts"]
    assert {account["Id"] for account in kept} == accounts
    assert [stack for stack in bench.stacks() if stack.startswith(LEAVING)] == []
    assert list((bench.root / "acme/environments").glob(f"Pulumi.{LEAVING}*")) == []
    for account in accounts:
        assert bench.client("s3", account).list_buckets()["Buckets"] == []
        assert bench.client("iam", account).list_roles(PathPrefix="/plinth/")["Roles"] == []
