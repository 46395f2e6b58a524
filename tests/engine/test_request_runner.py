"""Builds in the governance account carry out what people have requested and approved. No process of a person does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from plinth_sandbox.waiting import eventually
from tests.support.platform_team import join_platform_team
from tests.support.request_builds import bring_up, builds, log_of, pushed, workflow_database
from tests.support.workbench import Workbench

REQUEST = """\
team: claims
owner: claims-owner@acme.example
cost_centre: "4712"
monthly_budget_usd: 3000
"""
ENVIRONMENTS = ["development", "experimentation", "preproduction", "production"]


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """The shared stacks of the example with a runner of requests, and nobody's machine that runs requests."""
    bench = Workbench.of_example(tmp_path_factory.mktemp("runner"), teams=())
    bench.checkpoints = False
    try:
        bring_up(bench)
        join_platform_team(bench, "ada", "ben")
        yield bench
    finally:
        bench.sandbox("down")


def as_person(acme: Workbench, user: str, *words: str) -> subprocess.CompletedProcess[str]:
    governance = acme.outputs("governance")["account_id"]
    return acme.plinth(*words, variables=acme.session_of(user, governance))


def shown(acme: Workbench, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(as_person(acme, "ben", "requests", "show", id_, "--json").stdout)
    return found


def ended(acme: Workbench, number: int) -> dict[str, Any]:
    """Waits until so many builds have ended, and returns the last one."""
    found: list[dict[str, Any]] = []

    def all_have() -> bool:
        found[:] = builds(acme)
        return len(found) >= number and all(build["buildComplete"] for build in found)

    assert eventually(all_have), found
    assert found[-1]["buildStatus"] == "SUCCEEDED", log_of(acme, found[-1])
    return found[-1]


@pytest.mark.requirement("GOV-03", "GOV-04.a")
def test_a_requested_and_approved_team_appears_without_a_process_of_a_person(acme: Workbench) -> None:
    file = acme.root / "request.yaml"
    file.write_text(REQUEST)
    said = as_person(acme, "ada", "team", "request", "-f", str(file)).stdout
    id_ = said.splitlines()[-1].rpartition(" ")[2]
    reviewing = ended(acme, 1)
    assert reviewing["initiator"] == "platform-runner-start/EventBridge"
    reviewed = shown(acme, id_)
    assert reviewed["state"] == "reviewed", log_of(acme, reviewing)
    assert "claims" not in acme.stacks()

    as_person(acme, "ben", "requests", "approve", id_, f"--digest={reviewed['digest']}", "--reason=agreed")
    deploying = ended(acme, 2)
    done = shown(acme, id_)
    assert (done["state"], done["approved_by"]) == ("done", "ben"), log_of(acme, deploying)
    team = json.loads(as_person(acme, "ben", "catalog", "show", "claims", "--json").stdout)
    assert (sorted(team["accounts"]), team["request"]) == (ENVIRONMENTS, id_)
    names = [account["Name"] for account in acme.client("organizations").list_accounts()["Accounts"]]
    assert sorted(name for name in names if "claims" in name) == sorted(
        f"acme-claims-{environment}" for environment in ENVIRONMENTS
    )
    assert "Add the team claims" in pushed(acme)

    # The build has kept what it did in the database of the stack, in a form that its key alone opens.
    with workflow_database(acme) as connection:
        kept = connection.execute("select status, concat(inputs, output) from dbos.workflow_status").fetchall()
    assert "SUCCESS" in {status for status, _ in kept}
    assert not any("claims" in text for _, text in kept)


@pytest.mark.requirement("GOV-03")
def test_the_database_of_workflows_pauses_is_private_and_has_no_password_in_a_state(acme: Workbench) -> None:
    account = acme.outputs("governance")["account_id"]
    rds, ec2 = acme.client("rds", account), acme.client("ec2", account)
    (cluster,) = rds.describe_db_clusters()["DBClusters"]
    assert cluster["ServerlessV2ScalingConfiguration"] == {
        "MinCapacity": 0.0,
        "MaxCapacity": 1.0,
        "SecondsUntilAutoPause": 300,
    }
    assert cluster["StorageEncrypted"]
    assert cluster["DeletionProtection"]
    assert cluster["KmsKeyId"] == acme.outputs("governance")["key_arn"]
    (member,) = cluster["DBClusterMembers"]
    (instance,) = rds.describe_db_instances(DBInstanceIdentifier=member["DBInstanceIdentifier"])["DBInstances"]
    assert (instance["DBInstanceClass"], instance["PubliclyAccessible"]) == ("db.serverless", False)
    (group,) = (security_group["VpcSecurityGroupId"] for security_group in cluster["VpcSecurityGroups"])
    named = [{"Name": "group-id", "Values": [group]}]
    (rule,) = ec2.describe_security_group_rules(Filters=named)["SecurityGroupRules"]
    assert (rule["IsEgress"], rule["FromPort"], rule["ToPort"]) == (False, 5432, 5432)
    codebuild = acme.client("codebuild", account)
    (project,) = codebuild.batch_get_projects(names=["plinth-requests"])["projects"]
    assert [rule["ReferencedGroupInfo"]["GroupId"]] == project["vpcConfig"]["securityGroupIds"]

    secrets = acme.client("secretsmanager", account)
    password = json.loads(secrets.get_secret_value(SecretId=cluster["MasterUserSecret"]["SecretArn"])["SecretString"])[
        "password"
    ]
    key = secrets.get_secret_value(SecretId="plinth/workflows-key")["SecretString"]
    exported = acme.pulumi("stack", "export", "--stack", "governance", "--show-secrets").stdout
    assert cluster["DBClusterArn"] in exported
    assert password not in exported
    assert key not in exported


def test_a_decision_about_nothing_new_starts_a_build_that_changes_nothing(acme: Workbench) -> None:
    before, commits = len(builds(acme)), pushed(acme)
    as_person(acme, "ada", "team", "request", "-f", str(acme.root / "request.yaml"))
    build = ended(acme, before + 1)
    assert "everything is as requested; nothing was changed" in log_of(acme, build)
    assert pushed(acme) == commits
