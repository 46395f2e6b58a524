import json

import boto3
import pytest
from moto import mock_aws

from selfservice.engine import adoption
from selfservice.engine.account_access import Account
from selfservice.engine.account_suspension import ACCOUNT, recycle_accounts, recycled_accounts, suspend_accounts

PROVIDER = "urn:pulumi:fraud::plinth::pulumi:providers:aws::organization"
MAILBOX = "aws+fraud-development@acme.example"


class Organization:
    """An emulated organization with the unit ``Suspended``, a team's unit and an account in it."""

    def __init__(self):
        self.client = boto3.client("organizations", region_name="eu-west-1")
        self.client.create_organization(FeatureSet="ALL")
        self.root = self.client.list_roots()["Roots"][0]["Id"]
        self.suspended, self.team = self._unit("Suspended"), self._unit("fraud")
        created = self.client.create_account(Email=MAILBOX, AccountName="acme-fraud-development")
        self.account = created["CreateAccountStatus"]["AccountId"]
        self.client.move_account(AccountId=self.account, SourceParentId=self.root, DestinationParentId=self.team)

    def _unit(self, name):
        return self.client.create_organizational_unit(ParentId=self.root, Name=name)["OrganizationalUnit"]["Id"]

    def parent(self):
        return self.client.list_parents(ChildId=self.account)["Parents"][0]["Id"]

    def state(self, **account):
        inputs = {"region": "eu-west-1", "allowedAccountIds": json.dumps(["123456789012"])}
        urn = f"urn:pulumi:fraud::plinth::plinth:organization:MemberAccount${ACCOUNT}::account-development"
        described = {"urn": urn, "type": ACCOUNT, "inputs": {"email": MAILBOX}, "provider": f"{PROVIDER}::1"}
        return [{"urn": PROVIDER, "type": "pulumi:providers:aws", "inputs": inputs}, {**described, **account}]


@pytest.fixture
def organization():
    with mock_aws():
        yield Organization()


@pytest.mark.requirement("GOV-06.a")
def test_the_accounts_of_a_destroyed_team_move_to_the_unit_for_suspended_ones_and_the_user_is_told(organization):
    said = []
    state = organization.state(id=organization.account, retainOnDelete=True)
    suspend_accounts(state, said.append)
    assert organization.parent() == organization.suspended
    assert said == [f"account {organization.account} stays in the organization, in the unit Suspended"]
    suspend_accounts(state, said.append)  # a repetition after a failure changes nothing
    assert organization.parent() == organization.suspended


def test_an_account_that_the_engine_does_not_retain_is_left_alone(organization):
    suspend_accounts(organization.state(id=organization.account), lambda _: None)
    assert organization.parent() == organization.team


def test_a_suspended_account_is_adopted_by_its_address_and_no_other_account_is(organization):
    provider, sought = organization.state()
    assert adoption.existing_singletons([sought], [provider], lambda _: None) == {}
    suspend_accounts(organization.state(id=organization.account, retainOnDelete=True), lambda _: None)
    sought["inputs"]["email"] = MAILBOX.upper()
    assert adoption.existing_singletons([sought], [provider], lambda _: None) == {sought["urn"]: organization.account}


def test_before_there_is_an_organization_no_account_is_found():
    with mock_aws():
        provider = {
            "urn": PROVIDER,
            "type": "pulumi:providers:aws",
            "inputs": {"region": "eu-west-1", "allowedAccountIds": json.dumps(["123456789012"])},
        }
        sought = {"urn": "urn:x::y::z::a", "type": ACCOUNT, "inputs": {"email": MAILBOX}, "provider": f"{PROVIDER}::1"}
        assert adoption.existing_singletons([sought], [provider], lambda _: None) == {}


@pytest.mark.requirement("GOV-06.a")
def test_a_suspended_account_is_recycled_once_and_an_active_one_never(organization):
    access = Account(id="123456789012", region="eu-west-1", role_arn=None)
    assert recycle_accounts(access, [organization.account]) == []  # there is no unit for them
    unit = organization._unit("Recycled")
    assert recycle_accounts(access, [organization.account]) == []
    assert organization.parent() == organization.team
    suspend_accounts(organization.state(id=organization.account, retainOnDelete=True), lambda _: None)
    assert recycle_accounts(access, ["999999999999"]) == []
    for _ in range(2):
        assert recycle_accounts(access, [organization.account]) == [organization.account]
    assert (organization.parent(), recycled_accounts(access)) == (unit, [organization.account])
