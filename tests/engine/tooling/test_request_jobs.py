"""A runner of requests uses the cluster for the stacks that pods may operate on, and its own machine for the others."""

from __future__ import annotations

import json

import pytest

from tests.engine.test_team_requests import as_person, committed, requested, shown
from tests.support.cluster_operations import inputs, jobs_in, locks
from tests.support.platform_team import add_people, join_platform_team
from tests.support.workbench import Workbench

pytestmark = pytest.mark.usefixtures("pods")
REQUEST = """\
action: change
team: fraud
people: {dan: data-scientist}
"""
IN_A_POD, BESIDE = "as a Job of the cluster", "on the machine of the runner, because "


def test_a_request_runs_in_the_cluster_where_pods_may_and_says_of_each_step_where(acme: Workbench) -> None:
    committed(acme)  # makes the settings a repository
    join_platform_team(acme, "ben")
    add_people(acme, "dan")
    kept, before = set(inputs(acme)), jobs_in(acme)
    id_ = requested(acme, REQUEST)
    acme.plinth("requests", "run", "--remote")
    reviewed, previews = shown(acme, id_), jobs_in(acme)
    assert reviewed["state"] == "reviewed", reviewed["reason"]
    assert "fraud-development" in {previews[name] for name in previews.keys() - before.keys()}
    as_person(acme, "ben", "requests", "approve", id_, f"--digest={reviewed['digest']}", "--reason=agreed")
    said = acme.plinth("requests", "run", "--remote").stdout

    done = shown(acme, id_)
    assert done["state"] == "done", done["reason"]
    steps = {step["name"].removeprefix("stack:"): step for step in done["steps"]}
    assert {step["state"] for step in steps.values()} == {"succeeded"}
    places = {stack: step["place"] for stack, step in steps.items()}
    assert places.pop("settings") == places.pop("catalog") == ""
    after = jobs_in(acme)
    assert {stack for stack, place in places.items() if place == IN_A_POD} == {
        after[name] for name in after.keys() - previews.keys()
    }
    assert places["fraud-development"] == IN_A_POD
    assert places["identity"] == f"{BESIDE}it deploys into the management account, which has no deployer role"
    assert all(place == IN_A_POD or place.startswith(BESIDE) for place in places.values())
    assert f"fraud-development: runs {IN_A_POD}" in said
    line = next(candidate for candidate in as_person(acme, "ben", "requests", "show", id_).stdout.splitlines()
                if "stack:fraud-development" in candidate)  # fmt: skip
    assert line.endswith(IN_A_POD)
    assert (set(inputs(acme)), locks(acme)) == (kept, [])
    local = json.loads(acme.plinth("preview", "identity", "fraud-development", "--json").stdout)["stacks"]
    assert {stack: outcome["changes"] for stack, outcome in local.items()} == {"identity": {}, "fraud-development": {}}


def test_a_runner_that_can_start_no_job_is_refused_before_it_looks_at_requests(acme: Workbench) -> None:
    elsewhere = {"PULUMI_BACKEND_URL": acme.root.as_uri()}
    refused = acme.plinth("requests", "run", "--remote", variables=elsewhere, check=False)
    assert (refused.returncode, "--remote needs the states where Jobs keep them" in refused.stderr) == (2, True)
