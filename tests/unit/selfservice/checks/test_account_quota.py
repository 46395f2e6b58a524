"""Stacks whose new accounts exceed the quota of the organization are refused before anything is created."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError

from benchmarks.organizations import team_name, write_organization
from selfservice.catalog.change_record import ChangeRecord, ChangeState
from selfservice.catalog.items import CatalogItems
from selfservice.changes.approvable import Approvable
from selfservice.changes.reviewed_change import code_digest
from selfservice.checks import account_quota
from selfservice.checks.account_quota import refuse_too_many_accounts
from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError
from selfservice.projects import states
from selfservice.projects.project import Project, open_project
from selfservice.request_runner.work import RunnerWork
from settings.files.validation_cache import load_cached
from tests.support.silent_display import SILENT
from tests.support.workbench import COMMANDS, REPOSITORY
from tests.unit.selfservice.changes.test_settings_change import CLAIMS
from tests.unit.selfservice.checks.test_adopted_accounts import (  # noqa: F401 (fixtures)
    Organization,
    adopt,
    organization,
    project,
)


@pytest.fixture(autouse=True)
def read(organization: Organization, monkeypatch: pytest.MonkeyPatch) -> list[str]:  # noqa: F811
    """The stacks whose states were read."""
    found: list[str] = []

    def resources(_: Project, stacks: Sequence[str]) -> Mapping[str, Any]:
        found.extend(stacks)
        return {stack: organization.states.get(stack, []) for stack in stacks}

    monkeypatch.setattr(account_quota, "existing_stacks", lambda _: frozenset(organization.states))
    monkeypatch.setattr(account_quota, "resources_by_stack", resources)
    monkeypatch.setattr(states, "resources_by_stack", resources)
    return found


def join(project: Path, *labels: str) -> None:  # noqa: F811
    """Creates accounts of the organization with the addresses that the settings give them."""
    client = boto3.client("organizations", region_name="eu-west-1")
    foundation = load_cached(project)
    addresses = {
        account.label: account.email for team in foundation.teams for account in foundation.accounts_of_team(team)
    }
    for label in labels:
        client.create_account(Email=addresses[label].upper(), AccountName=label)


def grant(monkeypatch: pytest.MonkeyPatch, quota: int | None) -> None:
    monkeypatch.setattr(account_quota, "_quota", lambda _: quota)


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
    join(project, "churn-production")
    with pytest.raises(BadInputError, match="It has 4, and these stacks would create 2 more: churn 2 accounts"):
        refuse_too_many_accounts(open_project(project), ["churn"])
    grant(monkeypatch, 6)
    refuse_too_many_accounts(open_project(project), ["churn"])
    grant(monkeypatch, 3)  # which AWS has lowered since
    join(project, "churn-experimentation", "churn-preproduction")
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
    adopt(project, development=organization.members[1])
    organization.add("churn", organization.members[1], *(f"{number:012}" for number in range(3)))
    monkeypatch.setattr(account_quota, "reader_of", lambda _: pytest.fail("AWS was asked"))
    refuse_too_many_accounts(open_project(project), ["churn", "churn-development", "network"])
    organization.states["churn"].pop()
    with pytest.raises(pytest.fail.Exception, match="AWS was asked"):
        refuse_too_many_accounts(open_project(project), ["churn"])


def test_many_stacks_cost_as_many_states_and_calls_as_a_few(
    tmp_path: Path,
    organization: Organization,  # noqa: F811
    read: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[str] = []
    listed = Account.every

    def every(account: Account, service: str, operation: str, key: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        calls.append(operation)
        return listed(account, service, operation, key, **arguments)

    monkeypatch.setattr(Account, "every", every)
    grant(monkeypatch, 900)
    costs = []
    for teams in (account_quota.FEW + 1, 40):
        read.clear()
        calls.clear()
        directory = tmp_path / str(teams)
        write_organization(directory, teams, main=REPOSITORY, virtualenv=COMMANDS.parent)
        for number in range(teams):
            organization.add(team_name(number), *(f"{number:08}{place:04}" for place in range(4)))
        refuse_too_many_accounts(open_project(directory), [team_name(number) for number in range(teams)])
        costs.append((list(read), list(calls)))
    assert costs == [(["organization"], ["list_accounts"])] * 2


def test_an_approved_team_that_no_longer_fits_is_refused_before_its_settings_change(
    project: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grant(monkeypatch, 6)
    opened = open_project(project)
    record = ChangeRecord(
        id="claims", user="ada", requested="", text=CLAIMS.text, state=ChangeState.RUNNING, runner="", lease=0
    )
    approved = Approvable(
        request=CLAIMS.text, files={}, code=code_digest(opened), steps={}, reasons={"claims": "changed"}, cost="0"
    )
    before = settings_of(project)
    with pytest.raises(BadInputError, match="It has 3, and these stacks would create 4 more: claims 4 accounts"):
        RunnerWork(project, cast("CatalogItems", None), SILENT).deploy(record, approved)
    assert settings_of(project) == before


def settings_of(project: Path) -> dict[str, bytes]:  # noqa: F811
    return {file.name: file.read_bytes() for file in (project / "environments").glob("*.yaml")}
