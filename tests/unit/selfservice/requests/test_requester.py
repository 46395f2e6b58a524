"""A person requests with the credentials of the shell, and errors of AWS say what to do."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from selfservice.errors import BadInputError, RefusedError
from selfservice.requests.requester import current_requester, explained
from tests.unit.selfservice.requests.test_request_table import ID, NOW, REQUEST


def session_named(name: str) -> Any:
    """Returns a session of a role, as a permission set opens it."""
    found = boto3.client("sts", region_name="eu-west-1").assume_role(
        RoleArn="arn:aws:iam::123456789012:role/LeadScientist", RoleSessionName=name
    )["Credentials"]
    return lambda region_name: boto3.Session(
        found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"], region_name=region_name
    )


@pytest.mark.requirement("TPL-03.b")
@pytest.mark.threat("T-01")
def test_the_requester_is_the_name_of_the_session(dynamodb: Any) -> None:
    requester = current_requester("eu-west-1", session_named("grace@acme.example"))
    requester.table.add("fraud", requester.user, REQUEST, id_=ID, now=NOW)
    (row,) = requester.table.requests_of("fraud", "grace@acme.example")
    assert (row.user, requester.account_id) == ("grace@acme.example", "123456789012")


def test_credentials_without_a_person_are_refused(dynamodb: Any) -> None:
    with pytest.raises(BadInputError, match="not to a person: sign in with the permission set LeadScientist-tooling"):
        current_requester("eu-west-1")


def test_a_shell_without_settings_names_the_region_as_the_guide_says(
    dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    requester = current_requester(None, session_named("grace"))
    assert requester.table.requests_of("fraud", requester.user) == []


def test_a_shell_without_a_region_is_told_to_set_one(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(BadInputError, match="set AWS_REGION"):
        current_requester(None)


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        ("AccessDeniedException", RefusedError, "only a lead data scientist .*: not authorized"),
        ("ResourceNotFoundException", BadInputError, "has no table of requests"),
        ("ExpiredTokenException", BadInputError, "have expired"),
        ("ThrottlingException", ClientError, "Throttling"),
    ],
)
def test_an_answer_of_aws_is_explained(code: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said), explained():
        raise ClientError({"Error": {"Code": code, "Message": "not authorized"}}, "PutItem")


def test_a_shell_without_credentials_is_told_to_sign_in() -> None:
    with pytest.raises(BadInputError, match="not connected: it has no credentials of AWS"), explained():
        raise NoCredentialsError
