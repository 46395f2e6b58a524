"""Pipeline steps that run as Glue jobs."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase

import pytest

from tests.support.documents import as_list, statements
from tests.support.every_stack import STEPS, example_deployment
from tests.support.recorder import Record, Recorder

STACK = "fraud-development-intake"
QUEUE = "aws:sqs/queue:Queue"


def stack(*, preview: bool = False) -> Recorder:
    return example_deployment(preview=preview)[STACK]


def job() -> Record:
    return stack().one("aws:glue/job:Job")


def permissions(suffix: str) -> dict[str, dict[str, object]]:
    found = stack().all("aws:iam/rolePolicy:RolePolicy")
    (own,) = [record for record in found if record.inputs["role"] == f"{STACK}-{suffix}"]
    return statements(own)


@pytest.mark.requirement("INT-02.a")
def test_a_pipe_starts_the_steps_for_each_message() -> None:
    pipe = stack().one("aws:pipes/pipe:Pipe").inputs
    assert pipe["source"].endswith(":fraud--scoring-dev-join")
    assert pipe["target"] == stack().one("aws:sfn/stateMachine:StateMachine").computed["arn"]
    assert pipe["sourceParameters"] == {"sqsQueueParameters": {"batchSize": 1}}


@pytest.mark.requirement("INT-02.a", "INT-02.b", "TR-02.c")
def test_the_state_machine_runs_the_job_and_reports_to_the_pipeline() -> None:
    machine = stack().one("aws:sfn/stateMachine:StateMachine")
    states = json.loads(machine.inputs["definition"])["States"]
    assert states["Run"]["Arguments"]["JobName"] == job().inputs["name"]
    assert states["Run"]["Next"] == "TellSuccess"
    assert states["Run"]["TimeoutSeconds"] > STEPS["join"].timeout_minutes * 60
    assert {"TellSuccess", "TellFailure"} <= set(states)


def test_failed_messages_go_to_the_dead_letter_queue_and_only_the_pipelines_may_send() -> None:
    (queue,) = [record for record in stack().all(QUEUE) if record.inputs["name"] == "fraud--scoring-dev-join"]
    dead = stack().one(QUEUE, "dead-letters")
    assert json.loads(queue.inputs["redrivePolicy"])["deadLetterTargetArn"] == dead.computed["arn"]
    (policy,) = [
        record
        for record in stack().all("aws:sqs/queuePolicy:QueuePolicy")
        if record.inputs["queueUrl"] == queue.computed["url"]
    ]
    refused = statements(policy)["RefuseOthersThanItsPipelines"]
    sender = refused["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    assert sender.endswith(":role/plinth/fraud--scoring-dev-pipeline")


def test_the_job_runs_in_the_network_under_the_environments_key() -> None:
    inputs = job().inputs
    assert len(inputs["connections"]) == 2
    assert inputs["securityConfiguration"] == STACK
    assert inputs["defaultArguments"]["--tables"] == "lake_historical.cards,lake_inference.cards"


def test_the_job_writes_only_inputs_of_its_use_case() -> None:
    (written,) = [s for s in permissions("job-join").values() if "s3:PutObject" in as_list(s["Action"])]
    bucket = example_deployment()["fraud-development"].exports["bucket_arn"]
    assert [str(arn).startswith(f"{bucket}/scoring/") for arn in as_list(written["Resource"])] == [True]
    assert str(written["Resource"]).endswith("/input/*")


def test_the_job_has_the_table_grants_of_the_environments_jobs() -> None:
    def what(role: str) -> list[str]:
        grants = example_deployment()["fraud-data"].all("aws:lakeformation/permissions:Permissions")
        own = [grant.inputs for grant in grants if grant.inputs["principal"].endswith(f"role/plinth/{role}")]
        return sorted(json.dumps({**grant, "principal": ""}, sort_keys=True) for grant in own)

    assert what(f"{STACK}-job-join") == what("fraud-development-execution") != []


def test_the_key_policy_admits_the_roles_of_the_services() -> None:
    key = example_deployment()["fraud-development"].one("aws:kms/key:Key")
    roles = as_list(statements(key)["RolesOfServicesUseTheKey"]["Condition"]["ArnEquals"]["aws:PrincipalArn"])
    assert {role.rpartition("/")[2] for role in roles} >= {f"{STACK}-steps", f"{STACK}-job-join"}


def test_the_boundary_allows_the_calls_of_the_roles_where_there_are_steps() -> None:
    called = {
        action
        for suffix in ("pipes", "steps", "job-join")
        for statement in permissions(suffix).values()
        for action in as_list(statement["Action"])
    }
    assert "glue:StartJobRun" in called
    allowed = boundary("development")
    # Passing a role is allowed by another statement, for some services.
    assert {action for action in called - {"iam:PassRole"} if not any(fnmatchcase(action, a) for a in allowed)} == set()
    assert "glue:StartJobRun" not in boundary("production")


def boundary(environment: str) -> list[str]:
    """Returns the actions that the boundary of an environment's roles allows on known accounts."""
    policy = example_deployment()[f"fraud-{environment}"].one("aws:iam/policy:Policy", "boundary")
    return as_list(statements(policy)["WorkOnKnownAccounts"]["Action"])


def test_a_first_preview_shows_the_same_resources() -> None:
    assert {r.urn for r in stack(preview=True)} == {r.urn for r in stack()}
