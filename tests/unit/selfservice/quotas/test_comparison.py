"""Tests that the needs of stacks are compared with the quotas of their accounts and with the usage of others there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError
from selfservice.projects.project import open_project
from selfservice.quotas import comparison
from selfservice.quotas.comparison import Verdict, compare
from selfservice.quotas.quota import BY_KEY
from selfservice.quotas.refusal import refuse_too_small_quotas
from selfservice.quotas.text import as_json, as_table
from tests.support.workbench import REPOSITORY

MANAGEMENT = "123456789012"
VPC, ENDPOINT = "aws:ec2/vpc:Vpc", "aws:ec2/vpcEndpoint:VpcEndpoint"
PROVIDER = "urn:pulumi:one::plinth::pulumi:providers:aws::organization::1"
STACKS = ["organization", "sales", "sales-experimentation", "sales-development", "data-lake", "tooling"]


class Aws:
    """The quotas and the resources of the management account, and the states of stacks."""

    def __init__(self) -> None:
        self.quotas: dict[str, int] = {}
        self.listed: dict[str, list[Any]] = {"describe_vpcs": [{"VpcId": "vpc-default"}]}
        self.states: dict[str, list[Mapping[str, Any]]] = {}
        self.asked: list[str] = []
        self.denied = False

    def every(self, account: Account, service: str, operation: str, key: str, **_: Any) -> Iterator[Any]:
        assert (account.id, account.role_arn) == (MANAGEMENT, None)
        self.asked.append(operation)
        if self.denied:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)
        yield from self.listed.get(operation, [])

    def client(self, account: Account, service: str) -> Aws:
        assert service == "service-quotas"
        return self

    def get_service_quota(self, *, ServiceCode: str, QuotaCode: str) -> Any:  # noqa: N803
        self.asked.append(f"{ServiceCode}/{QuotaCode}")
        if self.denied:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetServiceQuota")
        if QuotaCode not in self.quotas:
            raise ClientError({"Error": {"Code": "NoSuchResourceException", "Message": "no"}}, "GetServiceQuota")
        return {"Quota": {"Value": float(self.quotas[QuotaCode])}}

    def get_aws_default_service_quota(self, *, ServiceCode: str, QuotaCode: str) -> Any:  # noqa: N803
        return {"Quota": {"Value": float(BY_KEY[f"{ServiceCode}/{QuotaCode}"].default or 0)}}

    def hold(self, stack: str, *vpcs: str) -> None:
        self.states[stack] = [{"type": VPC, "id": vpc, "provider": PROVIDER, "urn": vpc} for vpc in vpcs]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    found = Aws()
    monkeypatch.setattr(Account, "every", lambda account, *said, **named: found.every(account, *said, **named))
    monkeypatch.setattr(Account, "client", lambda account, service: found.client(account, service))
    monkeypatch.setattr(comparison, "existing_stacks", lambda _: frozenset(found.states))

    def deployments(_: object, stacks: Sequence[str]) -> Mapping[str, Any]:
        return {stack: {"resources": found.states[stack]} for stack in stacks}

    monkeypatch.setattr(comparison, "deployments_by_stack", deployments)
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Returns the small example, which has everything in the management account."""
    for file in (REPOSITORY / "environments" / "small").glob("*.yaml"):
        shutil.copy(file, tmp_path)
    return tmp_path


def refusal(project: Path, stacks: Sequence[str] = STACKS) -> str:
    with pytest.raises(BadInputError) as refused:
        refuse_too_small_quotas(open_project(project), stacks)
    return str(refused.value)


def test_a_quota_that_others_have_used_up_is_refused_with_the_command_that_raises_it(project: Path, aws: Aws) -> None:
    refuse_too_small_quotas(open_project(project), STACKS)  # four networks beside the default VPC
    aws.listed["describe_vpcs"].append({"VpcId": "vpc-old"})
    first, second = refusal(project).splitlines()
    assert first.startswith("nothing was touched")
    assert second.strip() == (
        "organization (123456789012): VPCs per Region (vpc L-F678F1CE) in eu-west-1: 4 needed by "
        "sales-experimentation, sales-development, data-lake, tooling, 2 in use by others, 5 allowed; run in the "
        "account 123456789012: `aws service-quotas request-service-quota-increase --region eu-west-1 --service-code "
        "vpc --quota-code L-F678F1CE --desired-value 6`; or give some of these stacks an account of their own in the "
        "placement"
    )
    aws.quotas["L-F678F1CE"] = 6
    refuse_too_small_quotas(open_project(project), STACKS)


def test_what_the_stacks_have_already_is_not_counted_twice(project: Path, aws: Aws) -> None:
    aws.hold("sales-experimentation", "vpc-1")
    aws.listed["describe_vpcs"] += [{"VpcId": "vpc-1"}]
    refuse_too_small_quotas(open_project(project), STACKS)
    aws.listed["describe_vpcs"] += [{"VpcId": "vpc-2"}]
    assert "2 in use by others" in refusal(project)


def test_aws_is_not_asked_about_what_stacks_have_already_or_what_is_far_from_its_quota(project: Path, aws: Aws) -> None:
    aws.hold("sales-experimentation", "vpc-1")
    aws.states["sales-experimentation"] += [
        {"type": ENDPOINT, "id": id_, "provider": PROVIDER, "urn": id_, "inputs": {}} for id_ in ("vpce-1", "vpce-2")
    ]
    refuse_too_small_quotas(open_project(project), ["sales-experimentation"])
    assert aws.asked == []
    refuse_too_small_quotas(open_project(project), ["tooling"])
    assert set(aws.asked) == {"describe_vpcs", "vpc/L-F678F1CE", "describe_vpc_endpoints", "vpc/L-1B52E74A"}


def test_a_quota_that_the_caller_may_not_read_refuses_nothing(project: Path, aws: Aws) -> None:
    aws.denied = True
    aws.listed["describe_vpcs"] += [{"VpcId": f"vpc-{number}"} for number in range(9)]
    refuse_too_small_quotas(open_project(project), STACKS)
    rows = {row.need.quota.name: row for row in compare(open_project(project), STACKS, everything=True)}
    vpcs = rows["VPCs per Region"]
    assert (vpcs.in_use, vpcs.allowed, vpcs.verdict) == (None, None, Verdict.UNKNOWN)
    assert f"these credentials may not read the quotas of the account {MANAGEMENT}" in as_table([vpcs])


def test_the_accounts_of_a_team_are_those_that_its_stack_has_made(
    tmp_path: Path, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(REPOSITORY / "Pulumi.yaml", tmp_path)
    shutil.copytree(REPOSITORY / "environments", tmp_path / "environments")
    outputs = {"accounts": {"development": "222222222222"}}
    aws.states["fraud"] = [{"type": "pulumi:pulumi:Stack", "outputs": outputs}]
    asked: list[tuple[str, str | None]] = []

    def every(account: Account, *_: str, **__: str) -> Iterator[Any]:
        asked.append((account.id, account.role_arn))
        yield from ()

    monkeypatch.setattr(Account, "every", every)
    compare(open_project(tmp_path), ["fraud-development"])
    assert set(asked) == {("222222222222", "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole")}


def test_a_new_account_is_judged_by_the_defaults_and_created_before_a_quota_is_raised(tmp_path: Path, aws: Aws) -> None:
    shutil.copy(REPOSITORY / "Pulumi.yaml", tmp_path)
    shutil.copytree(REPOSITORY / "environments", tmp_path / "environments")
    project = open_project(tmp_path)
    refuse_too_small_quotas(project, list(project.graph))
    rows = compare(project, list(project.graph), everything=True)
    own = [row for row in rows if row.need.place.label == "fraud-development"]
    assert {row.account_id for row in own} == {None}
    assert {row.need.quota.name: row.in_use for row in own}["VPCs per Region"] == 1


def test_the_table_names_every_quota_with_its_verdict(project: Path, aws: Aws) -> None:
    aws.listed["describe_vpcs"] += [{"VpcId": "vpc-old"}]
    rows = compare(open_project(project), STACKS, everything=True)
    header, *lines = as_table(rows).splitlines()
    assert header.split() == ["account", "quota", "needed", "in", "use", "allowed", "verdict"]
    number = next(at for at, line in enumerate(lines) if "VPCs per Region" in line)
    assert lines[number].split("  ")[-1].strip() == "too small"
    assert "--desired-value 6" in lines[number + 1]
    documents = {document["name"]: document for document in json.loads(as_json(rows))}
    assert documents["VPCs per Region"] | {"remedy": "", "stacks": {}} == {
        "account": "organization",
        "account_id": MANAGEMENT,
        "region": "eu-west-1",
        "service": "vpc",
        "code": "L-F678F1CE",
        "name": "VPCs per Region",
        "needed": {"least": 4, "most": 4},
        "stacks": {},
        "in_use": 2,
        "allowed": 5,
        "verdict": "too small",
        "remedy": "",
    }
    assert documents["Roles per account"]["verdict"] == "ok"
