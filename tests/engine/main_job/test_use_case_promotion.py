"""An approved version passes pre-production, two people and production, and answers requests at the end."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.waiting import eventually
from tests.engine.main_job.billing import answered_requests, jobs_of, labels_of, write_bill
from tests.engine.main_job.promotions import (
    APPROVERS,
    RELEASES_ONLY,
    STARTER,
    USE_CASE,
    Promotions,
    faults,
    stages,
)
from tests.engine.main_job.retrainings import builds_that_train_again, ended_retraining, versions
from tests.support.workbench import Workbench

OUTSIDE = "outside the range"
OF_MODELS = {"AWS/SageMaker", "/aws/sagemaker/Endpoints", "plinth/fraud/scoring"}
"""Namespaces of metrics of endpoints, of their instances, and of monitoring."""
ATTEMPTS = """
import json, os
import boto3
from botocore.exceptions import ClientError

bucket, folder = os.environ["ARTIFACT_BUCKET"], "fraud/scoring/promotions"
put = dict(Bucket=bucket, Body=b"{}", ServerSideEncryption="aws:kms", SSEKMSKeyId=os.environ["ARTIFACT_KEY_ARN"])
s3, sts, sagemaker = (boto3.client(service, region_name="eu-west-1") for service in ("s3", "sts", "sagemaker"))
failure = f"{folder}/executions/{os.environ['CODEBUILD_BUILD_ID'].rpartition(':')[2]}/failure-preproduction.json"
attempts = {
    "preproduction": lambda: sts.assume_role(RoleArn=os.environ["OWN"], RoleSessionName="it"),
    "production": lambda: sts.assume_role(RoleArn=os.environ["OTHER"], RoleSessionName="it"),
    "plan": lambda: s3.put_object(Key=f"{folder}/executions/1/plan.json", **put),
    "approval": lambda: s3.put_object(Key=f"{folder}/executions/1/approval-release.json", IfNoneMatch="*", **put),
    "state": lambda: s3.put_object(
        Key="fraud/scoring/deployments/.pulumi/stacks/fraud--scoring/fraud-production.json", **put
    ),
    "add failure": lambda: s3.put_object(Key=failure, IfNoneMatch="*", **put),
    "replace failure": lambda: s3.put_object(Key=failure, **put),
    "mark": lambda: sagemaker.update_model_package(
        ModelPackageArn=os.environ["VERSION"], CustomerMetadataProperties={"serves-production": "yes"}
    ),
}
found = {}
for name, attempt in attempts.items():
    try:
        attempt()
        found[name] = "allowed"
    except ClientError as error:
        found[name] = error.response["Error"]["Code"]
print(json.dumps(found))
"""


def searched_by(cloudwatch: Any, dashboard: str) -> set[str]:
    """Returns the names of the metrics that the charts of a dashboard search for."""
    body = cloudwatch.get_dashboard(DashboardName=dashboard)["DashboardBody"]
    return set(re.findall(r'MetricName="(\w+)"', body.replace('\\"', '"')))


@pytest.fixture(scope="module")
def promotions(acme: Workbench) -> Promotions:
    return Promotions(acme)


def test_the_first_push_of_the_deployment_code_promotes_nothing(promotions: Promotions) -> None:
    eventually(promotions.all_have_ended)
    (first,) = promotions.report()["promotions"]
    assert (first["status"], stages(first)) == ("Stopped", {"Source": "Succeeded", "Prepare": "Abandoned"})
    assert first["reason"] == f"{promotions.group} has no approved version; approve one in the registry"


@pytest.mark.requirement("PROM-01.a", "AMB-04.a", "AMB-04.b")
@pytest.mark.requirement("PROM-02.c")
def test_an_approver_of_another_stage_ends_the_promotion_before_anything_is_deployed(
    promotions: Promotions,
) -> None:
    promotions.plinth("approve", USE_CASE, "--version=newest", "--comment=good", by="grace")
    promotions.approve(by=RELEASES_ONLY)
    ended = promotions.ended()
    assert ended["status"] == "Failed"
    assert stages(ended)["Review"] == "Failed"
    assert any(f"{RELEASES_ONLY} is not an approver of this stage" in fault for fault in faults(ended, "Review"))
    assert promotions.report()["environments"] == []
    assert (promotions.endpoints("preproduction"), promotions.endpoints("production")) == ([], [])


@pytest.mark.requirement("PROM-04", "RT-08.b", "PROM-02.a", "PROD-01.b", "TPL-04.b", "WP-17.a", "FIG-05.b")
@pytest.mark.requirement("PROM-05")
@pytest.mark.requirement("PROM-07")
@pytest.mark.requirement("PROM-08.a")
@pytest.mark.requirement("PROM-11")
@pytest.mark.requirement("PROM-12")
@pytest.mark.requirement("RT-01")
@pytest.mark.requirement("RT-02", "MON-02")
def test_a_version_that_two_people_approve_answers_in_production_as_its_archive_does(
    promotions: Promotions, tmp_path: Path
) -> None:
    promotions.plinth("promote", USE_CASE, "newest", by=STARTER)
    for stage, person in APPROVERS.items():
        eventually(lambda stage=stage: promotions.waits_in(stage))
        assert promotions.endpoints("production") == [], "nothing is deployed to production before its approval"
        promotions.approve(by=person)
    ended = promotions.ended()
    assert set(stages(ended).values()) == {"Succeeded"}, ended
    assert [ended_stage["approval"]["by"] for ended_stage in ended["stages"] if ended_stage["approval"]] == list(
        APPROVERS.values()
    )
    served = promotions.versions_served()
    assert served == {"preproduction": 1, "production": 1}
    for environment in served:
        (endpoint,) = promotions.endpoints(environment)
        assert endpoint["EndpointStatus"] == "InService"
    version = promotions.version()
    marks = version["CustomerMetadataProperties"]
    assert {name for name in marks if name.startswith("serves-")} == {"serves-preproduction", "serves-production"}
    request = promotions.deployment / "tests" / "data" / "request.json"
    answer = promotions.predict(request)
    assert len(answer) == len(json.loads(request.read_text())["instances"])
    archive = tmp_path / "model.tar.gz"
    source = version["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    bucket, _, key = source.removeprefix("s3://").partition("/")
    promotions.acme.client("s3", promotions.tooling).download_file(bucket, key, str(archive))
    assert answer == pytest.approx(promotions.local(request, archive))
    # The request brought its data: nothing was copied to an environment, which has captured requests only.
    for environment in served:
        assert promotions.captured(environment) > 0
        keys = promotions.objects(environment)
        assert all(key.startswith("scoring/monitoring/capture/") for key in keys), keys
        assert promotions.queries(environment) == []


@pytest.mark.requirement("PRE-04.a", "TOOL-06.a")
@pytest.mark.requirement("PROD-01.c")
def test_code_in_the_build_of_preproduction_reaches_neither_production_nor_the_records(promotions: Promotions) -> None:
    codebuild = promotions.acme.client("codebuild", promotions.tooling)
    roles = promotions.acme.outputs(USE_CASE)["role_arns"]
    variables = {
        "ATTEMPTS": ATTEMPTS,
        "OWN": roles["release-preproduction"],
        "OTHER": roles["release-production"],
        "VERSION": promotions.arn(1),
    }
    commands = ['FOUND="$(python -c "$ATTEMPTS")"']
    specification = {
        "version": "0.2",
        "env": {"exported-variables": ["FOUND"]},
        "phases": {"build": {"commands": commands}},
    }
    started = codebuild.start_build(
        projectName=f"{USE_CASE}-promotion-preprod",
        sourceTypeOverride="NO_SOURCE",
        artifactsOverride={"type": "NO_ARTIFACTS"},
        buildspecOverride=json.dumps(specification),
        environmentVariablesOverride=[{"name": name, "value": value} for name, value in variables.items()],
    )["build"]["id"]
    build = promotions.ended_build(started)
    assert build["buildStatus"] == "SUCCEEDED", build["phases"]
    (exported,) = build["exportedEnvironmentVariables"]
    found = json.loads(exported["value"])
    assert {name for name, answer in found.items() if answer == "allowed"} == {"preproduction", "add failure"}
    refused = {answer for answer in found.values() if answer != "allowed"}
    assert refused <= {"AccessDenied", "AccessDeniedException"}


@pytest.mark.requirement(
    "MON-01.b", "MON-04.a", "MON-05.a", "MON-07.a", "MON-08.a", "MON-08.b", "MON-10.a", "TR-12.d", "CI-12.d", "TR-13"
)
@pytest.mark.requirement("DEV-01.b")
def test_monitoring_is_quiet_until_a_column_shifts_which_sets_an_alarm_off_and_starts_a_retraining(
    promotions: Promotions, tmp_path: Path
) -> None:
    before, promoted = versions(promotions), promotions.executions()
    usual = promotions.trained_rows()
    column = next(iter(usual[0]))
    answers = promotions.ask("production", usual)
    # What really happened is what the model has predicted.
    truth = tmp_path / "truth.csv"
    lines = [f"{known},{round(prediction)}\n" for known, predicted in answers.items() for prediction in predicted]
    truth.write_text("".join(["id,label\n", *lines]))
    promotions.learn(truth)
    quiet = promotions.compared()
    assert (quiet["verdict"], quiet["findings"]) == ("quiet", [])
    assert quiet["rows"] >= len(usual)
    (day,) = promotions.judged_days()
    assert (day["day"], day["labelled"], day["rows"]) == (quiet["window"], len(usual), quiet["rows"])
    assert (day["measure"], day["now"], day["verdict"]) == ("roc_auc", 1.0, "as in training")
    assert 0.5 < day["trained"] <= 1
    promotions.ask("production", [{**row, column: row[column] * 1.6} for row in usual])
    shifted = promotions.compared()
    assert shifted["verdict"] == "drift"
    found = {
        kind: {finding["column"] for finding in shifted["findings"] if finding["kind"] == kind}
        for kind in ("drift", OUTSIDE)
    }
    # Predictions may follow the column.
    assert {kind: columns - {"prediction"} for kind, columns in found.items()} == {"drift": {column}, OUTSIDE: {column}}
    assert shifted["version"] == promotions.arn(1)

    # The same, read by another client: the report that a person opens, and the alarm that people are told of.
    page = promotions.object("production", f"scoring/monitoring/results/00001/{shifted['window']}/report.html")
    assert f'<tr class="drifted"><th scope="row">{column}</th>' in page
    promotions.advance("10m")
    alarm = f"{USE_CASE}-prod-drift"
    (found,) = promotions.client("cloudwatch", "production").describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    assert found["StateValue"] == "ALARM", found["StateReason"]

    # The dashboard of the account searches for metrics that endpoint and job have published.
    searched = searched_by(promotions.client("cloudwatch", "production"), "fraud-production-models")
    published = promotions.published("production")
    # Instances are measured once a minute, so their metrics may not exist yet.
    assert searched - {name for _, name in published} <= {"CPUUtilization", "MemoryUtilization"}
    assert {"Invocations", "ModelLatency", "DriftedColumns", "DataQualityFindings", "ModelQuality"} <= searched

    # The dashboard of the platform searches for the same ones. Its account sees them, and nothing else of the account.
    assert searched_by(promotions.in_governance("cloudwatch"), "plinth-models") == searched
    shared = promotions.shared("production")
    assert {("AWS/SageMaker", "Invocations"), ("plinth/fraud/scoring", "DriftedColumns")} <= shared <= published
    assert {namespace for namespace, _ in published} - OF_MODELS
    assert {namespace for namespace, _ in shared} <= OF_MODELS

    # Drift has started a retraining. Its data are those of version 1, so it cannot beat it, and registers nothing.
    record = ended_retraining(promotions, 1)
    assert record["outcome"] == "not better", record["reasons"]
    assert record["reason"].startswith(f"drift in production: {column}")
    assert record["report"].endswith(f"/scoring/monitoring/results/00001/{shifted['window']}/report.html")
    assert record["served_version"] == promotions.arn(1)
    assert any("is not better than" in reason for reason in record["reasons"])
    (build,) = builds_that_train_again(promotions)
    assert promotions.ended_build(build["id"])["buildStatus"] == "SUCCEEDED"
    assert versions(promotions) == before
    assert promotions.executions() == promoted


@pytest.mark.requirement("COST-01", "COST-02.b")
def test_the_bill_of_a_use_case_has_its_jobs_by_their_tags_beside_the_requests_that_it_answered(
    promotions: Promotions, tmp_path: Path
) -> None:
    acme, jobs, month = promotions.acme, jobs_of(promotions), f"{datetime.now(UTC):%Y-%m}"
    assert {"training-job", "processing-job"} <= {job.kind for job in jobs}
    own = {"plinth:team": "fraud", "plinth:use-case": "scoring"}
    assert [job.arn for job in jobs if not own.items() <= job.tags.items()] == []
    unknown = acme.plinth("cost", "--use-case", USE_CASE, check=False)
    assert unknown.returncode == 2
    assert "bill_by_tags: true" in unknown.stderr

    # The bill charges each job with its tags, and another use case.
    active = [{"TagKey": key, "Status": "Active"} for key in own]
    acme.client("ce").update_cost_allocation_tags_status(CostAllocationTagsStatus=active)
    other = (promotions.tooling, {**own, "plinth:use-case": "other"})
    write_bill(tmp_path / "bill.csv", [*((job.account, job.tags) for job in jobs), other], "0.5")
    acme.sandbox("charge", str(tmp_path / "bill.csv"))
    found = json.loads(acme.plinth("cost", "--use-case", USE_CASE, "--months", "0", "--json").stdout)["months"]
    labels = labels_of(promotions)
    by_account = Counter(labels[job.account] for job in jobs)
    assert [(cost["month"], cost["usd"]) for cost in found] == [(month, len(jobs) / 2)]
    assert found[0]["accounts"] == {label: number / 2 for label, number in by_account.items()}
    assert found[0]["requests"] == answered_requests(promotions, month)


@pytest.mark.requirement("AUD-06")
def test_the_portfolio_knows_goal_people_and_stage_of_each_use_case(promotions: Promotions) -> None:
    listed = promotions.acme.plinth("usecase", "list", "--stages", "--json").stdout
    found = {f"{use_case['team']}--{use_case['name']}": use_case for use_case in json.loads(listed)["use_cases"]}
    assert found["fraud--disputes"]["stage"] == "idea"
    scoring = found[USE_CASE]
    assert (scoring["stage"], scoring["owner"]) == ("production", "fraud-owner@acme.example")
    assert {*APPROVERS.values(), RELEASES_ONLY} == {*scoring["approvers"]}
    assert scoring["goal"]
    endpoint = promotions.endpoint("production")["EndpointArn"]
    tags = promotions.client("sagemaker", "production").list_tags(ResourceArn=endpoint)["Tags"]
    (version,) = (tag["Value"] for tag in tags if tag["Key"] == "model-version")
    assert f"production serves version {int(version)} since" in scoring["status"]

    # The same administrator sees the newest comparison of every model.
    (row,) = json.loads(promotions.acme.plinth("monitor", "--json").stdout)["use_cases"]
    assert (row["use_case"], row["verdict"], row["version"]) == (USE_CASE, "drift", str(int(version)))
