"""Reviews with the roles that only read: AWS judges each of their calls, as it judges those of a build."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from plinth_sandbox.emulator.credentials import service_key
from plinth_sandbox.executors.session import tell_origin
from plinth_sandbox.testing import TokenIssuer
from plinth_sandbox.waiting import LONGEST_SECONDS
from selfservice.errors import ExitCode
from selfservice.projects.project import open_project
from selfservice.undeclared.finding import Danger
from tests.engine.example.expected import Expected
from tests.engine.example.intruder import intruder_in
from tests.support.forge_server import ACTIONS, BOT, forge_server
from tests.support.workbench import Workbench

GITHUB = "token.actions.githubusercontent.com"
OURS = "repo:acme@123456/foundation@456789"
"""Beginning of the subject of every token of the repository whose workflows may review."""
REVIEWED = ("organization", "governance", "fraud", "fraud-preproduction")
"""Stacks of the management account, of a durable account, of a team, and of an environment."""


@pytest.fixture(scope="module")
def review(acme: Workbench) -> dict[str, str]:
    """The credentials of a build of the project for reviews, as variables of its shell. Their calls are judged."""
    environment = acme.environment()
    governance = acme.outputs("governance")
    sts = _client(acme, "sts", service_key("codebuild"), environment["AWS_SECRET_ACCESS_KEY"])
    project = f"arn:aws:codebuild:eu-west-1:{governance['account_id']}:project/plinth-review"
    tell_origin(sts, {"source_arn": project})
    issued = sts.assume_role(RoleArn=governance["review_role_arn"], RoleSessionName="build")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": issued["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": issued["SecretAccessKey"],
        "AWS_SESSION_TOKEN": issued["SessionToken"],
    }


def _client(acme: Workbench, service: Any, key: str, secret: str, token: str | None = None) -> Any:
    return boto3.client(
        service,
        region_name="eu-west-1",
        endpoint_url=acme.environment()["AWS_ENDPOINT_URL"],
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(read_timeout=LONGEST_SECONDS, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )


def entered(acme: Workbench, review: dict[str, str], account_id: str, service: Any) -> Any:
    """Returns a client with which a review enters an account."""
    sts = _client(acme, "sts", *review.values())
    role = f"arn:aws:iam::{account_id}:role/plinth/platform-reviewer"
    issued = sts.assume_role(RoleArn=role, RoleSessionName="review")["Credentials"]
    return _client(acme, service, issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"])


@pytest.fixture
def change(acme: Workbench) -> Iterator[str]:
    """A change of an environment, which is taken back afterwards. Returns the stack."""
    stack = "fraud-preproduction"
    before = acme.settings_file(stack).read_text()
    acme.change_environment(stack, noncurrent_retention_days=91)
    yield stack
    acme.settings_file(stack).write_text(before)


@pytest.mark.threat("T-15")
def test_a_change_is_previewed_with_the_roles_that_only_read(
    acme: Workbench, review: dict[str, str], change: str
) -> None:
    states = {stack: acme.state(stack) for stack in REVIEWED}
    said = acme.plinth("preview", *REVIEWED, "--read-only", "--diff", "--json", variables=review)
    outcomes = json.loads(said.stdout)["stacks"]
    assert {stack: outcome["status"] for stack, outcome in outcomes.items()} == dict.fromkeys(REVIEWED, "succeeded")
    changed = {stack: outcome["changes"] for stack, outcome in outcomes.items() if outcome["changes"]}
    assert changed == {change: {"update": 1}}
    (lifecycle,) = outcomes[change]["differences"]
    assert lifecycle["urn"].endswith("::ml-lifecycle")
    assert {stack: acme.state(stack) for stack in REVIEWED} == states


JOBS = {
    "GitHub": {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": "{forge}",
        "GITHUB_EVENT_PATH": "{event}",
        "GITHUB_REPOSITORY": "acme/foundation",
        "GITHUB_TOKEN": "job-token",
    },
    "GitLab": {
        "GITLAB_CI": "true",
        "CI_API_V4_URL": "{forge}",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_PROJECT_ID": "12",
        "GITLAB_TOKEN": "bot-token",
    },
    "CodeBuild": {
        "CODEBUILD_BUILD_ID": "plinth-review:1",
        "CODEBUILD_SOURCE_REPO_URL": "https://github.com/acme/foundation.git",
        "CODEBUILD_WEBHOOK_TRIGGER": "pr/7",
        "GITHUB_API_URL": "{forge}",
        "GITHUB_TOKEN": "bot-token",
    },
}
"""Variables of a job for a pull request, by forge."""
NO_JOB = dict.fromkeys(("GITHUB_ACTIONS", "GITLAB_CI", "CODEBUILD_BUILD_ID"), "")


def git(directory: Path, *words: str) -> None:
    author = ("-c", "user.name=IT", "-c", "user.email=it@acme.example")
    subprocess.run(["git", "-C", str(directory), *author, *words], check=True)


@pytest.fixture
def clone(acme: Workbench, tmp_path: Path) -> Workbench:
    """A clone of the example's settings, as a job of continuous integration checks it out."""
    main = tmp_path / "main"
    main.mkdir()
    shutil.copy(acme.project / "Pulumi.yaml", main)
    shutil.copytree(acme.project / "environments", main / "environments")
    git(main, "init", "--quiet", "--initial-branch", "main")
    git(main, "add", "--all")
    git(main, "commit", "--quiet", "--message", "Settings")
    git(main, "clone", "--quiet", str(main), str(tmp_path / "change"))
    return Workbench(tmp_path, "change")


@pytest.mark.requirement("GOV-09.b")
@pytest.mark.threat("T-15")
def test_a_review_with_the_roles_that_only_read_keeps_one_comment_at_each_forge(
    acme: Workbench, review: dict[str, str], clone: Workbench, tmp_path: Path
) -> None:
    """The command of the jobs that the guide shows. The second commit has a wrong value, so it needs no preview."""
    states, stack = {stack_name: acme.state(stack_name) for stack_name in REVIEWED}, "fraud-preproduction"
    (event := tmp_path / "event.json").write_text(json.dumps({"pull_request": {"number": 7}}))
    with forge_server() as forge:

        def reviewed(name: str) -> ExitCode:
            job = {key: value.format(forge=forge.url, event=event) for key, value in JOBS[name].items()}
            words = ("--cwd", str(clone.project), "review", "--settings-only", "--read-only", "--post")
            return ExitCode(acme.plinth(*words, variables={**NO_JOB, **review, **job}, check=False).returncode)

        clone.change_environment(stack, noncurrent_retention_days=91)
        git(clone.project, "commit", "--quiet", "--all", "--message", "Keep versions for longer")
        assert reviewed("GitHub") is ExitCode.OK
        (comment,) = forge.comments
        assert comment["author"] == ACTIONS
        assert f"| `fraud` | `{stack}` |  | 1 |  |  | succeeded |" in comment["body"]
        clone.change_environment(stack, noncurrent_retention_days="long")
        git(clone.project, "commit", "--quiet", "--all", "--message", "A wrong value")
        for name, author in (("GitHub", ACTIONS), ("GitLab", BOT), ("CodeBuild", BOT)):
            assert reviewed(name) is ExitCode.BAD_INPUT
            (comment,) = forge.comments
            assert comment["author"] == author
            assert "### Plinth: no preview" in comment["body"]
            forge.comments.clear()
    assert {stack_name: acme.state(stack_name) for stack_name in REVIEWED} == states


@pytest.mark.requirement("GOV-09.c")
@pytest.mark.threat("T-15")
def test_drift_of_all_stacks_is_reported_by_team_with_the_roles_that_only_read(
    acme: Workbench, review: dict[str, str], tmp_path: Path
) -> None:
    """Every call of the refresh is judged as one of the role for reviews."""
    states = {stack: acme.state(stack) for stack in REVIEWED}
    place, lake = acme.outputs("fraud-preproduction"), acme.outputs("data-lake")
    buckets = [(place["account_id"], place["bucket_name"]), (lake["account_id"], lake["zone_buckets"]["results"])]
    report = tmp_path / "drift.md"
    for account, bucket in buckets:
        _set_versioning(acme, account, bucket, "Suspended")
    try:
        words = ("drift", "--all", "--read-only", "--json", "--output", str(report))
        with intruder_in(acme) as added:
            said = acme.plinth(*words, variables=review, check=False)
    finally:
        for account, bucket in buckets:
            _set_versioning(acme, account, bucket, "Enabled")
    assert said.stdout, said.stderr
    found = json.loads(said.stdout)
    stacks = found["stacks"]
    failed = {stack: outcome["problems"] for stack, outcome in stacks.items() if outcome["status"] != "succeeded"}
    assert failed == {}, said.stderr
    left_out = {urn.split("::")[2].rpartition("$")[2] for stack in stacks.values() for urn in stack["not_read"]}
    assert left_out == {"aws:s3/bucketObjectv2:BucketObjectv2"}
    assert (set(stacks), found["not_deployed"]) == (set(open_project(acme.project).graph), [])
    drifted = {
        stack: (outcome["team"], _names(outcome["drift"])) for stack, outcome in stacks.items() if outcome["drift"]
    }
    assert drifted == {
        "data-lake": (None, ["lake-results-versioning"]),
        "fraud-preproduction": ("fraud", ["ml-versioning"]),
    }
    # Nothing else than what the intruder added, because the example itself has no findings.
    assert _findings(found["undeclared"]) == added
    assert {finding["danger"] for finding in found["undeclared"]["findings"]} == set(Danger)
    assert [(gap["region"], gap["what"].split()[0]) for gap in found["undeclared"]["not_read"]] == [
        ("us-east-1", "grants")  # of a catalog that the intruder administers
    ]
    assert found["undeclared"]["accounts_without_stacks"] == []
    headings = [line.strip("*") for line in report.read_text().splitlines() if line.startswith("**")]
    assert headings == ["shared", "fraud", *Danger]
    assert said.returncode == ExitCode.CHANGES
    assert {stack: acme.state(stack) for stack in REVIEWED} == states


def _set_versioning(acme: Workbench, account: str, bucket: str, status: str) -> None:
    s3 = acme.client("s3", account)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


def _findings(undeclared: dict[str, Any]) -> list[Expected]:
    return sorted(
        Expected(Danger(finding["danger"]), finding["account"], finding["service"], finding["resource"])
        for finding in undeclared["findings"]
    )


def _names(drift: list[dict[str, Any]]) -> list[str]:
    return [difference["urn"].rpartition("::")[2] for difference in drift]


@pytest.mark.threat("T-15")
def test_iam_refuses_an_update_with_the_credentials_of_a_review(
    acme: Workbench, review: dict[str, str], change: str
) -> None:
    state = acme.state(change)
    said = acme.plinth("up", change, "--yes", variables=review, check=False)
    assert said.returncode != 0
    assert "is not authorized to perform: sts:AssumeRole" in said.stdout
    assert acme.state(change) == state


@pytest.mark.threat("T-15")
def test_credentials_of_another_account_change_nothing_and_both_accounts_are_named(acme: Workbench) -> None:
    """Row 42 of the bad inputs. The provider of each stack allows one account."""
    before, development = acme.state("organization"), acme.outputs("fraud-development")["account_id"]
    expected = acme.client("sts").get_caller_identity()["Account"]
    session = acme.session_of("ada", development)
    said = acme.plinth("up", "organization", "--yes", variables=session, check=False)
    assert said.returncode == ExitCode.FAILED
    assert f"AWS account {development} is not one of allowedAccountIds ({expected})" in said.stdout
    assert acme.state("organization") == before


@pytest.mark.threat("T-15")
@pytest.mark.parametrize(
    ("service", "call", "parameters"),
    [
        ("s3", "get_object", {"Bucket": "{bucket}", "Key": "data.csv"}),
        ("s3", "put_bucket_versioning", {"Bucket": "{bucket}", "VersioningConfiguration": {"Status": "Suspended"}}),
        ("s3", "put_object", {"Bucket": "{bucket}", "Key": "data.csv", "Body": b""}),
        ("kms", "decrypt", {"KeyId": "{key}", "CiphertextBlob": b"hidden"}),
        ("iam", "update_role", {"RoleName": "platform-reviewer", "MaxSessionDuration": 7200}),
        ("iam", "put_role_policy", {"RoleName": "platform-reviewer", "PolicyName": "more", "PolicyDocument": "{{}}"}),
        ("secretsmanager", "get_secret_value", {"SecretId": "any"}),
        ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"}),
    ],
)
def test_iam_refuses_data_and_changes_to_a_program_with_the_role_for_reviews(
    acme: Workbench, review: dict[str, str], service: str, call: str, parameters: dict[str, Any]
) -> None:
    place = acme.outputs("fraud-preproduction")
    names = {"bucket": place["bucket_name"], "key": place["key_arn"]}
    given = {name: value.format(**names) if isinstance(value, str) else value for name, value in parameters.items()}
    client = entered(acme, review, place["account_id"], service)
    with pytest.raises(ClientError, match=r"is not authorized to perform|Access Denied"):
        getattr(client, call)(**given)


@pytest.mark.threat("T-15")
def test_the_role_for_reviews_trusts_the_workflows_of_one_repository(acme: Workbench) -> None:
    governance = acme.outputs("governance")
    iam = acme.client("iam", governance["account_id"])
    (listed,) = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    provider = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=listed["Arn"])
    assert (provider["Url"], provider["ClientIDList"]) == (GITHUB, ["sts.amazonaws.com"])
    role = iam.get_role(RoleName=governance["review_role_arn"].rpartition("/")[2])["Role"]
    (trust,) = (
        statement
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
        if "Federated" in statement["Principal"]
    )
    assert trust["Principal"] == {"Federated": listed["Arn"]}
    assert trust["Condition"] == {
        "StringEquals": {
            f"{GITHUB}:aud": "sts.amazonaws.com",
            f"{GITHUB}:sub": [
                f"{OURS}:pull_request",
                f"{OURS}:ref:refs/heads/main",
            ],
        }
    }


@pytest.mark.threat("T-15")
def test_a_workflow_enters_accounts_with_its_token_and_one_of_another_repository_or_branch_gets_no_role(
    acme: Workbench, tmp_path: Path
) -> None:
    github, forged = TokenIssuer(f"https://{GITHUB}"), TokenIssuer(f"https://{GITHUB}")
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [github.public_key()]}))
    acme.sandbox("issuer", github.url, "--jwks", str(keys))
    endpoint = acme.environment()["AWS_ENDPOINT_URL"]
    sts = boto3.client("sts", "eu-west-1", endpoint_url=endpoint, config=Config(signature_version=UNSIGNED))
    role = {"RoleArn": acme.outputs("governance")["review_role_arn"], "RoleSessionName": "workflow"}

    def assumed(issuer: TokenIssuer, subject: str) -> dict[str, Any]:
        token = issuer.token(aud="sts.amazonaws.com", sub=subject)
        return dict(sts.assume_role_with_web_identity(**role, WebIdentityToken=token)["Credentials"])

    for subject in (f"{OURS}:ref:refs/heads/mine", "repo:acme@123456/other@1:pull_request"):
        with pytest.raises(ClientError, match="AccessDenied"):
            assumed(github, subject)
    with pytest.raises(ClientError, match="InvalidIdentityToken"):
        assumed(forged, f"{OURS}:pull_request")
    issued = assumed(github, f"{OURS}:pull_request")
    workflow = {name: issued[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")}
    place = acme.outputs("fraud-preproduction")
    s3 = entered(acme, workflow, place["account_id"], "s3")
    assert s3.get_bucket_versioning(Bucket=place["bucket_name"])["Status"] == "Enabled"
    with pytest.raises(ClientError, match=r"Access Denied|is not authorized"):
        s3.put_object(Bucket=place["bucket_name"], Key="data.csv", Body=b"")
