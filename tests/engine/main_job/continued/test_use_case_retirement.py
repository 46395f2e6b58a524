"""The use case of the example ends in its environments, and is promoted again."""

from __future__ import annotations

import pytest

from tests.engine.main_job.promotions import ENVIRONMENTS, IS_ALWAYS_SURE, USE_CASE, Promotions

WITHOUT_NAMES = ("apis", "deployments")
"""Kinds of resources that have ids only."""


@pytest.fixture(scope="module")
def promotions(released: Promotions) -> Promotions:
    return released


def left(promotions: Promotions, environment: str) -> dict[str, list[str]]:
    """Returns what the release of the use case has in an environment, by kind. The other use case has no API."""
    found = promotions.resources(environment)
    own = {kind: [name for name in names if USE_CASE in name or kind in WITHOUT_NAMES] for kind, names in found.items()}
    return {kind: names for kind, names in own.items() if names}


@pytest.mark.requirement("PROM-11", "GOV-11.a")
def test_a_retired_use_case_serves_nothing_and_is_marked_nowhere(promotions: Promotions) -> None:
    acme = promotions.acme
    served = promotions.versions_served()
    assert set(served) == set(ENVIRONMENTS)
    assert set(ENVIRONMENTS) == {mark for version in served.values() for mark in promotions.marks(version)}
    refused = acme.plinth("team", "remove", "fraud", "--confirm", "fraud", check=False)
    assert (refused.returncode, f"plinth usecase retire {USE_CASE}" in refused.stderr) == (3, True)
    before = {environment: promotions.resources(environment) for environment in ENVIRONMENTS}
    assert "Nothing was changed." in acme.plinth("usecase", "retire", USE_CASE, "--dry-run").stdout
    assert {environment: promotions.resources(environment) for environment in ENVIRONMENTS} == before

    acme.plinth("usecase", "retire", USE_CASE, f"--confirm={USE_CASE}", "--reason=replaced")
    assert {environment: left(promotions, environment) for environment in ENVIRONMENTS} == {
        environment: {} for environment in ENVIRONMENTS
    }
    assert {version: promotions.marks(version) for version in served.values()} == {
        version: set() for version in served.values()
    }
    assert promotions.report()["environments"] == []
    assert promotions.report()["promotions"], "the history stays"
    again = acme.plinth("usecase", "retire", USE_CASE, f"--confirm={USE_CASE}", check=False)
    assert (again.returncode, "serves nothing" in again.stderr) == (2, True)


@pytest.mark.requirement("RB-01", level="run")
def test_a_promotion_that_fails_after_the_retirement_leaves_nothing_served(promotions: Promotions) -> None:
    wrong = promotions.register(lambda code: code + IS_ALWAYS_SURE)
    count = len(promotions.executions())
    promotions.decide(wrong)
    # No traffic shifts at the creation of an endpoint.
    promotions.drive(lambda: len(promotions.executions()) == count + 2 and promotions.all_have_ended(), baked=())
    returned, failed = promotions.report()["promotions"][:2]
    assert (returned["is_rollback"], returned["status"], failed["status"]) == (True, "Succeeded", "Failed")
    assert promotions.report()["environments"] == []
    assert {environment: left(promotions, environment) for environment in ENVIRONMENTS} == {
        environment: {} for environment in ENVIRONMENTS
    }
    assert promotions.marks(wrong) == set()
    promotions.decide(wrong, "Rejected")


@pytest.mark.requirement("PROM-01.b", "PROM-08.b", "PROM-11", "RT-04.c", "RT-09.a", "RT-09.c")
def test_a_push_promotes_again_and_the_next_version_is_compared_with_the_one_in_service(promotions: Promotions) -> None:
    count = len(promotions.executions())
    commit = promotions.configure(
        staging={"trial": {"kind": "shadow", "percentage": 50}}, prod={"trial": {"kind": "a-b", "percentage": 50}}
    )
    promotions.drive(lambda: len(promotions.executions()) == count + 1 and promotions.all_have_ended(), baked=())
    pushed = promotions.report()["promotions"][0]
    assert (pushed["status"], pushed["commit"]) == ("Succeeded", commit)
    current = int(pushed["version"])
    assert {version for version, _ in promotions.served("preproduction").values()} == {current}
    assert promotions.marks(current) == set(ENVIRONMENTS)

    newer = promotions.register()
    promotions.decide(newer)
    promotions.drive(lambda: len(promotions.executions()) == count + 2 and promotions.all_have_ended())
    assert promotions.report()["promotions"][0]["status"] == "Succeeded"
    assert promotions.served("preproduction") == {"AllTraffic": (current, 1), "Shadow": (newer, 0.5)}
    assert promotions.served("production") == {"AllTraffic": (current, 50), "Candidate": (newer, 50)}
    assert promotions.invoked("preproduction", 10) == {"AllTraffic": 10}
    assert promotions.invoked("production", 10) == {"AllTraffic": 5, "Candidate": 5}
    assert [promotions.marks(version) for version in (current, newer)] == [set(ENVIRONMENTS)] * 2
