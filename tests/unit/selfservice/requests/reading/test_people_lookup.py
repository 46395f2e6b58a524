"""The look-up of people in the directory, with the credentials of who writes a request."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from selfservice.cli.commands.requests.directory_access import look_up_people
from selfservice.errors import BadInputError
from selfservice.people.use_case_submission import refuse_unknown_approvers
from selfservice.requests.reading.people_lookup import LookUpError, unknown_people

REGION = "eu-west-1"


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An organization whose directory has Ada."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_REGION", REGION)
    with mock_aws():
        boto3.client("organizations", region_name=REGION).create_organization(FeatureSet="ALL")
        (instance,) = boto3.client("sso-admin", region_name=REGION).list_instances()["Instances"]
        boto3.client("identitystore", region_name=REGION).create_user(
            IdentityStoreId=instance["IdentityStoreId"],
            UserName="ada",
            DisplayName="Ada",
            Name={"GivenName": "Ada", "FamilyName": "L"},
        )
        yield


def test_only_who_is_not_in_the_directory_is_unknown(directory: None, tmp_path: Path) -> None:
    assert unknown_people(REGION, ["ada", "zoe", "zoe"]) == {"zoe"}
    look_up = partial(look_up_people, tmp_path)
    refuse_unknown_approvers(["ada"], look_up)
    with pytest.raises(BadInputError, match="approvers: zoe is not a user name of the directory"):
        refuse_unknown_approvers(["zoe", "ada"], look_up)


def test_a_request_without_people_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "Session", denied)
    assert unknown_people(REGION, []) == frozenset()


def test_a_directory_that_does_not_answer_leaves_people_to_the_review(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(boto3, "Session", denied)
    with pytest.raises(LookUpError, match="not authorized"):
        unknown_people(REGION, ["zoe"])
    assert look_up_people(tmp_path, ["zoe"]) == frozenset()
    said = capsys.readouterr().err
    assert said.startswith("People are looked up later, in the review of the request: ")
    assert "not authorized" in said


def denied(*_: object, **__: object) -> None:
    raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not authorized"}}, "AssumeRole")
