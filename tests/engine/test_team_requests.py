"""The platform team requests a team and a use case, somebody else approves, and a killed runner is continued.

The tests change the organization in their order: a team is requested, gets a use case, is upgraded, and ends.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from runtime.promotion.records import Records, robust_state_of
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.team_records import TeamRecords
from settings.data.catalog_layout import PARTITION, SORT, TEAM, key_of
from settings.derived.use_case_names import UseCaseNames
from tests.engine.deployed_example import deployed_example
from tests.support.forge_server import ForgeServer, forge_server
from tests.support.git import begin_repository
from tests.support.kills import Kills
from tests.support.platform_team import add_people, join_platform_team, leave_platform_team, remove_person
from tests.support.workbench import Workbench

REQUEST = """\
team: claims
owner: claims-owner@acme.example
cost_centre: "4712"
monthly_budget_usd: 3000
people: {ana: lead-data-scientist, ben: data-scientist}
data: {contracts: [development]}
"""
USE_CASE = "claims--pricing"
CREATE = """\
action: create-use-case
team: claims
name: pricing
approvers: [ben, chloe]
answers: {problem: regression}
"""
RETIRE = f"""\
action: retire-use-case
team: claims
name: pricing
confirm: {USE_CASE}
reason: replaced by another model
"""
ENVIRONMENTS = ["development", "experimentation", "preproduction", "production"]


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """The example, which the tests below change in their order."""
    with deployed_example(tmp_path_factory) as workbench:
        add_people(workbench, "ana")
        yield workbench


def as_person(acme: Workbench, user: str, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Runs the command line as a person of the platform team."""
    governance = acme.outputs("governance")["account_id"]
    return acme.plinth(*words, variables=acme.session_of(user, governance), check=check)


def requested(acme: Workbench, text: str) -> str:
    """Requests as Ada, and returns the id."""
    file = acme.root / "request.yaml"
    file.write_text(text)
    said = as_person(acme, "ada", "team", "request", "-f", str(file)).stdout
    return said.splitlines()[-1].rpartition(" ")[2]


def shown(acme: Workbench, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(as_person(acme, "ben", "requests", "show", id_, "--json").stdout)
    return found


def approved(acme: Workbench, id_: str) -> dict[str, Any]:
    """Lets a runner preview a request, approves the preview as Ben, and returns the request."""
    acme.plinth("requests", "run")
    found = shown(acme, id_)
    assert found["state"] == "reviewed", found["reason"]
    as_person(acme, "ben", "requests", "approve", id_, f"--digest={found['digest']}", "--reason=agreed")
    return found


def use_cases_in_catalog(acme: Workbench) -> dict[str, str]:
    found = json.loads(as_person(acme, "ben", "catalog", "show", "claims", "--json").stdout)
    return dict(found["use_cases"])


def committed(acme: Workbench) -> list[str]:
    """Returns the subjects of the commits of the settings repository, the newest first."""
    if not (acme.project / ".git").exists():
        begin_repository(acme.project)
    return committed_to(acme.project, "HEAD")


def committed_to(repository: Path, branch: str) -> list[str]:
    """Returns the subjects of the commits of a branch, the newest first."""
    words = ["git", "-C", str(repository), "log", "--format=%s", branch]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()


@contextmanager
def at_a_forge(acme: Workbench) -> Iterator[tuple[ForgeServer, Path, dict[str, str]]]:
    """Gives the settings repository a remote repository at a forge. Yields both, and the variables that name them."""
    remote = acme.root / "remote"
    git = ["git", "-C", str(acme.project)]
    subprocess.run(["git", "clone", "--quiet", "--bare", str(acme.project), str(remote)], check=True)
    subprocess.run([*git, "remote", "add", "origin", str(remote)], check=True)
    with forge_server() as forge:
        named = {"GITHUB_API_URL": forge.url, "GITHUB_REPOSITORY": "acme/foundation", "GITHUB_TOKEN": "bot-token"}
        yield forge, remote, named
    subprocess.run([*git, "remote", "remove", "origin"], check=True)


def commit(acme: Workbench, subject: str) -> None:
    """Commits changed settings files. A runner refuses to change files that somebody is editing."""
    subprocess.run(["git", "-C", str(acme.project), "commit", "--quiet", "--all", "--message", subject], check=True)


@pytest.mark.requirement("GOV-10.a")
def test_somebody_whom_the_directory_lacks_is_named_with_the_line_and_nothing_is_requested(acme: Workbench) -> None:
    file = acme.root / "request.yaml"
    file.write_text(REQUEST.replace("ben: data-scientist", "zoe: data-scientist"))
    refused = as_person(acme, "ada", "team", "request", "-f", str(file), check=False)
    assert refused.returncode == 2
    assert f"{file}:5: people.zoe: zoe is not a user name of the directory of IAM Identity Center" in refused.stderr
    assert json.loads(as_person(acme, "ada", "requests", "list", "--platform", "--json").stdout)["requests"] == []


@pytest.mark.requirement("PER-07.b")
@pytest.mark.requirement(
    "GOV-03", "GOV-04.a", "GOV-04.b", "GOV-05.a", "GOV-07.a", "GOV-08.b", "GOV-10.a", "PER-07.a", "AMB-14.b"
)
def test_a_requested_team_is_deployed_once_whatever_is_killed(acme: Workbench) -> None:
    assert committed(acme) == ["Settings"]
    join_platform_team(acme, "ben", "chloe", "dora")
    id_ = requested(acme, REQUEST)
    acme.plinth("requests", "run")
    reviewed = shown(acme, id_)
    assert reviewed["state"] == "reviewed"
    assert "claims-production" in reviewed["review"]
    listed = as_person(acme, "ada", "catalog", "list")
    assert listed.stdout == "There are none.\n"
    assert "plinth catalog rebuild" in listed.stderr

    digest = reviewed["digest"]
    own = as_person(acme, "ada", "requests", "approve", id_, f"--digest={digest}", "--reason=mine", check=False)
    assert (own.returncode, "another person has to approve it" in own.stderr) == (3, True)
    as_person(acme, "ben", "requests", "approve", id_, f"--digest={digest}", "--reason=agreed")
    with at_a_forge(acme) as (forge, remote, named):
        assert Kills(acme).kill("requests", "run", calls=120)
        acme.plinth("requests", "run", "--pull-requests", variables=named)
        (pull,) = forge.pulls
        assert "Add the team claims" in committed_to(remote, f"plinth/request-{id_}")

    done = shown(acme, id_)
    assert (done["state"], done["approved_by"]) == ("done", "ben")
    assert (pull["head"], pull["title"]) == (f"plinth/request-{id_}", "Add the team claims")
    assert done["reason"].endswith("; https://forge.example/acme/foundation/pull/1")
    followed = as_person(acme, "ben", "requests", "show", id_, "--watch", "--json")
    assert json.loads(followed.stdout) == done
    assert followed.stderr.splitlines()[0] == f"{id_}: done"
    assert any("stack:claims-production  succeeded" in line for line in followed.stderr.splitlines())
    steps = {step["name"]: step for step in done["steps"]}
    assert {step["state"] for step in steps.values()} == {"succeeded"}
    assert {name for name in steps if name.startswith("stack:claims")} >= {"stack:claims", "stack:claims-production"}
    assert set(steps["catalog"]["needs"]) == steps.keys() - {"catalog"}
    assert steps["settings"]["ended"] <= steps["stack:claims"]["started"] <= steps["catalog"]["started"]
    assert acme.pending_operations() == {}
    team = json.loads(as_person(acme, "ben", "catalog", "show", "claims", "--json").stdout)
    assert team["accounts"] == acme.outputs("claims")["accounts"]
    assert sorted(team["accounts"]) == ENVIRONMENTS
    assert (team["status"], team["request"]) == ("complete", id_)
    assert team["users"] == {"ana": "lead-data-scientist", "ben": "data-scientist"}
    names = [account["Name"] for account in acme.client("organizations").list_accounts()["Accounts"]]
    assert sorted(name for name in names if "claims" in name) == sorted(
        f"acme-claims-{environment}" for environment in ENVIRONMENTS
    )
    assert "Add the team claims" in committed(acme)
    found = as_person(acme, "ben", "catalog", "list", f"--account={team['accounts']['production']}").stdout
    assert found == "claims\n"


@pytest.mark.requirement("GOV-05.b")
def test_the_same_request_again_changes_nothing(acme: Workbench) -> None:
    commits = committed(acme)
    id_ = requested(acme, REQUEST)
    acme.plinth("requests", "run")
    again = shown(acme, id_)
    assert (again["state"], again["reason"]) == ("done", "everything is as requested; nothing was changed")
    assert committed(acme) == commits
    assert acme.plinth("catalog", "rebuild").stdout.splitlines()[0] == "churn: written, complete"
    assert "claims: unchanged, complete" in acme.plinth("catalog", "rebuild").stdout
    records = TeamRecords(CatalogItems(acme.client("dynamodb", acme.outputs("governance")["account_id"])))
    recorded = records.read("claims")
    assert recorded is not None
    for sort in [item[SORT] for item in records.items.of(key_of(TEAM, "claims"))]:
        records.items.remove(key_of(TEAM, "claims"), sort)
    assert "claims: written, complete" in acme.plinth("catalog", "rebuild").stdout
    rebuilt = records.read("claims")
    assert rebuilt is not None
    assert not records.differ(rebuilt, recorded)


@pytest.mark.requirement("GOV-04.c", "GOV-06.b")
def test_requests_are_rebuilt_from_git_with_their_approvals_events_and_steps(acme: Workbench) -> None:
    items = CatalogItems(acme.client("dynamodb", acme.outputs("governance")["account_id"]))
    ids = [record.id for record in ChangeRequests(items).records()]
    before = {id_: shown(acme, id_) for id_ in ids}
    listed = as_person(acme, "ben", "requests", "list", "--platform").stdout
    assert {found["state"] for found in before.values()} == {"done"}
    assert [decision["user"] for found in before.values() for decision in found["decisions"]] == ["ben"]
    for item in [item for item in items.all() if item[PARTITION].startswith(("person#", "request#"))]:
        items.remove(item[PARTITION], item[SORT])
    assert as_person(acme, "ben", "requests", "list", "--platform").stdout != listed
    said = acme.plinth("catalog", "rebuild").stdout
    assert [line for line in said.splitlines() if line.endswith(": written")] == [f"{id_}: written" for id_ in ids]
    assert {id_: shown(acme, id_) for id_ in ids} == before
    assert as_person(acme, "ben", "requests", "list", "--platform").stdout == listed
    assert acme.plinth("catalog", "rebuild").stdout.endswith("2 requests unchanged.\n")


@pytest.mark.requirement("GOV-04.c", "GOV-08.b")
def test_a_requested_use_case_is_created_once_whatever_is_killed(acme: Workbench) -> None:
    id_ = requested(acme, CREATE)
    reviewed = approved(acme, id_)
    assert (
        f"the first commit of `{USE_CASE}-build` is generated from the template `tabular of the program,"
        in reviewed["review"]
    )
    assert USE_CASE not in acme.stacks()
    assert Kills(acme).kill("requests", "run", calls=80)
    acme.plinth("requests", "run")

    done = shown(acme, id_)
    assert (done["state"], done["approved_by"]) == ("done", "ben")
    assert acme.pending_operations() == {}
    code = acme.client("codecommit", acme.outputs("tooling")["account_id"])
    commits = {
        name: code.get_branch(repositoryName=f"{USE_CASE}-{name}", branchName="main")["branch"]["commitId"]
        for name in ("build", "deployment")
    }
    assert f"pushed the first commit {commits['build'][:7]} to " in done["reason"]
    assert use_cases_in_catalog(acme) == {"pricing": "real-time"}
    subjects = committed(acme)
    assert f"Add the use case {USE_CASE}" in subjects
    again = requested(acme, CREATE)
    acme.plinth("requests", "run")
    assert shown(acme, again)["reason"] == "everything is as requested; nothing was changed"
    assert committed(acme) == subjects


@pytest.mark.requirement("GOV-06.c", "GOV-08.b", "GOV-11.a", "TOOL-04.b")
def test_a_use_case_is_retired_on_request_unless_it_serves_and_its_name_gets_its_code_back(acme: Workbench) -> None:
    tooling, bucket = acme.outputs("tooling")["account_id"], acme.outputs(USE_CASE)["artifact_bucket"]
    s3, registry = acme.client("s3", tooling), acme.client("sagemaker", tooling)
    records = Records(s3=s3, bucket=bucket, folder=UseCaseNames(team="claims", use_case="pricing").folder)
    served = {"execution": "e", "version": 1, "commit": "4d53c3b", "deployed_at": "2026-11-22T10:00:00Z"}
    records.write(robust_state_of("production"), served)
    refused = requested(acme, RETIRE)
    acme.plinth("requests", "run")
    assert shown(acme, refused)["state"] == "refused"
    assert f"{USE_CASE}: production serves version 1; `plinth usecase retire" in shown(acme, refused)["reason"]
    s3.delete_object(Bucket=bucket, Key=records.path(robust_state_of("production")))
    group = {"ModelPackageGroupName": f"{USE_CASE}-main"}
    registry.create_model_package(
        **group, CustomerMetadataProperties={"commit": "4d53c3b"}, ModelApprovalStatus="PendingManualApproval"
    )

    id_ = requested(acme, RETIRE)
    reviewed = approved(acme, id_)
    assert f"stays, in the tooling account: repository {USE_CASE}-build" in reviewed["review"]
    assert Kills(acme).kill("requests", "run", calls=40)
    acme.plinth("requests", "run")
    done = shown(acme, id_)
    assert (done["state"], done["approved_by"]) == ("done", "ben")
    assert acme.pending_operations() == {}
    assert USE_CASE not in acme.stacks()
    assert not acme.settings_file(USE_CASE).exists()
    assert committed(acme)[0] == f"Remove the use case {USE_CASE}"
    assert use_cases_in_catalog(acme) == {}
    kept = json.loads(as_person(acme, "ben", "catalog", "evidence", "claims", "--json").stdout)["evidence"]
    assert (f"{USE_CASE}-main/1", "4d53c3b") in {
        (fact["name"], fact["metadata"]["commit"]) for fact in kept if fact["kind"] == "version"
    }
    assert "commit: 4d53c3b" in acme.plinth("lineage", f"{USE_CASE}-main/1").stdout
    unknown = acme.plinth("usecase", "retire", USE_CASE, check=False)
    assert (unknown.returncode, f"there is no use case {USE_CASE}: the settings do not" in unknown.stderr) == (2, True)

    id_ = requested(acme, CREATE)
    approved(acme, id_)
    acme.plinth("requests", "run")
    assert shown(acme, id_)["reason"].endswith("the use case existed already; nothing was pushed")
    assert registry.list_model_packages(**group)["ModelPackageSummaryList"]


def test_a_team_of_an_earlier_version_is_upgraded_and_recorded(acme: Workbench) -> None:
    records = TeamRecords(CatalogItems(acme.client("dynamodb", acme.outputs("governance")["account_id"])))
    claims = records.read("claims")
    assert claims is not None
    assert records.write(replace(claims, version="0.0.1"), over=claims)
    settings = acme.settings_file("claims").read_text()
    acme.change_team("claims", monthly_budget_usd=4000)
    commit(acme, "Raise the budget of claims")
    commits = committed(acme)
    id_ = requested(acme, f'action: upgrade\nteam: claims\nversion: "{claims.version}"\n')
    reviewed = approved(acme, id_)
    assert re.match(r"\d+ of \d+ stacks would change: \d+ to update;", reviewed["summary"])
    acme.plinth("requests", "run")
    assert shown(acme, id_)["state"] == "done"
    assert version_and_budget(records) == (claims.version, 4000)
    assert 4000 in deployed_budgets(acme)
    assert committed(acme) == commits

    acme.settings_file("claims").write_text(settings)
    commit(acme, "Lower the budget of claims")
    found = json.loads(acme.plinth("upgrade", "--team", "claims", "--yes", "--json").stdout)["teams"]["claims"]
    assert (found["recorded"], found["due"], found["upgraded"], found["fault"]) == (claims.version, True, True, None)
    assert set(found["changes"]) == {"update"}
    assert any(
        "aws:budgets/budget:Budget" in difference["urn"]
        for stack in found["stacks"].values()
        for difference in stack["differences"]
    )
    assert version_and_budget(records) == (claims.version, 3000)
    assert 4000 not in deployed_budgets(acme)


def version_and_budget(records: TeamRecords) -> tuple[str, int]:
    """Returns what the catalog says of the team."""
    found = records.read("claims")
    assert found is not None
    return found.version, found.monthly_budget_usd


def deployed_budgets(acme: Workbench) -> set[float]:
    """Returns the monthly budgets of the team and its accounts in AWS."""
    management = acme.client("sts").get_caller_identity()["Account"]
    budgets = acme.client("budgets").describe_budgets(AccountId=management)["Budgets"]
    return {float(budget["BudgetLimit"]["Amount"]) for budget in budgets if "claims" in budget["BudgetName"]}


def test_a_request_that_the_directory_or_a_policy_refuses_changes_nothing(acme: Workbench) -> None:
    add_people(acme, "nobody")
    unknown = requested(acme, "action: change\nteam: claims\npeople: {nobody: data-scientist}\n")
    remove_person(acme, "nobody")
    audit = acme.outputs("organization")["accounts"]["audit"]
    others = requested(acme, f'{REQUEST.replace("claims", "pricing")}accounts: {{development: "{audit}"}}\n')
    acme.plinth("requests", "run")
    refused = shown(acme, unknown)
    assert refused["state"] == "refused"
    assert "'nobody' is not a user name of the directory" in refused["reason"]
    assert "nobody" not in acme.settings_file("claims-experimentation").read_text()
    refused = shown(acme, others)
    assert refused["state"] == "refused"
    assert f"account {audit} belongs to the stack organization" in refused["reason"]
    assert not acme.settings_file("pricing").exists()


def fill_organization(acme: Workbench, free: int) -> int:
    """Creates accounts until the organization may have so many more. Returns its quota."""
    organizations = acme.client("organizations")
    present = len(organizations.get_paginator("list_accounts").paginate().build_full_result()["Accounts"])
    quotas = acme.client("service-quotas", region="us-east-1").list_service_quotas(ServiceCode="organizations")
    most = int(quotas["Quotas"][0]["Value"])
    for number in range(present, most - free):
        organizations.create_account(Email=f"other-{number}@acme.example", AccountName=f"other-{number}")
    return most


def test_a_team_whose_accounts_exceed_the_quota_is_refused_before_any_is_created(acme: Workbench) -> None:
    most = fill_organization(acme, free=3)
    id_ = requested(acme, REQUEST.replace("claims", "pricing"))
    acme.plinth("requests", "run")
    refused = shown(acme, id_)
    assert refused["state"] == "refused"
    assert f"may have {most} accounts. It has {most - 3}, and these stacks would create 4 more" in refused["reason"]
    assert not acme.settings_file("pricing").exists()


def start_apps(acme: Workbench, account: str) -> None:
    """Starts an app of a space, and one of a profile. SageMaker refuses to delete either while its app exists."""
    sagemaker = acme.client("sagemaker", account)
    domain = {"DomainId": sagemaker.list_domains()["Domains"][0]["DomainId"]}
    sagemaker.create_app(**domain, SpaceName="ana-jupyterlab", AppType="JupyterLab", AppName="default")
    sagemaker.create_app(**domain, UserProfileName="ben", AppType="Canvas", AppName="default")
    with pytest.raises(ClientError, match="ResourceInUse"):
        sagemaker.delete_space(**domain, SpaceName="ana-jupyterlab")


@pytest.mark.requirement("GOV-06.a", "GOV-06.b", "GOV-11.b", "COST-05.a")
@pytest.mark.threat("T-02", "T-20")
def test_a_decommissioned_team_leaves_its_records_and_nothing_else(acme: Workbench) -> None:
    accounts = acme.outputs("claims")["accounts"]
    logs = acme.client("logs", accounts["development"])
    logs.create_log_group(logGroupName="/aws/sagemaker/TrainingJobs")
    acme.client("sagemaker", accounts["development"]).create_pipeline(
        PipelineName="claims--scoring-training-main",
        PipelineDefinition='{"Version": "2020-12-01", "Steps": []}',
        RoleArn=f"arn:aws:iam::{accounts['development']}:role/plinth/claims-development-execution",
    )
    start_apps(acme, accounts["development"])
    topic = acme.client("sns", accounts["production"]).create_topic(Name="forgotten")["TopicArn"]
    registry = acme.client("sagemaker", acme.outputs("tooling")["account_id"])
    group = {"ModelPackageGroupName": "claims--scoring-main"}
    registry.create_model_package_group(**group)
    registry.create_model_package(
        **group, CustomerMetadataProperties={"commit": "4d53c3b"}, ModelApprovalStatus="Approved"
    )
    listed = acme.plinth("team", "decommission", "claims", "--dry-run").stdout
    assert "no longer shared with it: Pulumi.data-lake--contracts.yaml" in listed

    words = ("team", "decommission", "claims", "--confirm=claims", "--reason=the project has ended")
    id_ = as_person(acme, "ada", *words).stdout.splitlines()[-1].rpartition(" ")[2]
    acme.plinth("requests", "run")
    reviewed = shown(acme, id_)
    delayed = datetime.fromisoformat(reviewed["earliest"]) - datetime.now(UTC)
    assert timedelta(hours=23) < delayed < timedelta(hours=24)
    as_person(acme, "ben", "requests", "reject", id_, "--reason=without a delay, for the test")
    acme.plinth("requests", "run")
    acme.change_organization(decommission_delay_hours=0)
    id_ = as_person(acme, "ada", *words).stdout.splitlines()[-1].rpartition(" ")[2]
    acme.plinth("requests", "run")
    digest = shown(acme, id_)["digest"]
    approve = ("requests", "approve", id_, f"--digest={digest}", "--reason=agreed")
    as_person(acme, "ben", *approve)
    acme.plinth("requests", "run")
    assert shown(acme, id_)["state"] == "reviewed"
    as_person(acme, "dora", *approve)
    leave_platform_team(acme, "dora")
    as_person(acme, "chloe", *approve)
    assert Kills(acme).kill("requests", "run", calls=120)
    acme.plinth("requests", "run")

    done = shown(acme, id_)
    assert (done["state"], done["approved_by"]) == ("done", "ben, chloe")
    assert done["reason"].endswith("; 1 resource left; 3 accounts recycled")
    assert acme.pending_operations() == {}
    assert [stack for stack in acme.stacks() if stack.startswith("claims")] == []
    assert [file.name for file in acme.settings_file("claims").parent.glob("*claims*")] == []
    assert committed(acme)[0] == "Remove the team claims"
    team = json.loads(as_person(acme, "ben", "catalog", "show", "claims", "--json").stdout)
    assert (team["status"], team["accounts"], team["users"]) == ("decommissioned", accounts, {})
    kept = json.loads(as_person(acme, "ben", "catalog", "evidence", "claims", "--json").stdout)["evidence"]
    assert {(fact["kind"], fact["name"]) for fact in kept if fact["kind"] in ("residue", "log group", "pipeline")} >= {
        ("pipeline", "claims--scoring-training-main"),
        ("residue", f"{accounts['production']}:topic:{topic}"),
        ("log group", f"{accounts['development']}:/aws/sagemaker/TrainingJobs"),
    }
    assert {fact["name"]: fact["left"] for fact in kept if fact["kind"] == "account"} == {
        account: int(environment == "production") for environment, account in accounts.items()
    }
    assert "commit: 4d53c3b" in acme.plinth("lineage", "claims--scoring-main/1").stdout
    (acme.root / "request.yaml").write_text(
        'action: decommission\nteam: claims\nconfirm: claims\nreason: "once more"\n'
    )
    again = as_person(acme, "ada", "team", "request", "-f", str(acme.root / "request.yaml"), check=False)
    assert (again.returncode, "team: claims is no team" in again.stderr) == (2, True)


def test_a_new_team_uses_the_recycled_accounts_first(acme: Workbench) -> None:
    """The organization may have one more account, so that a team of four can only be created with recycled ones."""
    fill_organization(acme, free=1)
    organizations = acme.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    units = organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
    (pool,) = (unit["Id"] for unit in units if unit["Name"] == "Recycled")
    recycled = {each["Id"] for each in organizations.list_accounts_for_parent(ParentId=pool)["Accounts"]}
    assert len(recycled) == 3
    id_ = requested(acme, REQUEST.replace("claims", "pricing"))
    approved(acme, id_)
    acme.plinth("requests", "run")
    done = shown(acme, id_)
    assert done["state"] == "done", done["reason"]
    accounts = acme.outputs("pricing")["accounts"]
    assert sorted(accounts) == ENVIRONMENTS
    assert recycled < set(accounts.values())
    assert organizations.list_accounts_for_parent(ParentId=pool)["Accounts"] == []
    names = {
        name: organizations.describe_account(AccountId=account)["Account"]["Name"] for name, account in accounts.items()
    }
    assert names == {environment: f"acme-pricing-{environment}" for environment in ENVIRONMENTS}
