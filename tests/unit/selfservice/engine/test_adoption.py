import json

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from selfservice.engine import adoption
from stacks.shared.adoption import VARIABLE

DETECTOR = "aws:guardduty/detector:Detector"
HUB = "aws:securityhub/account:Account"
RECORDER = "aws:cfg/recorder:Recorder"
CHANNEL = "aws:cfg/deliveryChannel:DeliveryChannel"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
PROVIDER = "urn:pulumi:audit::plinth::pulumi:providers:aws::audit"


def provider(account_id="123456789012"):
    inputs = {"region": "eu-west-1", "allowedAccountIds": json.dumps([account_id])}
    return {"urn": PROVIDER, "type": "pulumi:providers:aws", "inputs": inputs}


def created(type_, name="threats", /, **inputs):
    urn = f"urn:pulumi:audit::plinth::plinth:audit:Part${type_}::{name}"
    return {"urn": urn, "type": type_, "inputs": inputs, "provider": f"{PROVIDER}::{UNKNOWN}"}


def adopted(*resources, known=None):
    said = []
    found = adoption.existing_singletons(resources, known or [provider()], said.append)
    return {urn.rpartition("::")[2]: identity for urn, identity in found.items()}, said


@pytest.fixture
def aws():
    with mock_aws():
        yield


def client(service):
    return boto3.client(service, region_name="eu-west-1")


def test_a_detector_that_exists_is_adopted_and_the_user_is_told(aws):
    detector = client("guardduty").create_detector(Enable=True)["DetectorId"]
    assert adopted(created(DETECTOR)) == (
        {"threats": detector},
        [f"the account already has threats: adopted as {detector}"],
    )


def test_nothing_is_adopted_in_a_new_account(aws):
    sought = [created(DETECTOR), created(HUB, "hub"), created(RECORDER, "recorder"), created(CHANNEL, "channel")]
    assert adopted(*sought) == ({}, [])


def test_a_recorder_is_adopted_under_the_name_that_it_has(aws):
    role = "arn:aws:iam::123456789012:role/config"
    client("config").put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})
    assert adopted(created(RECORDER, "recorder", name="plinth"))[0] == {"recorder": "default"}


def test_a_hub_is_adopted_by_the_id_of_its_account(aws):
    client("securityhub").enable_security_hub()
    assert adopted(created(HUB, "hub"))[0] == {"hub": "123456789012"}


def test_a_resource_that_may_belong_to_somebody_else_is_not_looked_up(aws):
    client("sns").create_topic(Name="alarms")
    assert adopted(created("aws:sns/topic:Topic", name="alarms")) == ({}, [])


def test_a_delegation_to_another_account_is_not_adopted(aws):
    organizations = client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    ids = [
        organizations.create_account(Email=f"{name}@acme.example", AccountName=name)["CreateAccountStatus"]["AccountId"]
        for name in ("audit", "other")
    ]
    principal = "guardduty.amazonaws.com"
    organizations.register_delegated_administrator(AccountId=ids[0], ServicePrincipal=principal)
    type_ = "aws:organizations/delegatedAdministrator:DelegatedAdministrator"
    wanted = [created(type_, str(n), accountId=id_, servicePrincipal=principal) for n, id_ in enumerate(ids)]
    assert adopted(*wanted)[0] == {"0": f"{ids[0]}/{principal}"}


def test_an_account_that_does_not_exist_yet_is_not_asked():
    # Nothing answers here: a call would fail.
    assert adopted(created(DETECTOR), known=[provider(UNKNOWN)]) == ({}, [])


def test_a_detector_that_the_stack_has_under_another_name_is_not_adopted_twice(aws):
    detector = client("guardduty").create_detector(Enable=True)["DetectorId"]
    renamed = {"urn": "urn:old", "type": DETECTOR, "id": detector}
    assert adopted(created(DETECTOR), known=[provider(), renamed]) == ({}, [])


def test_before_there_is_an_organization_nothing_is_adopted_and_nothing_is_told(aws, monkeypatch):
    def refuse(_inputs, _account):
        code = "AWSOrganizationsNotInUseException"
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "ListDelegatedAdministrators")

    monkeypatch.setitem(adoption.LOOKUPS, DETECTOR, refuse)
    assert adopted(created(DETECTOR)) == ({}, [])


def test_a_refused_look_up_is_told_and_stops_nothing(aws, monkeypatch):
    def refuse(_inputs, _account):
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListDetectors")

    monkeypatch.setitem(adoption.LOOKUPS, DETECTOR, refuse)
    found, (said,) = adopted(created(DETECTOR))
    assert found == {}
    assert said.startswith("cannot find out whether the account already has threats: ")


def test_the_program_reads_the_variable_that_the_worker_sets():
    assert adoption.variables({"urn": "id"}) == {VARIABLE: json.dumps({"urn": "id"})}
