"""The stacks of use cases: what starts a retraining, and who may send results of monitoring."""

from __future__ import annotations

import json

import pytest

from components.delivery import retraining_rules
from plinth_project.build import command as build_command
from plinth_project.build.report import comment
from plinth_project.build.retraining import command
from plinth_project.monitoring import report
from plinth_project.monitoring.effects import events
from settings.data.etl import EtlUnit
from settings.rules.deliveries import delivery_faults
from settings.rules.partial_config import PartialConfig
from settings.team.delivery import DeliverySettings
from settings.team.retraining import RetrainingSettings
from settings.team.use_case import UseCaseSettings
from settings.types.aws import use_case_builds
from settings.types.error_codes import Code
from tests.support.documents import statements
from tests.support.every_stack import (
    COPIED,
    Deployment,
    example_deployment,
    example_foundation,
    example_organization,
    example_team,
)

STACK = "fraud--scoring"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
BUS = "aws:cloudwatch/eventBus:EventBus"
BUS_POLICY = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
PERMISSIONS = "aws:iam/rolePolicy:RolePolicy"
PROJECT = "aws:codebuild/project:Project"
NAME = "fraud--scoring-monitoring"
APPROVERS = ("ben", "chloe")


def deployed(inference=("real-time",), approvers=APPROVERS, placement="large", **retraining):
    delivery = DeliverySettings(
        approvers=approvers, retraining=RetrainingSettings(**retraining) if retraining else None
    )
    teams = [example_team(use_cases={"scoring": UseCaseSettings(inference=inference, delivery=delivery)})]
    organization = example_organization(placement=placement)
    return Deployment(example_foundation(organization=organization, teams=teams))[STACK]


def account(kind):
    exports = example_deployment()["fraud" if kind != "tooling" else "organization"].exports
    return exports["accounts"][kind]


def target_of(stack, rule):
    (target,) = [resource.inputs for resource in stack.all(TARGET) if resource.inputs["rule"] == rule.inputs["name"]]
    return target


def started(template):
    """Returns what a target starts: the branch, and the variables of the build."""
    parsed = json.loads(template)
    return parsed["sourceVersion"], {
        variable["name"]: variable["value"] for variable in parsed["environmentVariablesOverride"]
    }


@pytest.mark.requirement("TR-12.d", "CI-12.d", "MON-05.a")
def test_drift_in_production_starts_a_build_of_main_that_trains_again():
    stack = deployed(on_drift=True, cooldown_days=2, runs_per_month=3)
    (rule,) = [resource for resource in stack.all(RULE) if resource.inputs.get("eventBusName") == NAME]
    assert rule.inputs["name"] == "fraud--scoring-drift"
    assert json.loads(rule.inputs["eventPattern"]) == {
        "source": ["fraud.scoring"],
        "detail-type": ["Model Comparison"],
        "detail": {"environment": ["production"], "verdict": ["drift", "worse"]},
    }
    target = target_of(stack, rule)
    assert target["arn"] == f"arn:aws:codebuild:eu-west-1:{account('tooling')}:project/fraud--scoring-build"
    assert target["eventBusName"] == NAME
    transformer = target["inputTransformer"]
    assert transformer["inputPaths"] == {name: f"$.detail.{name}" for name in ("reason", "report", "version")}
    branch, variables = started(transformer["inputTemplate"])
    assert branch == variables.pop("BRANCH") == "main"
    assert variables == {
        "TASK": "retrain", "REASON": "<reason>", "REPORT": "<report>", "SERVED_VERSION": "<version>"
    }  # fmt: skip
    projects = {
        project.inputs["name"]: project.inputs["environment"]["environmentVariables"] for project in stack.all(PROJECT)
    }
    limits = {variable["name"]: variable["value"] for variable in projects["fraud--scoring-build"]}
    assert (limits["RETRAINING_COOLDOWN_DAYS"], limits["RETRAINING_RUNS_PER_MONTH"]) == ("2", "3")


@pytest.mark.requirement("SZ-05.d", "SZ-08.d")
@pytest.mark.parametrize("placement", ["medium", "large"])
def test_every_placement_with_releases_monitors_both_environments_and_retrains_on_drift(placement):
    stack = deployed(placement=placement, on_drift=True)
    roles = {role.inputs["name"] for role in stack.all("aws:iam/role:Role")}
    wanted = {
        f"fraud--scoring-{stage}-{work}" for stage in ("preprod", "prod") for work in ("monitoring", "start-monitor")
    }
    assert wanted <= roles
    (rule,) = [resource for resource in stack.all(RULE) if resource.inputs.get("eventBusName") == NAME]
    assert started(target_of(stack, rule)["inputTransformer"]["inputTemplate"])[1]["TASK"] == "retrain"


@pytest.mark.requirement("TR-12.b", "CI-12.c")
def test_a_schedule_starts_the_same_build_without_a_report():
    stack = deployed(schedule="cron(0 4 ? * MON *)")
    assert not [resource for resource in stack.all(RULE) if resource.inputs.get("eventBusName")]
    (rule,) = [
        resource for resource in stack.all(RULE) if resource.inputs.get("scheduleExpression") == "cron(0 4 ? * MON *)"
    ]
    assert rule.inputs["name"] == "fraud--scoring-retraining"
    expected = {"BRANCH": "main", "TASK": "retrain", "REASON": "schedule"}
    assert started(target_of(stack, rule)["input"]) == ("main", expected)


@pytest.mark.requirement("TR-12.c", "SZ-03.a", "WP-17.b")
@pytest.mark.parametrize("placement", ["small", "medium", "large"])
def test_new_data_in_the_lake_starts_the_same_build(placement):
    stack = deployed(placement=placement, on_data=("cards",))
    succeeded = {"source": ["aws.glue"], "detail-type": ["Glue Job State Change"], "detail": {"state": ["SUCCEEDED"]}}
    (tells,) = [rule for rule in stack.all(RULE) if rule.inputs["name"] == "fraud--scoring-tell"]
    jobs = {"jobName": ["lake-cards"]}
    assert json.loads(tells.inputs["eventPattern"]) == {**succeeded, "detail": {**succeeded["detail"], **jobs}}
    sent = target_of(stack, tells)
    assert sent["arn"].endswith(":event-bus/fraud--scoring-data")
    assert sent["roleArn"].endswith(":role/plinth/fraud--scoring-tell")
    assert sent["deadLetterConfig"]["arn"].endswith(":fraud--scoring-untold")
    (policy,) = [
        bus_policy for bus_policy in stack.all(BUS_POLICY) if bus_policy.inputs["eventBusName"] == "fraud--scoring-data"
    ]
    (sends,) = statements(policy, "policy").values()
    assert sends["Resource"] == sent["arn"]
    assert sends["Condition"]["ArnEquals"] == {"aws:PrincipalArn": sent["roleArn"]}

    (starts,) = [rule for rule in stack.all(RULE) if rule.inputs.get("eventBusName") == "fraud--scoring-data"]
    assert json.loads(starts.inputs["eventPattern"]) == succeeded
    transformer = target_of(stack, starts)["inputTransformer"]
    assert transformer["inputPaths"] == {"job": "$.detail.jobName"}
    expected = {"BRANCH": "main", "TASK": "retrain", "REASON": "new data of the job <job>"}
    assert started(transformer["inputTemplate"]) == ("main", expected)


@pytest.mark.parametrize(
    ("dataset", "rule"),
    [
        ({"shared_with": {"fraud": ("production",)}}, "is not shared with fraud-development"),
        ({"etl": None}, "has no ETL job whose success tells of new data"),
        ({"etl": EtlUnit(sources=("cards",), crawl=True)}, "has no ETL job whose success tells of new data"),
        ({}, None),
    ],
)
def test_new_data_is_that_of_a_dataset_with_a_job_that_development_reads(dataset, rule):
    organization = example_organization()
    delivery = DeliverySettings(retraining=RetrainingSettings(on_data=("cards",)))
    team = example_team(use_cases={"scoring": UseCaseSettings(delivery=delivery)})
    given = COPIED.model_copy(update=dataset)
    config = PartialConfig.of(organization, {"fraud": team}, {}, {"cards": given}, {})
    faults = [fault for fault in delivery_faults(config) if fault.code == Code.RETRAINING]
    assert [fault.rule.startswith(rule) for fault in faults] == ([True] if rule else [])


@pytest.mark.parametrize("retraining", [{}, {"on_drift": True}])
def test_only_jobs_that_monitor_production_send_to_the_bus(retraining):
    stack = deployed(**retraining)
    (bus,) = stack.all(BUS)
    assert bus.inputs["name"] == NAME
    assert bus.inputs["kmsKeyIdentifier"]
    (sends,) = statements(stack.one(BUS_POLICY), "policy").values()
    role = f"arn:aws:iam::{account('production')}:role/plinth/fraud--scoring-prod-monitoring"
    assert sends["Condition"]["ArnEquals"] == {"aws:PrincipalArn": role}
    assert "aws:PrincipalOrgID" in sends["Condition"]["StringEquals"]
    sending = {
        record.inputs["role"]: statement
        for record in stack.all(PERMISSIONS)
        for statement in statements(record, "policy").values()
        if "events:PutEvents" in statement["Action"] and "event-bus/default" not in str(statement["Resource"])
    }
    assert list(sending) == ["fraud--scoring-prod-monitoring"]
    (statement,) = sending.values()
    assert statement["Resource"] == f"arn:aws:events:eu-west-1:{account('tooling')}:event-bus/{NAME}"
    assert statement["Condition"]["ForAllValues:StringEquals"] == {"events:source": "fraud.scoring"}


@pytest.mark.requirement("MON-05.a", "BI-05")
@pytest.mark.parametrize("inference", [("batch",), ("real-time", "batch")])
def test_pipelines_of_batch_inference_in_production_send_to_the_bus_and_drift_starts_the_same_build(inference):
    stack = deployed(inference=inference, on_drift=True)
    (sends,) = statements(stack.one(BUS_POLICY), "policy").values()
    works = {"real-time": "monitoring", "batch": "pipeline"}
    place = f"arn:aws:iam::{account('production')}:role/plinth"
    roles = [f"{place}/fraud--scoring-prod-{works[kind]}" for kind in inference]
    named = sends["Condition"]["ArnEquals"]["aws:PrincipalArn"]
    assert (named if isinstance(named, list) else [named]) == roles
    sending = [
        record.inputs["role"] for record in stack.all(PERMISSIONS) if "SendResults" in statements(record, "policy")
    ]
    assert sorted(sending) == sorted(role.rpartition("/")[2] for role in roles)
    (rule,) = [resource for resource in stack.all(RULE) if resource.inputs.get("eventBusName") == NAME]
    assert started(target_of(stack, rule)["inputTransformer"]["inputTemplate"])[1]["TASK"] == "retrain"


@pytest.mark.parametrize("changes", [{"inference": ("asynchronous",)}, {"approvers": ()}])
def test_use_cases_whose_data_nobody_compares_have_no_bus(changes):
    stack = deployed(schedule="rate(7 days)", **changes)
    assert not stack.all(BUS)
    assert [rule for rule in stack.all(RULE) if rule.inputs.get("scheduleExpression") == "rate(7 days)"]


def test_a_use_case_without_retraining_starts_none():
    stack = deployed()
    assert not [target for target in stack.all(TARGET) if "retrain" in json.dumps(target.inputs)]
    assert "RETRAINING_COOLDOWN_DAYS" not in json.dumps([project.inputs for project in stack.all(PROJECT)])


def test_the_library_of_use_cases_knows_the_names_of_events_and_variables():
    assert events.COMPARISON == retraining_rules.COMPARISON
    assert comment.RETRAIN == retraining_rules.RETRAIN
    assert (report.DRIFT, report.WORSE) == retraining_rules.VERDICTS
    assert build_command.REPEATED == use_case_builds.REPEATED
    variables = ("REASON", "REPORT", "SERVED_VERSION")
    assert [getattr(command, name) for name in variables] == [getattr(retraining_rules, name) for name in variables]
