"""The end of what an environment serves, on an emulated registry and bucket."""

from __future__ import annotations

import pytest

from runtime.promotion.engine import DeploymentStack
from runtime.promotion.records import RETIRED, robust_state_of


@pytest.mark.requirement("PROM-11", level="run")
def test_a_retirement_deletes_the_release_removes_its_mark_and_records_who_ended_it(case, monkeypatch):
    destroyed = []
    monkeypatch.setattr(DeploymentStack, "destroy", lambda stack: destroyed.append((stack.project, stack.name)))
    version = case.approved()
    execution = case.start(version)
    case.release(execution)
    assert case.marks(version) == {"production"}
    case.run(execution, "retire", ENVIRONMENT="production")
    assert destroyed == [(case.prefix, "fraud-production")]
    assert case.marks(version) == {"production"}, "until the deletion has succeeded"
    for _ in range(2):  # a repetition changes nothing
        case.run(execution, "record-retirement", ENVIRONMENT="production", REQUESTED_BY="ivan", REASON="replaced")
    assert case.marks(version) == set()
    assert case.records.served("production") is None
    kept = case.records.read(robust_state_of("production"))
    assert (kept["model_package"], kept[RETIRED]["by"], kept[RETIRED]["reason"]) == (version, "ivan", "replaced")


def test_after_a_retirement_the_same_version_can_be_promoted_without_a_version_to_compare_with(case, monkeypatch):
    monkeypatch.setattr(DeploymentStack, "destroy", lambda _: None)
    version = case.approved()
    execution = case.start(version)
    case.release(execution)
    case.run(execution, "record-retirement", ENVIRONMENT="production", REQUESTED_BY="ivan")
    case.release(case.start(version))
    assert "release:baseline_arn" not in case.environments["production"]
    assert case.marks(version) == {"production"}
    assert case.records.served("production")["model_package"] == version


@pytest.mark.requirement("RB-01", level="run")
def test_a_promotion_that_fails_after_a_retirement_leaves_nothing_served(case, monkeypatch):
    """CodePipeline rolls the stage back to its last execution that succeeded, which the retirement ended."""
    monkeypatch.setattr(DeploymentStack, "destroy", lambda stack: case.outputs.pop(stack.name.removeprefix("fraud-")))
    first, second = case.approved(), case.approved()
    execution = case.start(first)
    plan = case.review(execution, "ben")
    case.deploy(execution, plan, "preproduction")
    case.run(execution, "accept", PLAN=plan, ENVIRONMENT="preproduction")
    case.run(execution, "retire", ENVIRONMENT="preproduction")
    case.run(execution, "record-retirement", ENVIRONMENT="preproduction", REQUESTED_BY="ivan")
    failing = case.start(second)
    case.deploy(failing, case.review(failing, "ben"), "preproduction")
    deployed, rollback = list(case.deployments), case.start(second)
    case.decide(first, "eve", "Rejected")  # a version that is no longer approved is not needed either
    case.deploy(rollback, plan, "preproduction")
    case.test(rollback, plan)
    assert (case.outputs, case.deployments) == ({}, deployed)
    assert (case.marks(first), case.marks(second)) == (set(), set())
    assert case.records.is_retired("preproduction")
    third = case.approved()
    execution = case.start(third)
    case.deploy(execution, case.prepare(execution)["PLAN"], "preproduction")
    assert case.marks(third) == {"preproduction"}


def test_a_retirement_that_nobody_asked_for_is_refused(case):
    execution = case.start(case.approved())
    case.release(execution)
    with pytest.raises(SystemExit, match="REQUESTED_BY"):
        case.run(execution, "record-retirement", ENVIRONMENT="production")
    assert case.records.served("production") is not None
