"""The stacks of what environments copy out of the lake."""

from __future__ import annotations

import json

import pytest

from settings.derived.stack_graph import StackIdentity, stacks_in
from settings.team.team import EnvironmentSettings
from tests.support.documents import as_list, statements
from tests.support.every_stack import (
    COPIED,
    COPIES,
    Deployment,
    example_deployment,
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


def test_an_environment_that_copies_nothing_has_no_stack_for_it():
    names = {stack.name for stack in example_foundation().stacks}
    assert {name for name in names if name.endswith("-intake")} == {STACK, "fraud-development-intake"}


def test_who_copies_is_there_before_its_team_is_granted_anything():
    graph = stacks_in("scalable", ["fraud"], intakes=["fraud-production"])
    stack = StackIdentity("intake", "fraud", "production")
    assert stack in graph[StackIdentity("data", "fraud")]
    assert {StackIdentity("production", "fraud"), StackIdentity("data-lake")} <= set(graph[stack])


@pytest.mark.parametrize("environment", ["experimentation", "development", "preproduction", "production"])
def test_a_name_of_an_intakes_stack_stands_for_one_stack(environment):
    stack = StackIdentity.parse(f"fraud-{environment}-intake")
    assert stack == StackIdentity("intake", "fraud", environment)
    assert stack.name == f"fraud-{environment}-intake"
    assert stack.account_kind == stack.environment == environment
    assert not stack.is_environment


@pytest.mark.requirement("DL-08")
def test_the_role_that_copies_is_granted_tables_as_jobs_are():
    grants = [g.inputs for g in example_deployment()["fraud-data"].all(GRANT)]
    own = [g for g in grants if g["principal"].endswith(f"role/plinth/{STACK}")]
    jobs = [g for g in grants if g["principal"].endswith("role/plinth/fraud-production-execution")]
    assert own
    assert sorted(map(what, own)) == sorted(map(what, jobs))


@pytest.mark.requirement("INT-03")
def test_it_writes_into_inputs_of_its_use_cases_and_into_answers_and_nowhere_else():
    (written,) = [s for s in permissions().values() if "s3:PutObject" in as_list(s["Action"])]
    bucket = example_deployment()["fraud-production"].exports["bucket_arn"]
    assert as_list(written["Resource"]) == [f"{bucket}/scoring/*/input/*", f"{bucket}/queries/fraud-production/*"]
    assert not [s for s in permissions().values() if "s3:DeleteObject" in as_list(s["Action"])]


def test_it_asks_in_the_workgroup_of_its_environment_for_databases_that_it_copies_from():
    asked = permissions()
    assert as_list(asked["Ask"]["Resource"])[0].endswith(":workgroup/fraud-production")
    seen = {arn.partition(":catalog")[0].rpartition(":")[2] for arn in as_list(asked["SeeTables"]["Resource"])}
    assert {name for name in seen if name.startswith("database/")} == {"database/inference", "database/lake_inference"}


@pytest.mark.requirement("INT-06")
def test_it_starts_the_pipelines_that_its_intakes_name():
    assert permissions()["StartPipelines"]["Resource"].endswith(":pipeline/fraud--scoring-batch")
    assert states("by-the-clock")["StartPipeline"]["Arguments"]["PipelineName"] == "fraud--scoring-batch"
    assert "StartPipeline" not in states("as-it-comes")


@pytest.mark.requirement("INT-04")
def test_the_clock_starts_what_has_a_schedule():
    (rule,) = [r.inputs for r in intake().all(RULE) if "scheduleExpression" in r.inputs]
    assert rule["scheduleExpression"] == COPIES["by-the-clock"].schedule
    target = next(t.inputs for t in intake().all(TARGET) if t.inputs["rule"] == rule["name"])
    assert json.loads(target["inputTransformer"]["inputTemplate"]) == {"claim": "clock <time>", "gather": False}
    assert target["inputTransformer"]["inputPaths"] == {"time": "$.time"}


@pytest.mark.requirement("INT-09")
def test_every_target_starts_as_a_role_that_only_starts_and_loses_nothing():
    starter = permissions("-start")
    assert [as_list(s["Action"]) for s in starter.values()] == [["states:StartExecution"]]
    queue = intake().one("aws:sqs/queue:Queue", "dead-letters")
    for target in intake().all(TARGET):
        if ":stateMachine:" in target.inputs["arn"]:
            assert target.inputs["roleArn"].endswith(f"role/plinth/{STACK}-start")
            assert target.inputs["deadLetterConfig"]["arn"] == queue.computed["arn"]


def test_the_roles_work_for_the_intakes_of_this_environment_alone():
    trusts = {r.inputs["name"]: statements(r, "assumeRolePolicy") for r in intake().all(ROLE)}
    (copying,) = trusts[STACK].values()
    assert copying["Principal"] == {"Service": "states.amazonaws.com"}
    assert copying["Condition"]["ArnLike"]["aws:SourceArn"].endswith(f":stateMachine:{STACK}-*")
    (starting,) = trusts[f"{STACK}-start"].values()
    assert starting["Principal"] == {"Service": "events.amazonaws.com"}
    assert all(f"/{STACK}-*" in arn for arn in as_list(starting["Condition"]["ArnLike"]["aws:SourceArn"]))


def test_where_nothing_is_said_every_column_that_the_environment_reads_is_copied():
    assert 'SELECT \\"amount\\", \\"day\\" FROM' in states("by-the-clock")["Copy"]["Arguments"]["QueryString"]
    assert 'SELECT \\"amount\\" FROM' in states("as-it-comes")["Copy"]["Arguments"]["QueryString"]


def test_where_the_lake_is_in_the_same_account_it_is_asked_without_a_link():
    foundation = example_foundation(organization=example_organization(placement="small"), teams=[example_team()])
    machine = Deployment(foundation)[STACK].all(MACHINE)[0]
    assert (
        'FROM \\"inference\\".'
        in json.loads(machine.inputs["definition"])["States"]["Copy"]["Arguments"]["QueryString"]
    )


def test_an_intake_more_leaves_the_others_as_they_are():
    more = {**COPIES, "once-more": COPIES["by-the-clock"]}
    settings = EnvironmentSettings(team="fraud", environment="production", intake=more)
    after = Deployment(example_foundation(settings, datasets=[COPIED]))[STACK]
    machines = {record.urn: record.inputs for record in after.all(MACHINE)}
    for record in intake().all(MACHINE):
        assert machines[record.urn] == record.inputs


def test_a_preview_before_anything_is_up_shows_the_same_resources():
    assert {r.urn for r in intake(preview=True)} == {r.urn for r in intake()}


def in_the_lake(type_):
    return [r for r in intake().all(type_) if r.provider == "data-lake"]


@pytest.mark.requirement("INT-05")
def test_the_lakes_account_tells_of_what_was_written_under_the_part_and_of_nothing_else():
    (rule,) = in_the_lake(RULE)
    pattern = json.loads(rule.inputs["eventPattern"])
    lake = example_deployment()["data-lake"].exports
    assert pattern["detail-type"] == ["Object Created"]
    assert pattern["detail"] == {
        "bucket": {"name": [lake["zone_buckets"]["curated"]]},
        "object": {"key": [{"prefix": "cards/inference/"}]},
    }


@pytest.mark.requirement("INT-05")
def test_the_bus_takes_events_of_the_role_that_tells_and_of_nobody_else():
    (role,) = in_the_lake(ROLE)
    bus = intake().one("aws:cloudwatch/eventBus:EventBus")
    assert bus.inputs["kmsKeyIdentifier"] == example_deployment()["fraud-production"].exports["key_arn"]
    (admitted,) = statements(intake().one("aws:cloudwatch/eventBusPolicy:EventBusPolicy")).values()
    assert admitted["Condition"]["ArnEquals"] == {"aws:PrincipalArn": role.computed["arn"]}
    assert admitted["Principal"] == {"AWS": f"arn:aws:iam::{role.computed['arn'].split(':')[4]}:root"}
    (target,) = in_the_lake(TARGET)
    assert (target.inputs["arn"], target.inputs["roleArn"]) == (bus.computed["arn"], role.computed["arn"])


@pytest.mark.requirement("INT-05")
def test_an_arrival_starts_with_the_objects_version():
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


def test_where_nothing_arrives_the_lakes_account_holds_nothing():
    settings = EnvironmentSettings(
        team="fraud", environment="production", intake={"by-the-clock": COPIES["by-the-clock"]}
    )
    recorder = Deployment(example_foundation(settings, datasets=[COPIED]))[STACK]
    assert {record.provider for record in recorder.resources} == {"fraud-production"}
    assert not recorder.all("aws:cloudwatch/eventBus:EventBus")
