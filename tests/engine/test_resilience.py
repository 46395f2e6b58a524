"""What remains when things are cut off in the middle or asked for wrongly, and what a preview shows of nothing."""

from __future__ import annotations

import collections
import json
from collections.abc import Iterator

import pytest

from tests.support.inventory import compare
from tests.support.kills import Kills
from tests.support.small_project import wait_for
from tests.support.workbench import Workbench


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


@pytest.mark.timeout(1800)
def test_whatever_is_killed_nothing_is_orphaned_and_the_next_run_completes(bench: Workbench) -> None:
    """The last changing call before each kill has taken effect, and nobody heard of it.

    ``make kills`` does the same at a hundred random points.
    """
    kills = Kills(bench)
    assert kills.kill("up", "organization", "--yes", calls=30)
    bench.plinth("up", "organization", "audit", "identity", "--yes")
    assert kills.kill("up", "fraud", "--yes", calls=7, victim="machine")
    assert kills.kill("up", "fraud", "fraud-experimentation", "--yes", calls=45)
    assert kills.kill("up", "fraud-experimentation", "--yes", calls=20, victim="engine")

    bench.plinth("up", "--all", "--yes")
    compared = compare(bench)
    assert compared.faults == []
    assert {"aws:organizations/account:Account", "aws:ec2/vpcEndpoint:VpcEndpoint"} <= compared.compared.keys()
    assert {"aws:iam/role:Role", "aws:kms/key:Key", "aws:s3/bucket:Bucket"} <= compared.compared.keys()
    assert bench.pending_operations() == {}
    wait_for(lambda: not list(kills.processes()))
