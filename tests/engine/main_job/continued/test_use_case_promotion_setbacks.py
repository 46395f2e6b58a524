"""Promotions that fail, are interrupted or are asked for several times, and what each environment ends with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from plinth_sandbox.waiting import eventually
from runtime.promotion.records import Records, deployment_of
from tests.engine.main_job.promotions import (
    FAILS_ON_RARE_ROWS,
    IS_ALWAYS_SURE,
    RARE,
    USE_CASE,
    Promotions,
    stages,
)

APPROVED, LATE = f"{USE_CASE}-approved", "acme.late"


@pytest.fixture(scope="module")
def promotions(released: Promotions) -> Promotions:
    return released


def promotion(promotions: Promotions, version: int) -> dict[str, Any]:
    """Returns the promotion of a version that has failed or succeeded, and is no rollback."""
    found = [
        entry for entry in promotions.report()["promotions"] if entry["version"] == version and not entry["is_rollback"]
    ]
    (ended,) = [candidate for candidate in found if candidate["status"] in ("Failed", "Succeeded")]
    return dict(ended)


@pytest.mark.requirement("PROM-09")
def test_versions_that_are_approved_at_once_are_deployed_one_after_another_and_once(promotions: Promotions) -> None:
    older, newer = promotions.register(), promotions.register()
    before = promotions.executions()
    with repeated_events(promotions, times=3):
        promotions.decide(newer)
        promotions.decide(older)
        promotions.drive(lambda: len(promotions.executions()) == len(before) + 6 and promotions.all_have_ended())
    late_event(promotions, newer)
    promotions.drive(lambda: len(promotions.executions()) == len(before) + 7 and promotions.all_have_ended())
    ended = [status for id_, status in promotions.executions().items() if id_ not in before]
    assert sorted(ended) == ["Stopped"] * 5 + ["Succeeded"] * 2
    s3, bucket = promotions.acme.client("s3", promotions.tooling), artifacts(promotions)
    records = Records(s3=s3, bucket=bucket, folder=USE_CASE.replace("--", "/"))
    for version in (newer, older):
        execution = promotion(promotions, version)["execution"]
        for environment in ("preproduction", "production"):
            deployed = records.read(deployment_of(execution, environment))
            assert deployed is not None
            assert deployed["model_package"] == promotions.arn(version)
    assert promotions.versions_served() == {"preproduction": older, "production": older}
    assert (promotions.marks(newer), promotions.marks(older)) == (set(), {"preproduction", "production"})


@pytest.mark.requirement("WP-10.b", "CI-10.e")
def test_a_version_whose_endpoint_does_not_bear_its_load_leaves_preproduction(promotions: Promotions) -> None:
    served, load = promotions.versions_served(), {"requests_per_second": 5, "seconds": 10}
    promotions.configure(staging={"load_test": {**load, "latency_milliseconds": 0.001}})
    slow = promote(promotions)
    failed = promotion(promotions, slow)
    (stage,) = [candidate for candidate in failed["stages"] if candidate["stage"] == "Preproduction"]
    assert (stage["status"], stage["action"]) == ("Failed", "Test")
    assert "ModelLatency p99 was" in stage["reason"]
    assert "the limit is 0.001 ms" in stage["reason"]
    assert promotions.versions_served() == served
    promotions.configure(staging={"load_test": {**load, "latency_milliseconds": 60_000}})
    passed = promote(promotions)
    assert promotions.versions_served() == {"preproduction": passed, "production": passed}


def promote(promotions: Promotions) -> int:
    """Registers and approves a copy of version 1, waits until its promotion and a rollback have ended, and returns its
    number."""
    version = promotions.register()
    promotions.decide(version)
    promotions.drive(lambda: ended(promotions, version) and promotions.all_have_ended())
    return version


def ended(promotions: Promotions, version: int) -> bool:
    """Returns whether a promotion of a version has succeeded, or the rollback after its failure has."""
    report = promotions.report()["promotions"]
    own = [entry["status"] for entry in report if entry["version"] == version and not entry["is_rollback"]]
    return "Succeeded" in own or ("Failed" in own and bool(report[0]["is_rollback"]))


@contextmanager
def repeated_events(promotions: Promotions, *, times: int) -> Iterator[None]:
    """Lets each approval start the pipeline several times, as EventBridge may."""
    events = promotions.acme.client("events", promotions.tooling)
    (target,) = events.list_targets_by_rule(Rule=APPROVED)["Targets"]
    more = [{**target, "Id": f"repeated-{number}"} for number in range(1, times)]
    events.put_targets(Rule=APPROVED, Targets=more)
    try:
        yield
    finally:
        events.remove_targets(Rule=APPROVED, Ids=[duplicate["Id"] for duplicate in more])


def late_event(promotions: Promotions, version: int) -> None:
    """Delivers the approval of a version once more. Nobody may put events of AWS, so the rule accepts another source
    meanwhile."""
    events = promotions.acme.client("events", promotions.tooling)
    rule = events.describe_rule(Name=APPROVED)
    events.put_rule(Name=APPROVED, EventPattern=json.dumps({"source": [LATE]}))
    try:
        detail = json.dumps({"ModelPackageArn": promotions.arn(version)})
        events.put_events(Entries=[{"Source": LATE, "DetailType": "Late", "Detail": detail}])
    finally:
        events.put_rule(**{member: rule[member] for member in ("Name", "EventPattern", "Description", "State")})


def artifacts(promotions: Promotions) -> str:
    """Returns the bucket of the archives, which also has the records."""
    archive = promotions.version()["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    return str(archive.split("/")[2])


@pytest.mark.requirement("PRE-01.b", "WP-10.a")
@pytest.mark.requirement("PROM-05")
@pytest.mark.requirement("RB-01")
@pytest.mark.requirement("RB-02")
def test_a_version_that_fails_a_test_leaves_preproduction_and_never_enters_production(promotions: Promotions) -> None:
    served = promotions.versions_served()
    names = {environment: promotions.resources(environment) for environment in served}
    production = promotions.endpoint("production")
    wrong = promotions.register(lambda code: code + IS_ALWAYS_SURE)
    count = len(promotions.executions())
    promotions.decide(wrong)
    promotions.drive(lambda: len(promotions.executions()) == count + 2 and promotions.all_have_ended())
    failed = promotion(promotions, wrong)
    assert stages(failed)["Preproduction"] == "Failed"
    (stage,) = [candidate for candidate in failed["stages"] if candidate["stage"] == "Preproduction"]
    assert stage["action"] == "Test"
    assert "test_predictions_are_spread" in stage["reason"]
    assert not stages(failed).keys() & {"Release", "Production"}
    returned = promotions.report()["promotions"][0]
    assert (returned["is_rollback"], returned["status"]) == (True, "Succeeded")
    assert returned["version"] == served["preproduction"]
    assert promotions.versions_served() == served
    assert {environment: promotions.resources(environment) for environment in served} == names
    assert promotions.endpoint("production") == production
    assert promotions.marks(wrong) == set()


@pytest.mark.requirement("RB-01", "RT-04.b", "PROM-08.b")
@pytest.mark.requirement("RB-03")
@pytest.mark.requirement("PROM-11")
@pytest.mark.requirement("RT-08.a")
def test_an_alarm_during_the_canary_returns_production_also_if_the_sandbox_was_killed_meanwhile(
    promotions: Promotions,
) -> None:
    served, names = promotions.versions_served(), promotions.resources("production")
    before = promotions.endpoint("production")
    failing = promotions.register(lambda code: code + FAILS_ON_RARE_ROWS)
    count = len(promotions.executions())
    promotions.decide(failing)
    promotions.drive(lambda: promotions.bakes("production"), baked=["preproduction"])
    promotions.kill_the_sandbox()
    assert promotions.bakes("production")
    request = json.loads((promotions.deployment / "tests" / "data" / "request.json").read_text())
    row = request["instances"][0]
    rare = {**row, next(iter(row)): RARE}
    # The new version gets every second request: one of two rare rows, of which the second has another parity.
    answers = [promotions.invoke("production", rare if number in (332, 665) else row) for number in range(667)]
    assert answers.count(False) == 1
    promotions.advance("1m")
    promotions.drive(lambda: len(promotions.executions()) == count + 2 and promotions.all_have_ended())
    failed = promotion(promotions, failing)
    (stage,) = [candidate for candidate in failed["stages"] if candidate["stage"] == "Production"]
    assert stage["status"] == "Failed"
    (alarm,) = stage["alarms"]
    assert alarm["alarm"] in stage["reason"]
    of_a_fleet = rf"{before['EndpointName']}-[0-9a-f]{{8}}-AllTraffic-Invocation5XXErrors"
    assert re.fullmatch(of_a_fleet, alarm["alarm"])
    assert not alarm["alarm"].startswith(before["EndpointConfigName"]), "the fleet before had no error"
    assert datetime.fromisoformat(alarm["at"]) > datetime.fromisoformat(failed["started"])
    shown = promotions.plinth("promotions", USE_CASE, by="dan").stdout
    assert f"alarm {alarm['alarm']} at {alarm['at']}" in shown
    returned = promotions.report()["promotions"][0]
    assert (returned["is_rollback"], returned["status"]) == (True, "Succeeded")
    after = promotions.endpoint("production")
    assert (after["EndpointStatus"], after["EndpointConfigName"]) == ("InService", before["EndpointConfigName"])
    assert alarm["alarm"] in after["FailureReason"]
    assert all(promotions.invoke("production", rare) for _ in range(4))
    assert promotions.versions_served() == {"preproduction": failing, "production": served["production"]}
    assert promotions.marks(failing) == {"preproduction"}
    assert promotions.resources("production") == names


@pytest.mark.requirement("RB-04.b")
def test_a_rollback_runs_while_the_alarm_of_what_it_replaces_is_on_and_keeps_the_capacity(
    promotions: Promotions,
) -> None:
    before = promotions.versions_served()["production"]
    failing = promotions.register(lambda code: code + FAILS_ON_RARE_ROWS)
    count = len(promotions.executions())
    promotions.decide(failing)
    promotions.drive(lambda: len(promotions.executions()) == count + 1 and promotions.all_have_ended())
    assert promotions.versions_served()["production"] == failing
    scaled_to = scale_out(promotions)
    request = json.loads((promotions.deployment / "tests" / "data" / "request.json").read_text())
    row = request["instances"][0]
    rare = {**row, next(iter(row)): RARE}
    assert not any(promotions.invoke("production", rare) for _ in range(8))
    promotions.advance("2m")
    alarms = promotions.client("cloudwatch", "production").describe_alarms(StateValue="ALARM")["MetricAlarms"]
    assert any(alarm["AlarmName"].startswith(USE_CASE) for alarm in alarms)
    promotions.plinth("rollback", USE_CASE, "--environment=production", "--yes", by="dan")
    promotions.drive(lambda: len(promotions.executions()) == count + 2 and promotions.all_have_ended())
    returned = promotions.report()["promotions"][0]
    assert (returned["is_rollback"], returned["status"], returned["version"]) == (True, "Succeeded", before)
    assert promotions.versions_served() == {"preproduction": failing, "production": before}
    assert promotions.invoke("production", rare)
    (variant,) = promotions.endpoint("production")["ProductionVariants"]
    assert variant["CurrentInstanceCount"] == scaled_to


def scale_out(promotions: Promotions) -> int:
    """Starts as many instances in production as its scaling may, and returns their number."""
    name = promotions.endpoint("production")["EndpointName"]
    scaling = promotions.client("application-autoscaling", "production")
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    most = int(target["MaxCapacity"])
    sagemaker = promotions.client("sagemaker", "production")
    (variant,) = promotions.endpoint("production")["ProductionVariants"]
    assert variant["CurrentInstanceCount"] < most
    given = [{"VariantName": variant["VariantName"], "DesiredInstanceCount": most}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=name, DesiredWeightsAndCapacities=given)
    eventually(lambda: promotions.endpoint("production")["EndpointStatus"] == "InService")
    return most
