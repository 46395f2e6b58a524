"""The approvers who are still in the platform team."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from selfservice.engine.account_access import Account
from selfservice.projects import states
from selfservice.requests import approvers
from selfservice.requests.approvers import departed
from selfservice.requests.run_changes import UncheckedApproversError

DIRECTORY = "d-1234567890"
PROJECT: Any = SimpleNamespace()


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch):
    """A directory with Ben in the platform team, and Chloe in no group."""
    with mock_aws():
        client = boto3.client("identitystore", region_name="eu-west-1")
        group = client.create_group(IdentityStoreId=DIRECTORY, DisplayName="plinth-it-platform")["GroupId"]
        for name in ("ben", "chloe"):
            names = {"GivenName": name, "FamilyName": name}
            user = client.create_user(IdentityStoreId=DIRECTORY, UserName=name, DisplayName=name, Name=names)["UserId"]
            if name == "ben":
                client.create_group_membership(IdentityStoreId=DIRECTORY, GroupId=group, MemberId={"UserId": user})
        found = {"identity_store_id": DIRECTORY, "groups": {"it-platform": group}}
        yield use(monkeypatch, found)


def use(monkeypatch: pytest.MonkeyPatch, outputs: dict[str, Any]) -> dict[str, Any]:
    stack = {"type": "pulumi:pulumi:Stack", "outputs": outputs}
    monkeypatch.setattr(states, "resources_by_stack", lambda _, stacks: {name: [stack] for name in stacks})
    management = Account(id="123456789012", region="eu-west-1", role_arn=None)
    monkeypatch.setattr(approvers, "account_of_organization", lambda _: management)
    return outputs


@pytest.mark.threat("T-02")
def test_a_person_without_membership_and_one_without_a_user_have_departed(people: dict[str, Any]) -> None:
    assert departed(PROJECT, ["ben", "chloe", "dan"]) == ["chloe", "dan"]


def test_a_directory_that_does_not_answer_is_an_error_with_the_permissions(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approvers, "_is_member", denied)
    with pytest.raises(UncheckedApproversError, match=r"AccessDenied.*identitystore:IsMemberInGroups"):
        departed(PROJECT, ["ben"])


def denied(*_: object) -> bool:
    raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetUserId")


def test_nobody_departs_where_people_sign_in_without_identity_center(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, {"identity_store_id": None, "groups": {}})
    assert departed(PROJECT, ["chloe"]) == []
