"""The stacks of environments' intakes."""

from __future__ import annotations

import json

import pytest

from settings.data.intake import FreshFeatures
from settings.derived.stack_graph import StackIdentity, stacks_in
from settings.team.team import EnvironmentSettings
from tests.support.documents import as_list, statements
from tests.support.every_stack import (
    COPIED,
    COPIES,
    Deployment,
    example_deployment,
    example_feature_group,
    example_foundation,
    example_organization,
    example_team,
)

STACK = "fraud-production-intake"
MACHINE = "aws:sfn/stateMachine:StateMachine"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
ROLE = "aws:iam/role:Role"
PERMISSIONS = "aws:iam/rolePolicy:RolePolicy"
GRANT = "aws:lakeformation/permissions:Permissions"


def intake(*, preview=False):
    return example_deployment(preview=preview)[STACK]


def permissions(suffix=""):
    (found,) = [r for r in intake().all(PERMISSIONS) if r.inputs["role"] == f"{STACK}{suffix}"]
    return statements(found)


def what(grant):
    return json.dumps({**grant, "principal": ""}, sort_keys=True)


def states(name):
    (machine,) = [r for r in intake().all(MACHINE) if r.inputs["name"] == f"{STACK}-{name}"]
    return json.loads(machine.inputs["definition"])["States"]


def test_an_environment_without_intakes_has_no_intake_stack():
    names = {stack.name for stack in example_foundation().stacks}
    assert {name for name in names if name.endswith("-intake")} == {STACK, "fraud-development-intake"}


def test_the_intake_stack_comes_before_the_grants_of_its_team():
    graph = stacks_in("scalable", ["fraud"], intakes=["fraud-production"])
    stack = StackIdentity("intake", "fraud", "production")
    assert stack in graph[StackIdentity("data", "fraud")]
    assert {StackIdentity("production", "fraud"), StackIdentity("data-lake")} <= set(graph[stack])


@pytest.mark.parametrize("environment", ["experimentation", "development", "preproduction", "production"])
def test_the_name_of_an_intake_stack_identifies_one_stack(environment):
    stack = StackIdentity.parse(f"fraud-{environment}-intake")
    assert stack == StackIdentity("intake", "fraud", environment)
    assert stack.name == f"fraud-{environment}-intake"
    assert stack.account_kind == stack.environment == environment
    assert not stack.is_environment


def test_the_intake_role_has_the_table_grants_of_jobs():
    grants = [g.inputs for g in example_deployment()["fraud-data"].all(GRANT)]
    own = [g for g in grants if g["principal"].endswith(f"role/plinth/{STACK}")]
    jobs = [g for g in grants if g["principal"].endswith("role/plinth/fraud-production-execution")]
    assert own
    assert sorted(map(what, own)) == sorted(map(what, jobs))


@pytest.mark.requirement("INT-03")
def test_the_intake_role_writes_only_inputs_of_its_use_cases_and_query_results():
    (written,) = [s for s in permissions().values() if "s3:PutObject" in as_list(s["Action"])]
    bucket = example_deployment()["fraud-production"].exports["bucket_arn"]
    assert as_list(written["Resource"]) == [f"{bucket}/scoring/*/input/*", f"{bucket}/queries/fraud-production/*"]
    assert not [s for s in permissions().values() if "s3:DeleteObject" in as_list(s["Action"])]


def test_the_intake_role_queries_its_source_databases_in_the_environments_workgroup():
    asked = permissions()
    assert as_list(asked["Ask"]["Resource"])[0].endswith(":workgroup/fraud-production")
    seen = {arn.partition(":catalog")[0].rpartition(":")[2] for arn in as_list(asked["SeeTables"]["Resource"])}
    assert {name for name in seen if name.startswith("database/")} == {"database/inference", "database/lake_inference"}


@pytest.mark.requirement("BI-08.b")
def test_an_intake_that_waits_for_features_queries_their_offline_store():
    wanted = FreshFeatures(feature_group="card-activity", within_hours=6, wait_minutes=12)
    copies = {"by-the-clock": COPIES["by-the-clock"].model_copy(update={"fresh_features": wanted})}
    production = EnvironmentSettings(team="fraud", environment="production", intake=copies)
    foundation = example_foundation(production, feature_groups=[example_feature_group()])
    assert Deployment(foundation, preview=True)[STACK].one(MACHINE)
    stack = Deployment(foundation)[STACK]
    asked = statements(next(r for r in stack.all(PERMISSIONS) if r.inputs["role"] == STACK))
    assert "athena:GetQueryResults" in asked["Ask"]["Action"]
    seen = {arn.partition(":catalog")[0].rpartition(":")[2] for arn in as_list(asked["SeeTables"]["Resource"])}
    assert {"database/features", "database/lake_features", "table/features/*", "table/lake_features/*"} <= seen
    found = json.loads(stack.one(MACHINE).inputs["definition"])["States"]
    query = found["CheckFeatures"]["Arguments"]["QueryString"]
    assert 'FROM "lake_features"."card_activity" WHERE from_iso8601_timestamp("observed_at")' in query
    assert "interval '6' hour" in query
    last = found["HasFreshFeatures"]["Choices"][1]["Condition"]
    assert (found["WaitForFeatures"]["Seconds"], last) == (300, "{% $checks >= 3 %}"), "at once, after 5 and 10 minutes"


@pytest.mark.requirement("INT-06.a")
def test_the_intake_role_may_start_the_pipelines_that_its_intakes_name():
    assert permissions()["StartPipelines"]["Resource"].endswith(":pipeline/fraud--scoring-batch")
    assert states("by-the-clock")["StartPipeline"]["Arguments"]["PipelineName"] == "fraud--scoring-batch"
    assert "StartPipeline" not in states("as-it-comes")


@pytest.mark.requirement("INT-04")
def test_an_intake_with_a_schedule_has_a_scheduled_rule():
    (rule,) = [r.inputs for r in intake().all(RULE) if "scheduleExpression" in r.inputs]
    assert rule["scheduleExpression"] == COPIES["by-the-clock"].schedule
    target = next(t.inputs for t in intake().all(TARGET) if t.inputs["rule"] == rule["name"])
    assert json.loads(target["inputTransformer"]["inputTemplate"]) == {"claim": "clock <time>", "gather": False}
    assert target["inputTransformer"]["inputPaths"] == {"time": "$.time"}


@pytest.mark.requirement("INT-09.b", "WP-16.a")
def test_every_rule_target_uses_the_start_role_and_a_dead_letter_queue():
    starter = permissions("-start")
    assert [as_list(s["Action"]) for s in starter.values()] == [["states:StartExecution"]]
    queue = intake().one("aws:sqs/queue:Queue", "dead-letters")
    for target in intake().all(TARGET):
        if ":stateMachine:" in target.inputs["arn"]:
            assert target.inputs["roleArn"].endswith(f"role/plinth/{STACK}-start")
            assert target.inputs["deadLetterConfig"]["arn"] == queue.computed["arn"]


def test_the_roles_trust_only_the_intakes_of_this_environment():
    trusts = {r.inputs["name"]: statements(r, "assumeRolePolicy") for r in intake().all(ROLE)}
    (copying,) = trusts[STACK].values()
    assert copying["Principal"] == {"Service": "states.amazonaws.com"}
    assert copying["Condition"]["ArnLike"]["aws:SourceArn"].endswith(f":stateMachine:{STACK}-*")
    (starting,) = trusts[f"{STACK}-start"].values()
    assert starting["Principal"] == {"Service": "events.amazonaws.com"}
    assert all(f"/{STACK}-*" in arn for arn in as_list(starting["Condition"]["ArnLike"]["aws:SourceArn"]))


def test_an_intake_without_columns_copies_every_column_that_the_environment_reads():
    assert 'SELECT \\"amount\\", \\"day\\" FROM' in states("by-the-clock")["Copy"]["Arguments"]["QueryString"]
    assert 'SELECT \\"amount\\" FROM' in states("as-it-comes")["Copy"]["Arguments"]["QueryString"]


def test_in_the_lakes_account_an_intake_queries_without_a_resource_link():
    foundation = example_foundation(organization=example_organization(placement="small"), teams=[example_team()])
    machine = Deployment(foundation)[STACK].all(MACHINE)[0]
    assert (
        'FROM \\"inference\\".'
        in json.loads(machine.inputs["definition"])["States"]["Copy"]["Arguments"]["QueryString"]
    )


def test_adding_an_intake_does_not_change_the_others():
    more = {**COPIES, "once-more": COPIES["by-the-clock"]}
    settings = EnvironmentSettings(team="fraud", environment="production", intake=more)
    after = Deployment(example_foundation(settings, datasets=[COPIED]))[STACK]
    machines = {record.urn: record.inputs for record in after.all(MACHINE)}
    for record in intake().all(MACHINE):
        assert machines[record.urn] == record.inputs


def test_a_first_preview_shows_the_same_resources():
    assert {r.urn for r in intake(preview=True)} == {r.urn for r in intake()}


def in_the_lake(type_):
    return [r for r in intake().all(type_) if r.provider == "data-lake"]


@pytest.mark.requirement("INT-05")
def test_the_arrival_rule_matches_only_objects_of_the_dataset_part():
    (rule,) = in_the_lake(RULE)
    pattern = json.loads(rule.inputs["eventPattern"])
    lake = example_deployment()["data-lake"].exports
    assert pattern["detail-type"] == ["Object Created"]
    assert pattern["detail"] == {
        "bucket": {"name": [lake["zone_buckets"]["curated"]]},
        "object": {"key": [{"prefix": "cards/inference/"}]},
    }


@pytest.mark.requirement("INT-05")
def test_the_event_bus_accepts_events_only_from_the_arrival_role():
    (role,) = in_the_lake(ROLE)
    bus = intake().one("aws:cloudwatch/eventBus:EventBus")
    assert bus.inputs["kmsKeyIdentifier"] == example_deployment()["fraud-production"].exports["key_arn"]
    (admitted,) = statements(intake().one("aws:cloudwatch/eventBusPolicy:EventBusPolicy")).values()
    assert admitted["Condition"]["ArnEquals"] == {"aws:PrincipalArn": role.computed["arn"]}
    assert admitted["Principal"] == {"AWS": f"arn:aws:iam::{role.computed['arn'].split(':')[4]}:root"}
    (target,) = in_the_lake(TARGET)
    assert (target.inputs["arn"], target.inputs["roleArn"]) == (bus.computed["arn"], role.computed["arn"])


@pytest.mark.requirement("INT-05")
def test_events_that_do_not_leave_the_lakes_account_are_kept_there_with_its_key():
    (queue,) = in_the_lake("aws:sqs/queue:Queue")
    assert queue.inputs["kmsMasterKeyId"] == example_deployment()["data-lake"].exports["key_arn"]


@pytest.mark.requirement("INT-05")
def test_an_arrival_passes_the_objects_version_to_the_state_machine():
    (rule,) = [r.inputs for r in intake().all(RULE) if r.inputs["name"] == f"{STACK}-as-it-comes-arrival"]
    assert rule["eventBusName"] == STACK
    (target,) = [t.inputs for t in intake().all(TARGET) if t.inputs["rule"] == rule["name"]]
    assert target["eventBusName"] == STACK
    assert set(target["inputTransformer"]["inputPaths"].values()) == {
        "$.detail.bucket.name",
        "$.detail.object.etag",
        "$.detail.object.key",
        "$.detail.object.version-id",
    }
    started = json.loads(target["inputTransformer"]["inputTemplate"])
    assert started["claim"] == "object <bucket>/<key> version <version>"
    assert started["gather"] is True


def test_without_intakes_on_arrival_the_lakes_account_has_no_arrival_rule():
    settings = EnvironmentSettings(
        team="fraud", environment="production", intake={"by-the-clock": COPIES["by-the-clock"]}
    )
    recorder = Deployment(example_foundation(settings, datasets=[COPIED]))[STACK]
    assert {record.provider for record in recorder.resources} == {"fraud-production"}
    assert not recorder.all("aws:cloudwatch/eventBus:EventBus")
