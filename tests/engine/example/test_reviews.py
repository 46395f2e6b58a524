"""Reviews with the roles that only read: AWS judges each of their calls, as it judges those of a build."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from plinth_sandbox.emulator.credentials import service_key
from plinth_sandbox.executors.session import tell_origin
from tests.support.workbench import Workbench

GITHUB = "token.actions.githubusercontent.com"
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
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
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
    (trust,) = (one for one in role["AssumeRolePolicyDocument"]["Statement"] if "Federated" in one["Principal"])
    assert trust["Principal"] == {"Federated": listed["Arn"]}
    assert trust["Condition"] == {
        "StringEquals": {
            f"{GITHUB}:aud": "sts.amazonaws.com",
            f"{GITHUB}:sub": [
                "repo:acme@123456/foundation@456789:pull_request",
                "repo:acme@123456/foundation@456789:ref:refs/heads/main",
            ],
        }
    }
