"""Operations on stacks as Jobs of the cluster: in restricted pods, with the real engine and the identity of a team."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from plinth_sandbox.waiting import LONGEST_SECONDS, eventually
from tests.engine.tooling.test_tooling_platform import ask
from tests.support.cluster_operations import JOBS, inputs, locks, roles
from tests.support.guides.follow import follow
from tests.support.guides.pages import CLUSTER
from tests.support.guides.shell import Shell
from tests.support.workbench import ACCESS_ROLE, COMMANDS, Workbench

pytestmark = pytest.mark.usefixtures("pods")
STACK = "fraud-development"
CHANGED = "business-unit"
"""Tag that all resources have."""


def remote(acme: Workbench, *arguments: str, check: bool = True) -> dict[str, Any]:
    """Runs a command in the cluster and returns its report."""
    done = acme.plinth(*arguments, "--remote", "--json", check=check)
    return dict(json.loads(done.stdout))


def disturb(acme: Workbench) -> None:
    """Changes resources of the stack at AWS, so that an update has work for some seconds."""
    outputs = acme.outputs(STACK)
    s3, ec2 = (acme.client(service, outputs["account_id"]) for service in ("s3", "ec2"))
    s3.delete_bucket_lifecycle(Bucket=outputs["bucket_name"])
    endpoints = [vpc_endpoint["VpcEndpointId"] for vpc_endpoint in ec2.describe_vpc_endpoints()["VpcEndpoints"]]
    ec2.create_tags(Resources=endpoints, Tags=[{"Key": CHANGED, "Value": "somebody else"}])


def repaired(acme: Workbench) -> bool:
    outputs = acme.outputs(STACK)
    ec2 = acme.client("ec2", outputs["account_id"])
    s3 = acme.client("s3", outputs["account_id"])
    assert s3.get_bucket_lifecycle_configuration(Bucket=outputs["bucket_name"])["Rules"]
    tags = [
        {tag["Key"]: tag["Value"] for tag in vpc_endpoint["Tags"]}
        for vpc_endpoint in ec2.describe_vpc_endpoints()["VpcEndpoints"]
    ]
    return all(tag[CHANGED] == "data-and-ai" for tag in tags)


@pytest.fixture
def update(acme: Workbench) -> Iterator[subprocess.Popen[str]]:
    """A command that updates the stack in the cluster, as soon as the engine of its pod has locked the stack."""
    disturb(acme)
    command = [COMMANDS / "plinth", "up", STACK, "--remote", "--yes"]
    process = subprocess.Popen(
        command, cwd=acme.project, env=acme.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said = []
    for line in iter(process.stdout.readline, ""):
        said.append(line)
        if f"{STACK}: updating" in line:
            break
    assert process.poll() is None, "".join(said)
    assert eventually(lambda: locks(acme))
    yield process
    process.kill()
    process.wait()


def test_a_pod_updates_a_stack_as_the_deployer_of_its_account_and_a_local_command_finds_nothing_to_do(
    acme: Workbench,
) -> None:
    disturb(acme)
    outcome = remote(acme, "up", STACK, "--yes")["stacks"][STACK]
    assert outcome["status"] == "succeeded"
    assert inputs(acme) == []
    assert outcome["changes"].get("create", 0) + outcome["changes"].get("update", 0) > 1
    assert repaired(acme)
    assert roles(acme, STACK) == {ACCESS_ROLE}
    local = json.loads(acme.plinth("preview", STACK, "--refresh", "--json").stdout)["stacks"][STACK]
    assert (local["status"], local["changes"]) == ("succeeded", {})


def test_what_a_deployer_may_not_do_fails_with_the_action_and_leaves_the_state_to_local_commands(
    acme: Workbench,
) -> None:
    """The deployer changes no policies, and the tags of all resources change."""
    project = (acme.project / "Pulumi.yaml").read_text()
    acme.change_organization(tags={"business-unit": "elsewhere"})
    try:
        outcome = remote(acme, "up", STACK, "--yes", check=False)["stacks"][STACK]
    finally:
        (acme.project / "Pulumi.yaml").write_text(project)
    assert outcome["status"] == "failed"
    assert "iam:TagPolicy" in " ".join(problem["message"] for problem in outcome["problems"])
    assert roles(acme, STACK) == {ACCESS_ROLE}
    acme.plinth("up", STACK, "--yes")
    assert remote(acme, "preview", STACK)["stacks"][STACK]["changes"] == {}


def test_an_interrupted_command_stops_its_pod_after_the_steps_under_way(
    acme: Workbench, update: subprocess.Popen[str]
) -> None:
    update.send_signal(signal.SIGINT)
    said, _ = update.communicate(timeout=LONGEST_SECONDS)
    assert update.returncode == 130, said
    assert locks(acme) == []
    assert inputs(acme) == []
    held = ask(acme, JOBS).body["items"]
    assert not [item["metadata"]["name"] for item in held if item["spec"].get("suspend")]
    acme.plinth("up", STACK, "--yes")
    assert repaired(acme)


@pytest.mark.parametrize(
    ("stack", "reason"),
    [
        ("organization", "the management account"),
        ("tooling-runner", "into the cluster in which the Job would run"),
    ],
)
def test_stacks_that_no_pod_may_operate_on_are_refused_before_a_job_starts(
    acme: Workbench, stack: str, reason: str
) -> None:
    refused = acme.plinth("up", stack, "--remote", "--yes", check=False)
    assert (refused.returncode, reason in refused.stderr) == (3, True), refused.stderr


def test_the_guide_runs_an_operation_in_the_cluster_of_the_sandbox(acme: Workbench) -> None:
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed")
    environment = acme.environment()
    environment["PATH"] = f"{COMMANDS}{os.pathsep}{environment['PATH']}"
    shell = Shell.start(acme.project, environment, acme.root / "shell.log")
    try:
        follow(*CLUSTER, shell, acme.project, "Try it in the sandbox")
    finally:
        shell.close()
