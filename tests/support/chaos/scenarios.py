"""Targets of attacks: a few stacks, or the deployment of an approved request for a team."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.support.inventory import compare
from tests.support.platform_team import join_platform_team
from tests.support.workbench import COMMANDS, REPOSITORY, Workbench

_REQUEST = """\
team: claims
owner: claims-owner@acme.example
cost_centre: "4712"
monthly_budget_usd: 3000
people: {ana: lead-data-scientist, ben: data-scientist}
"""


class Scenario(Protocol):
    """A command that is repeated until it succeeds, from a state in which it has everything to do."""

    def bench(self, root: Path) -> Workbench:
        """Returns the bench, before its sandbox is up."""

    def prepare(self, bench: Workbench) -> None:
        """Deploys everything that the command needs."""

    def command(self, bench: Workbench) -> Sequence[str]:
        """Returns the command."""

    def faults(self, bench: Workbench) -> list[str]:
        """Returns what is wrong after the command has succeeded."""


class SmallGraph:
    """Two stacks of the first phase: audit, and a team with its account."""

    _stacks = ("audit", "fraud")

    def bench(self, root: Path) -> Workbench:
        return Workbench.of_example(root, teams=("fraud",), phase="initial")

    def prepare(self, bench: Workbench) -> None:
        bench.plinth("up", "organization", "identity", "--yes")

    def command(self, bench: Workbench) -> Sequence[str]:
        runner = ["-m", "tests.support.chaos.small_run", str(bench.project), "chaos", *self._stacks]
        return ["env", f"PYTHONPATH={REPOSITORY}", sys.executable, *runner]

    def faults(self, bench: Workbench) -> list[str]:
        missing = set(self._stacks) - set(bench.stacks())
        return [*_faults_of_states(bench), *(f"{stack} is not deployed" for stack in missing)]


@dataclass(slots=True)
class TeamRequest:
    """The deployment of a new team: settings, ten stacks with four accounts, and the team catalog."""

    id: str = ""

    def bench(self, root: Path) -> Workbench:
        return Workbench.of_example(root, teams=("fraud",))

    def prepare(self, bench: Workbench) -> None:
        bench.plinth("up", "--all", "--yes")
        self.submit(bench)
        bench.plinth("requests", "run")
        self.approve(bench)

    def submit(self, bench: Workbench) -> None:
        """Requests the team."""
        _commit_settings(bench.project)
        join_platform_team(bench, "ben")
        file = bench.root / "request.yaml"
        file.write_text(_REQUEST)
        said = self._as_person(bench, "ada", "team", "request", "-f", str(file))
        self.id = said.splitlines()[-1].rpartition(" ")[2]

    def approve(self, bench: Workbench) -> None:
        """Approves the preview of the request."""
        digest = self._shown(bench)["digest"]
        self._as_person(bench, "ben", "requests", "approve", self.id, f"--digest={digest}", "--reason=agreed")

    def command(self, bench: Workbench) -> Sequence[str]:
        return [str(COMMANDS / "plinth"), "requests", "run", self.id]

    def faults(self, bench: Workbench) -> list[str]:
        found = _faults_of_states(bench)
        state = self._shown(bench)["state"]
        if state != "done":
            found.append(f"the request is {state}")
        team = json.loads(self._as_person(bench, "ben", "catalog", "show", "claims", "--json"))
        if team["accounts"] != bench.outputs("claims")["accounts"] or team["request"] != self.id:
            found.append("the catalog differs from the stack of the team")
        log = subprocess.run(
            ["git", "-C", str(bench.project), "log", "--format=%s"], check=True, capture_output=True, text=True
        )
        commits = log.stdout.splitlines().count("Add the team claims")
        return found if commits == 1 else [*found, f"{commits} commits add the team"]

    def _shown(self, bench: Workbench) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._as_person(bench, "ben", "requests", "show", self.id, "--json"))
        return found

    def _as_person(self, bench: Workbench, user: str, *words: str) -> str:
        governance = bench.outputs("governance")["account_id"]
        return bench.plinth(*words, variables=bench.session_of(user, governance)).stdout


def created_accounts(bench: Workbench) -> Counter[str]:
    """Returns how often AWS has created an account, by its name."""
    pages = bench.client("organizations").get_paginator("list_create_account_status")
    listed = pages.paginate(States=["SUCCEEDED"]).build_full_result()["CreateAccountStatuses"]
    return Counter(str(account_status["AccountName"]) for account_status in listed)


def _faults_of_states(bench: Workbench) -> list[str]:
    """Returns where states and AWS disagree, what the engine left open, and accounts that were created twice."""
    found = [f"{type_} {identity}" for type_, identity in compare(bench).faults]
    found += [f"{stack} has pending operations" for stack in bench.pending_operations()]
    return found + [f"{count} accounts {name}" for name, count in created_accounts(bench).items() if count > 1]


def _commit_settings(project: Path) -> None:
    """Makes the settings a repository, as `plinth requests run` needs it."""
    git = ["git", "-C", str(project)]
    for words in (["init", "--quiet"], ["config", "user.name", "IT"], ["config", "user.email", "it@acme.example"]):
        subprocess.run([*git, *words], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "Settings"], check=True)
