"""Stacks whose new accounts exceed the quota of the organization are refused before anything is created."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from selfservice.checks import account_quota
from selfservice.checks.account_quota import refuse_too_many_accounts
from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError
from selfservice.runner.project import open_project
from tests.unit.selfservice.checks.test_adopted_accounts import (  # noqa: F401 (fixtures)
    Organization,
    adopt,
    organization,
    project,
)


@pytest.fixture(autouse=True)
def states(organization: Organization, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(account_quota, "existing_stacks", lambda _: frozenset(organization.states))
    monkeypatch.setattr(
        account_quota,
        "resources_by_stack",
        lambda _, stacks: {one: organization.states.get(one, []) for one in stacks},
    )


def grant(monkeypatch: pytest.MonkeyPatch, quota: int | None) -> None:
    monkeypatch.setattr(account_quota, "_quota", lambda _: quota)


@pytest.mark.requirement("GOV-08")
def test_a_team_that_does_not_fit_is_refused_as_a_whole(
    project: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grant(monkeypatch, 6)  # the management account, two members, and three more
    with pytest.raises(BadInputError) as refused:
        refuse_too_many_accounts(open_project(project), ["churn", "churn-development"])
    said = str(refused.value)
    assert "may have 6 accounts. It has 3, and these stacks would create 4 more: churn 4 accounts" in said
    assert "Request an increase of the quota `Default maximum number of accounts`" in said
    grant(monkeypatch, 7)
    refuse_too_many_accounts(open_project(project), ["churn", "churn-development"])


def test_accounts_that_exist_or_are_adopted_do_not_count(
    project: Path,  # noqa: F811
    organization: Organization,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grant(monkeypatch, 5)
    adopt(project, development=organization.members[1])
    organization.add("churn", organization.members[1], "111111111111")
    refuse_too_many_accounts(open_project(project), ["churn"])
    organization.states["churn"].pop()
    with pytest.raises(BadInputError, match="churn 3 accounts"):
        refuse_too_many_accounts(open_project(project), ["churn"])


def test_a_quota_that_the_caller_may_not_read_refuses_nothing(
    project: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def deny(account: Account, service: str, operation: str, *_: str, **__: str) -> Iterator[None]:
        assert (service, operation, account.region) == ("service-quotas", "list_service_quotas", "us-east-1")
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, operation)
        yield

    monkeypatch.setattr(Account, "every", deny)
    refuse_too_many_accounts(open_project(project), ["churn", "fraud"])


def test_aws_is_not_asked_if_no_account_is_missing(
    project: Path,  # noqa: F811
    organization: Organization,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    organization.add("churn", *(f"{number:012}" for number in range(4)))
    monkeypatch.setattr(account_quota, "reader_of", lambda _: pytest.fail("AWS was asked"))
    refuse_too_many_accounts(open_project(project), ["churn", "churn-development", "network"])
