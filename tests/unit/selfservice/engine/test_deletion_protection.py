"""Which deletion protections an operation lifts, with a client that records its calls."""

import pytest
from botocore.exceptions import ClientError

from selfservice.engine import deletion_protection
from selfservice.engine.import_discovery import Search

FIREWALL = "aws:networkfirewall/firewall:Firewall"
PROVIDER = "urn:pulumi:fraud-experimentation::plinth::pulumi:providers:aws::account"


def resource(name, type_=FIREWALL, **outputs):
    urn = f"urn:pulumi:fraud-experimentation::plinth::{type_}::{name}"
    return {"urn": urn, "type": type_, "id": f"arn:{name}", "outputs": outputs, "provider": f"{PROVIDER}::1"}


PROTECTED = resource("internet", deleteProtection=True)


class Account:
    """An account whose network firewall answers every change with one error code, or with success."""

    def __init__(self, error=""):
        self.error, self.calls = error, []

    def client(self, service):
        assert service == "network-firewall"
        return self

    def update_firewall_delete_protection(self, **call):
        self.calls.append(call)
        if self.error:
            raise ClientError({"Error": {"Code": self.error, "Message": "no"}}, "UpdateFirewallDeleteProtection")


@pytest.fixture
def lift(monkeypatch):
    """Returns a function that lifts protections and returns the calls and the notices."""

    def lift(resources, deleted, error=""):
        account, said = Account(error), []
        monkeypatch.setattr(Search, "account_of", lambda self, resource: account)
        deletion_protection.lift(resources, deleted, said.append)
        return account.calls, said

    return lift


def test_the_protection_of_a_deleted_firewall_is_lifted_and_the_user_is_told(lift):
    calls, said = lift([PROTECTED], {PROTECTED["urn"]})
    assert calls == [{"FirewallArn": "arn:internet", "DeleteProtection": False}]
    assert said == ["lifted the deletion protection of internet"]


def test_a_database_is_named_by_its_identifier_and_one_that_is_gone_needs_nothing(monkeypatch):
    calls = []

    class Databases:
        def client(self, service):
            assert service == "rds"
            return self

        def modify_db_instance(self, **call):
            calls.append(call)
            raise ClientError({"Error": {"Code": "DBInstanceNotFound", "Message": "no"}}, "ModifyDBInstance")

    monkeypatch.setattr(Search, "account_of", lambda self, resource: Databases())
    database = resource("database", "aws:rds/instance:Instance", deletionProtection=True, identifier="plinth-mlflow")
    deletion_protection.lift([database], None, calls.append)
    assert calls == [{"DBInstanceIdentifier": "plinth-mlflow", "DeletionProtection": False}]


def test_a_cluster_of_databases_is_named_by_the_id_of_the_provider(monkeypatch):
    calls = []

    class Databases:
        def client(self, service):
            assert service == "rds"
            return self

        def modify_db_cluster(self, **call):
            calls.append(call)

    monkeypatch.setattr(Search, "account_of", lambda self, resource: Databases())
    cluster = resource("plinth-workflows", "aws:rds/cluster:Cluster", deletionProtection=True)
    deletion_protection.lift([cluster], None, lambda _: None)
    assert calls == [{"DBClusterIdentifier": "arn:plinth-workflows", "DeletionProtection": False}]


def test_a_destruction_lifts_every_protection(lift):
    calls, _ = lift([PROTECTED, resource("other", deleteProtection=True)], None)
    assert [call["FirewallArn"] for call in calls] == ["arn:internet", "arn:other"]


@pytest.mark.parametrize(
    "kept",
    [
        resource("internet", deleteProtection=False),
        resource("internet"),
        {**PROTECTED, "outputs": None},
        resource("internet", "aws:s3/bucket:Bucket", deleteProtection=True),
    ],
    ids=["not protected", "without the property", "without outputs", "of another type"],
)
def test_a_resource_without_protection_is_not_changed(lift, kept):
    assert lift([kept], None) == ([], [])


def test_the_protection_of_a_resource_that_stays_is_not_lifted(lift):
    assert lift([PROTECTED], frozenset()) == ([], [])


def test_a_firewall_that_aws_no_longer_has_needs_nothing_and_other_errors_end_the_operation(lift):
    calls, said = lift([PROTECTED], None, "ResourceNotFoundException")
    assert (len(calls), said) == (1, [])
    with pytest.raises(ClientError, match="AccessDenied"):
        lift([PROTECTED], None, "AccessDenied")
