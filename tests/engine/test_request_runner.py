"""Builds in the governance account carry out what people have requested and approved. No process of a person does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from plinth_sandbox.waiting import eventually
from tests.support.platform_team import join_platform_team
from tests.support.postgres import postgres_server
from tests.support.request_builds import DATABASE_NETWORK, bring_up, builds, log_of, pushed
from tests.support.workbench import Workbench

REQUEST = """\
team: claims
owner: claims-owner@acme.example
cost_centre: "4712"
monthly_budget_usd: 3000
"""
ENVIRONMENTS = ["development", "experimentation", "preproduction", "production"]


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The connection string of a database of workflows."""
    with postgres_server() as server:
        yield server.create()


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[Workbench]:
    """The shared stacks of the example with a runner of requests, and nobody's machine that runs requests."""
    bench = Workbench.of_example(tmp_path_factory.mktemp("runner"), teams=())
    bench.checkpoints = False
    try:
        bring_up(bench, database)
        join_platform_team(bench, "ada", "ben")
        yield bench
    finally:
        bench.sandbox("down")


def as_person(acme: Workbench, user: str, *words: str) -> subprocess.CompletedProcess[str]:
    governance = acme.outputs("governance")["account_id"]
    return acme.plinth(*words, variables=acme.session_of(user, governance))


def shown(acme: Workbench, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(as_person(acme, "ben", "requests", "show", id_, "--json").stdout)
    return found


def ended(acme: Workbench, number: int) -> dict[str, Any]:
    """Waits until so many builds have ended, and returns the last one."""
    found: list[dict[str, Any]] = []

    def all_have() -> bool:
        found[:] = builds(acme)
        return len(found) >= number and all(build["buildComplete"] for build in found)

    assert eventually(all_have), found
    assert found[-1]["buildStatus"] == "SUCCEEDED", log_of(acme, found[-1])
    return found[-1]


@pytest.mark.requirement("GOV-03", "GOV-04.a")
def test_a_requested_and_approved_team_appears_without_a_process_of_a_person(acme: Workbench, database: str) -> None:
    file = acme.root / "request.yaml"
    file.write_text(REQUEST)
    said = as_person(acme, "ada", "team", "request", "-f", str(file)).stdout
    id_ = said.splitlines()[-1].rpartition(" ")[2]
    reviewing = ended(acme, 1)
    assert reviewing["initiator"] == "platform-runner-start/EventBridge"
    reviewed = shown(acme, id_)
    assert reviewed["state"] == "reviewed", log_of(acme, reviewing)
    assert "claims" not in acme.stacks()

    as_person(acme, "ben", "requests", "approve", id_, f"--digest={reviewed['digest']}", "--reason=agreed")
    deploying = ended(acme, 2)
    done = shown(acme, id_)
    assert (done["state"], done["approved_by"]) == ("done", "ben"), log_of(acme, deploying)
    team = json.loads(as_person(acme, "ben", "catalog", "show", "claims", "--json").stdout)
    assert (sorted(team["accounts"]), team["request"]) == (ENVIRONMENTS, id_)
    names = [account["Name"] for account in acme.client("organizations").list_accounts()["Accounts"]]
    assert sorted(name for name in names if "claims" in name) == sorted(f"acme-claims-{one}" for one in ENVIRONMENTS)
    assert "Add the team claims" in pushed(acme)

    # The build has kept what it did in the database that the settings name, in a form that its key alone opens.
    with psycopg.connect(database) as connection:
        kept = connection.execute("select status, concat(inputs, output) from dbos.workflow_status").fetchall()
    assert "SUCCESS" in {status for status, _ in kept}
    assert not any("claims" in text for _, text in kept)
    assert f"to {DATABASE_NETWORK} port 5432" in reached(acme)


def reached(acme: Workbench) -> set[str]:
    """Returns where the security groups of the governance account let traffic leave to networks."""
    ec2 = acme.client("ec2", acme.outputs("governance")["account_id"])
    rules = ec2.describe_security_group_rules()["SecurityGroupRules"]
    return {f"to {one['CidrIpv4']} port {one['FromPort']}" for one in rules if one["IsEgress"] and "CidrIpv4" in one}


def test_a_decision_about_nothing_new_starts_a_build_that_changes_nothing(acme: Workbench) -> None:
    before, commits = len(builds(acme)), pushed(acme)
    as_person(acme, "ada", "team", "request", "-f", str(acme.root / "request.yaml"))
    build = ended(acme, before + 1)
    assert "everything is as requested; nothing was changed" in log_of(acme, build)
    assert pushed(acme) == commits
