"""An account that settings adopt is a member of the organization, and no other stack has it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from moto import mock_aws

from selfservice.checks import adopted_accounts
from selfservice.checks.adopted_accounts import refuse_unusable_accounts
from selfservice.engine.account_suspension import ACCOUNT
from selfservice.errors import BadInputError
from selfservice.projects import states
from selfservice.projects.project import open_project
from tests.support.workbench import REPOSITORY

MANAGEMENT = "210987654321"
"""The management account, which the settings of the example do not name."""
PROVIDER = "urn:pulumi:organization::plinth::pulumi:providers:aws::organization"


class Organization:
    """The states of the stacks, and an emulated organization with two members."""

    def __init__(self) -> None:
        client = boto3.client("organizations", region_name="eu-west-1")
        client.create_organization(FeatureSet="ALL")
        self.members = [
            client.create_account(Email=f"{name}@acme.example", AccountName=name)["CreateAccountStatus"]["AccountId"]
            for name in ("audit", "old")
        ]
        self.states: dict[str, list[Mapping[str, Any]]] = {}
        self.add("organization", self.members[0])

    def add(self, stack: str, *accounts: str) -> None:
        inputs = {"region": "eu-west-1", "allowedAccountIds": json.dumps([MANAGEMENT])}
        provider = {"urn": PROVIDER, "type": "pulumi:providers:aws", "inputs": inputs}
        self.states[stack] = [
            provider,
            *({"type": ACCOUNT, "urn": f"urn::{id_}", "id": id_, "provider": f"{PROVIDER}::1"} for id_ in accounts),
        ]


@pytest.fixture
def organization(monkeypatch: pytest.MonkeyPatch):
    with mock_aws():
        found = Organization()
        for module in (adopted_accounts, states):
            monkeypatch.setattr(module, "existing_stacks", lambda _: frozenset(found.states))
            monkeypatch.setattr(
                module, "resources_by_stack", lambda _, stacks: {stack: found.states.get(stack, []) for stack in stacks}
            )
        yield found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    described = yaml.safe_load((REPOSITORY / "Pulumi.yaml").read_text())
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(described))
    shutil.copytree(REPOSITORY / "environments", tmp_path / "environments")
    return tmp_path


def adopt(project: Path, **accounts: str) -> None:
    file = project / "environments" / "Pulumi.churn.yaml"
    content = yaml.safe_load(file.read_text())
    content["config"]["plinth:team"]["accounts"] = {kind: {"id": id_} for kind, id_ in accounts.items()}
    file.write_text(json.dumps(content))  # which keeps the quotes of a cost centre


def refusal(project: Path, *stacks: str) -> str:
    with pytest.raises(BadInputError) as refused:
        refuse_unusable_accounts(open_project(project), stacks)
    return str(refused.value)


@pytest.mark.requirement("ACC-01.b")
@pytest.mark.threat("T-03")
def test_an_account_of_another_stack_is_refused_with_its_place(project: Path, organization: Organization) -> None:
    adopt(project, development=organization.members[0])
    said = refusal(project, "churn")
    place = "Pulumi.churn.yaml: plinth:team.accounts.development.id"
    assert f"{place}: account {organization.members[0]} belongs to the stack organization; name another" in said
    organization.add("fraud", organization.members[1])
    adopt(project, development=organization.members[1])
    assert "belongs to the stack fraud" in refusal(project, "churn")


@pytest.mark.threat("T-03")
def test_the_management_account_and_an_account_outside_the_organization_are_refused_together(
    project: Path, organization: Organization
) -> None:
    adopt(project, development="999999999999", experimentation=MANAGEMENT)
    said = refusal(project, "churn")
    assert f"account {MANAGEMENT} is the management account" in said
    assert "account 999999999999 is not a member of the organization; invite it with" in said


def test_a_member_that_no_stack_has_is_adopted_and_keeps_its_stack(project: Path, organization: Organization) -> None:
    adopt(project, development=organization.members[1])
    refuse_unusable_accounts(open_project(project), ["churn"])
    organization.add("churn", organization.members[1])
    refuse_unusable_accounts(open_project(project), ["churn"])


def test_an_account_that_a_stack_is_about_to_delete_from_its_state_belongs_to_it_no_more(
    project: Path, organization: Organization
) -> None:
    organization.add("fraud", organization.members[1])
    provider, held = organization.states["fraud"]
    adopt(project, development=organization.members[1])
    assert "belongs to the stack fraud" in refusal(project, "churn")
    organization.states["fraud"] = [provider, {**held, "delete": True}]
    refuse_unusable_accounts(open_project(project), ["churn"])


def test_stacks_that_adopt_nothing_are_not_looked_at(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adopted_accounts, "existing_stacks", lambda _: pytest.fail("states were listed"))
    adopt(project, development="999999999999")
    refuse_unusable_accounts(open_project(project), ["fraud", "organization", "fraud-development"])


def test_before_there_is_an_organization_only_the_settings_are_judged(
    project: Path, organization: Organization
) -> None:
    adopt(project, development="999999999999")
    assert "is not a member of the organization" in refusal(project, "churn")
    organization.states.clear()
    refuse_unusable_accounts(open_project(project), ["churn"])
