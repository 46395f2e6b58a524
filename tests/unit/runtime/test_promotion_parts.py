"""Parts of the program of the promotion, with answers of AWS that an emulated account does not give on request."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from io import BytesIO
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from runtime.promotion import verify as verification
from runtime.promotion.engine import LONGEST_REASON, DeploymentStack
from runtime.promotion.environment.served import Served
from runtime.promotion.errors import PromotionError
from runtime.promotion.program.traffic import announcements
from runtime.promotion.records import Records
from runtime.promotion.verify import verify
from runtime.promotion.versions import find_version

VERSION, BASELINE, OTHER = (f"arn:aws:sagemaker:eu-west-1:1:model-package/fraud--scoring-main/{n}" for n in (3, 2, 1))
PLAN = SimpleNamespace(model_package=VERSION, commit="c0", version=3, involved=())
OUTPUTS = {"version_arn": VERSION, "commit": "c0"}


class Bucket:
    """A bucket whose objects are documents by key. Without permission to list, S3 denies reading what is not there."""

    def __init__(self, objects, missing="NoSuchKey", listed=()):
        self.objects, self.missing, self.listed = objects, missing, listed

    def get_object(self, Bucket, Key):  # noqa: N803 (the client's argument)
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": self.missing, "Message": "no"}}, "GetObject")
        return {"Body": BytesIO(json.dumps(self.objects[Key]).encode())}

    def get_paginator(self, _operation):
        return SimpleNamespace(paginate=lambda **_: [{"Contents": [{"Key": key} for key in self.listed]}])


def records(bucket):
    return Records(s3=bucket, bucket="b", folder="fraud/scoring")


def test_a_denied_record_is_missing_only_if_it_is_not_listed():
    name = "robust/production.json"
    key = records(None).path(name)
    assert records(Bucket({key: {"version": 1}})).read(name) == {"version": 1}
    assert records(Bucket({}, "AccessDenied")).read(name) is None
    for bucket in (Bucket({}, "AccessDenied", listed=[key]), Bucket({}, "SlowDown")):
        with pytest.raises(ClientError):
            records(bucket).read(name)


@pytest.mark.parametrize(
    ("versions", "status", "fault"),
    [
        ({VERSION}, "InService", None),
        ({VERSION, BASELINE}, "InService", None),
        ({VERSION, OTHER}, "InService", "endpoint e serves"),
        ({BASELINE}, "InService", "endpoint e serves"),
        ({VERSION}, "Updating", "endpoint e is Updating: no reason given"),
    ],
)
def test_beside_the_version_of_the_plan_an_endpoint_serves_only_that_of_the_last_robust_state(versions, status, fault):
    endpoint = {"EndpointName": "e", "EndpointStatus": status}
    found = list(Served(versions=frozenset(versions), endpoint=endpoint).faults(OUTPUTS, PLAN, BASELINE))
    assert [message[: len(fault or "")] for message in found] == ([fault] if fault else [])


def test_the_last_approval_of_a_stage_counts(monkeypatch):
    def action(minute, person):
        at = datetime(2026, 11, 22, 9, minute, tzinfo=UTC)
        arn = f"arn:aws:sts::1:assumed-role/people/{person}"
        return {"stageName": "Review", "status": "Succeeded", "lastUpdateTime": at, "updatedBy": arn}

    monkeypatch.setattr(
        verification, "approvals", lambda *_: [action(1, "mallory"), action(5, "ben"), action(2, "eve")]
    )
    kept = {}
    store = SimpleNamespace(keep=lambda name, document: kept.setdefault(name, document))
    given = {"STAGE": "Review", "SCAN_RULES": json.dumps({"refused": "CRITICAL", "waivers": []})}
    variables = SimpleNamespace(
        required=given.__getitem__,
        pipeline="p",
        execution="x",
        approvers={"Review": ("ben",)},
        model_group="arn:aws:sagemaker:eu-west-1:1:model-package-group/fraud--scoring-main",
    )
    plan = SimpleNamespace(**vars(PLAN), contents=[])
    decision = verify(variables, SimpleNamespace(client=lambda _: None), store, plan)
    assert (decision.approver, decision.faults) == ("ben", ())


class Engine:
    """Answers of the engine, one for each command."""

    def __init__(self, *answers):
        self.answers, self.commands = list(answers), []

    def __call__(self, command, **_):
        self.commands.append(command[1])
        code, out, error = self.answers.pop(0)
        return subprocess.CompletedProcess(command, code, out, error)


@pytest.fixture
def outputs_with(monkeypatch, tmp_path):
    """Returns a function that reads the outputs of a stack, and returns them or the error, and the engine's commands.

    Reading them selects the stack and then runs the command that the answers are about.
    """
    (tmp_path / "Pulumi.yaml").write_text("name: release\nruntime: python\n")

    def outputs_with(*answers):
        engine = Engine((0, "", ""), *answers)
        monkeypatch.setattr(subprocess, "run", engine)
        stack = DeploymentStack(
            program=tmp_path, project="fraud--scoring", name="s", region="eu-west-1", records=records(None), settings={}
        )
        try:
            return stack.outputs(), engine.commands
        except PromotionError as error:
            return str(error), engine.commands

    return outputs_with


@pytest.mark.parametrize("said", [("the stack is currently locked", ""), ("", "the stack is currently locked")])
def test_a_lock_that_a_stopped_execution_left_is_broken_once(outputs_with, said):
    done = (0, '{"url": "u"}', "")
    assert outputs_with((255, *said), done, done) == ({"url": "u"}, ["stack", "stack", "cancel", "stack"])
    reason, commands = outputs_with((255, *said), done, (255, *said))
    assert commands == ["stack", "stack", "cancel", "stack"]
    assert "pulumi stack failed: the stack is currently locked" in reason


def test_a_failure_keeps_the_end_of_what_the_engine_said(outputs_with):
    reason, commands = outputs_with((1, "start" + "x" * LONGEST_REASON, "the reason"))
    assert commands == ["stack", "stack"]
    assert reason.endswith("the reason")
    assert "start" not in reason


def test_an_endpoint_whose_creation_was_interrupted_is_known_before_there_are_outputs(monkeypatch):
    asked = [
        {"type": "aws:sagemaker/model:Model", "urn": "m", "inputs": {"name": "model"}},
        {"type": "aws:sagemaker/endpoint:Endpoint", "urn": "e", "inputs": {"name": "fraud--scoring-prod"}},
    ]
    pending = [{"type": kind, "resource": resource} for kind in ("creating", "updating") for resource in asked]
    state = {"deployment": {"resources": [], "pending_operations": pending}}
    answers = {"select": "", "output": "{}", "export": json.dumps(state)}
    monkeypatch.setattr(DeploymentStack, "_run", lambda _, *words: answers[words[1]])
    stack = DeploymentStack(program=None, project="p", name="n", region="r", records=None, settings={})
    assert stack.endpoint() == "fraud--scoring-prod"
    answers["output"] = json.dumps({"endpoint_name": "other"})
    assert stack.endpoint() == "other"
    answers |= {"output": "{}", "export": json.dumps({"deployment": {"pending_operations": pending[2:]}})}
    assert stack.endpoint() is None, "an update of an endpoint does not create one"


def test_an_update_follows_a_preview_and_starts_from_what_aws_has(monkeypatch, tmp_path):
    commands = []

    def run(_, *words):
        commands.append(words)
        return json.dumps({"deployment": {"resources": []}} if words[:2] == ("stack", "export") else {})

    monkeypatch.setattr(DeploymentStack, "_run", run)
    settings = {"release:commit": "c0"}
    stack = DeploymentStack(program=tmp_path, project="p", name="n", region="r", records=None, settings=settings)
    stack.deploy()
    judged = [words for words in commands if words[0] in ("preview", "up")]
    assert [words[0] for words in judged] == ["preview", "up"]
    assert all({"--policy-pack", "release:commit=c0"} <= set(words) for words in judged)
    assert "--refresh" in judged[1]


def event(routing, diffs=("endpointConfigName",), op="update", termination=0):
    """A line of the engine's event log about an endpoint."""
    policy = {"trafficRoutingConfiguration": routing, "terminationWaitInSeconds": termination}
    inputs = {"name": "fraud--scoring-prod", "deploymentConfig": {"blueGreenUpdatePolicy": policy}}
    metadata = {"op": op, "type": "aws:sagemaker/endpoint:Endpoint", "diffs": diffs, "new": {"inputs": inputs}}
    return json.dumps({"resourcePreEvent": {"metadata": metadata}})


CANARY = {"type": "CANARY", "waitIntervalInSeconds": 300, "canarySize": {"type": "CAPACITY_PERCENT", "value": 10}}
LINEAR = {"type": "LINEAR", "waitIntervalInSeconds": 60, "linearStepSize": {"type": "CAPACITY_PERCENT", "value": 30}}
INSTANCES = {**LINEAR, "linearStepSize": {"type": "INSTANCE_COUNT", "value": 2}}


@pytest.mark.parametrize(
    ("routing", "termination", "steps", "wait", "minutes"),
    [
        (CANARY, 0, "2 steps, each", 300, 10),
        (LINEAR, 90, "4 steps, each", 60, 6),
        (INSTANCES, 0, "10 steps, each", 60, 10),
        ({"type": "ALL_AT_ONCE", "waitIntervalInSeconds": 61}, 0, "1 step,", 61, 2),
    ],
)
def test_a_preview_says_how_long_an_update_of_an_endpoint_moves_traffic(
    tmp_path, routing, termination, steps, wait, minutes
):
    log = tmp_path / "preview.json"
    log.write_text("\n".join(['{"diagnosticEvent": {}}', event(routing, termination=termination)]))
    assert list(announcements(log)) == [
        f"endpoint fraud--scoring-prod: traffic moves to the new fleet in {steps} followed by {wait} s in which an "
        f"alarm rolls it back; the deployment takes {minutes} min longer than the start of the fleet"
    ]


@pytest.mark.parametrize(
    "line",
    [
        event(CANARY, op="create"),
        event(CANARY, diffs=("tags",)),
        event({"type": "ALL_AT_ONCE", "waitIntervalInSeconds": 0}),
        '{"policyEvent": {}}',
    ],
)
def test_an_update_that_moves_no_traffic_or_does_not_wait_is_not_announced(tmp_path, line):
    (tmp_path / "preview.json").write_text(line)
    assert list(announcements(tmp_path / "preview.json")) == list(announcements(tmp_path / "missing.json")) == []


GROUP = "arn:aws:sagemaker:eu-west-1:1:model-package-group/fraud--scoring-main"


def registry(**changes):
    described = {"ModelPackageArn": VERSION, "ModelPackageVersion": 3, "ModelPackageStatus": "Completed"}
    described |= {"ModelApprovalStatus": "Approved", **changes}
    return SimpleNamespace(describe_model_package=lambda **_: described)


@pytest.mark.requirement("PROM-09")
@pytest.mark.parametrize("status", ["Pending", "InProgress", "Failed", "Deleting"])
def test_an_approved_version_that_is_not_complete_is_not_promoted(status):
    assert find_version(registry(), GROUP, "3").arn == VERSION
    with pytest.raises(PromotionError, match=f"has the ModelPackageStatus {status}, not Completed"):
        find_version(registry(ModelPackageStatus=status), GROUP, "3")


@pytest.mark.requirement("BR-06", level="run")
@pytest.mark.requirement("PROM-09")
def test_a_version_of_a_group_whose_name_begins_like_that_of_main_is_not_promoted():
    other = VERSION.replace("-main/", "-main-2/")
    with pytest.raises(PromotionError, match="only versions of main are promoted"):
        find_version(registry(ModelPackageArn=other), GROUP, other)
