"""What remains when things are cut off in the middle or asked for wrongly, and what a preview shows of nothing."""

from __future__ import annotations

import collections
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.workbench import COMMANDS, Workbench


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """One team's organization in its first phase, nothing deployed.

    The tests run in their order: the first ones ask for what creates nothing, the last one kills what creates.
    """
    workbench = Workbench.of_example(tmp_path_factory.mktemp("bench"), teams=("fraud",), phase="initial")
    workbench.sandbox("up")
    try:
        yield workbench
    finally:
        workbench.sandbox("down")


def started(bench: Workbench, *arguments: str) -> subprocess.Popen[bytes]:
    log = (bench.root / "interrupted.log").open("wb")
    return subprocess.Popen(
        [COMMANDS / "plinth", *arguments],
        cwd=bench.project,
        env=bench.environment(),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )


def wait_for_accounts(bench: Workbench, count: int, seconds: float = 120) -> None:
    """Until the organization has so many accounts: the middle of the work."""
    organizations = bench.client("organizations")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if len(organizations.list_accounts()["Accounts"]) >= count:
                return
        except organizations.exceptions.AWSOrganizationsNotInUseException:
            pass
        time.sleep(0.1)
    raise AssertionError(f"never saw {count} accounts: {(bench.root / 'interrupted.log').read_text()[-4000:]}")


def engines_of(bench: Workbench) -> list[int]:
    """Processes of this bench's engines: those whose environment names its state."""
    mark = bench.environment()["PULUMI_BACKEND_URL"].encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            engine = (process / "comm").read_text().strip() == "pulumi"
            if engine and mark in (process / "environ").read_bytes():
                found.append(int(process.name))
        except OSError:  # it has just ended
            continue
    return found


def assert_nothing_is_doubled(bench: Workbench) -> None:
    accounts = bench.client("organizations").list_accounts()["Accounts"]
    mailboxes = collections.Counter(account["Email"].lower() for account in accounts)
    assert [mailbox for mailbox, count in mailboxes.items() if count > 1] == []
    known = {r["id"] for stack in ("organization", "fraud") for r in bench.state(stack) if "id" in r}
    management = bench.outputs("organization")["management_account_id"]
    assert {account["Id"] for account in accounts} - {management} <= known


def assert_no_orphans(bench: Workbench, stack: str) -> None:
    """Every network, key, role and bucket of the stack's account is in the engine's state, of this stack or another."""
    known = {r["id"] for name in bench.stacks() for r in bench.state(name) if "id" in r}
    account = bench.outputs(stack)["account_id"]
    ec2 = bench.client("ec2", account)
    found = {vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]}
    endpoints = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    # A firewall makes endpoints of its own, which go with it.
    found |= {e["VpcEndpointId"] for e in endpoints if e["VpcEndpointType"] != "GatewayLoadBalancer"}
    found |= {role["RoleName"] for role in bench.client("iam", account).list_roles(PathPrefix="/plinth/")["Roles"]}
    found |= {bucket["Name"] for bucket in bench.client("s3", account).list_buckets()["Buckets"]}
    kms = bench.client("kms", account)
    for key in kms.list_keys()["Keys"]:
        described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if described["KeyManager"] == "CUSTOMER" and described["Enabled"]:
            found.add(key["KeyId"])
    assert found - known == set()


FAULTY_TEAM = """\
config:
  plinth:team:
    owner: fraud-owner@@acme.example
    cost_center: "4711"
    cidr: 10.1.0.7/19
    monthly_budget_usd: 0
    accounts:
      experimentation:
        id: 012345678
      staging:
        name: Staging
      production:
        name: "{long}"
    tags:
      aws:team: fraud
"""


def test_a_team_file_with_eight_faults_gives_eight_messages_and_creates_nothing(bench: Workbench) -> None:
    team = bench.settings_file("fraud").read_text()
    bench.settings_file("fraud").write_text(FAULTY_TEAM.format(long="x" * 51))
    done = bench.plinth("up", "--all", "--yes", check=False)
    bench.settings_file("fraud").write_text(team)
    assert done.returncode == 2
    messages = [line for line in (done.stdout + done.stderr).splitlines() if "Pulumi.fraud.yaml" in line]
    assert len(messages) >= 8, done.stdout + done.stderr
    organizations = bench.client("organizations")
    with pytest.raises(organizations.exceptions.AWSOrganizationsNotInUseException):
        organizations.describe_organization()


def test_a_preview_works_while_nothing_upstream_exists(bench: Workbench) -> None:
    bench.pulumi("stack", "init", "fraud-experimentation")
    done = bench.pulumi("preview", "--stack", "fraud-experimentation", "--json")
    steps = collections.Counter(step["op"] for step in json.loads(done.stdout)["steps"])
    assert set(steps) == {"create"}
    assert steps["create"] > 50


def test_previews_of_a_whole_new_organization_create_nothing(bench: Workbench) -> None:
    report = json.loads(bench.plinth("preview", "--all", "--json").stdout)
    assert report["changes"].keys() == {"create"}
    assert report["stacks"].keys() >= {"organization", "fraud", "fraud-experimentation"}
    organizations = bench.client("organizations")
    with pytest.raises(organizations.exceptions.AWSOrganizationsNotInUseException):
        organizations.describe_organization()


def test_whatever_is_killed_nothing_is_orphaned_and_the_next_run_completes(bench: Workbench) -> None:
    command_line = started(bench, "up", "--all", "--yes")
    wait_for_accounts(bench, 2)
    command_line.kill()
    command_line.wait()
    assert engines_of(bench)

    command_line = started(bench, "up", "--all", "--yes")
    wait_for_accounts(bench, 3)
    assert "waiting for the operation of process" in (bench.root / "interrupted.log").read_text()
    command_line.kill()
    command_line.wait()
    for pid in engines_of(bench):
        os.kill(pid, signal.SIGKILL)

    bench.plinth("up", "--all", "--yes")
    assert_nothing_is_doubled(bench)
    assert_no_orphans(bench, "fraud-experimentation")
    assert bench.pending_operations() == {}
