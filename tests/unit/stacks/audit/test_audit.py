import json

import pytest

from settings.organization.audit import AuditSettings
from settings.organization.contacts import Contact
from tests.support.computed import ACCOUNT
from tests.support.documents import statements
from tests.support.every_stack import (
    Deployment,
    deploy_stack,
    example_deployment,
    example_foundation,
    example_organization,
)
from tests.support.recorder import Recorder

BUCKET = "aws:s3/bucket:Bucket"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"


def audit(**organization: object) -> Recorder:
    foundation = example_foundation(organization=example_organization(**organization), teams=[])
    return Deployment(foundation)["audit"]


@pytest.mark.requirement("AUD-03")
def test_the_log_archive_is_in_an_account_of_its_own():
    outputs = example_deployment()["audit"].exports
    accounts = example_deployment()["organization"].exports["accounts"]
    assert outputs["account_id"] == accounts["audit"]
    assert list(accounts.values()).count(outputs["account_id"]) == 1


@pytest.mark.requirement("AUD-03")
def test_the_archive_keeps_logs_as_long_as_the_settings_say():
    recorder = audit(audit=AuditSettings(log_retention_days=400, object_lock="compliance"))
    lock = recorder.one("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration").inputs
    assert lock["rule"]["defaultRetention"] == {"mode": "COMPLIANCE", "days": 400}


def test_the_log_key_is_retained_when_the_stack_is_destroyed():
    key = example_deployment()["audit"].one("aws:kms/key:Key")
    assert (key.protect, key.retain_on_delete) == (True, True)


def test_log_deliveries_encrypt_only_for_this_organization_and_cannot_decrypt():
    organization = example_deployment()["organization"].exports["organization_id"]
    allowed = statements(example_deployment()["audit"].one("aws:kms/key:Key"))
    assert allowed["DeliveriesEncrypt"]["Condition"] == {"StringEquals": {"aws:SourceOrgID": organization}}
    assert "kms:Decrypt" not in allowed["TrailEncrypts"]["Action"]


def test_the_admitted_trail_belongs_to_the_management_account():
    recorder = example_deployment()["audit"]
    management = example_deployment()["organization"].exports["management_account_id"]
    policy = statements(recorder.one(POLICY, "archive-policy"))
    trail = policy["TrailOfTheOrganization"]["Condition"]["StringEquals"]["aws:SourceArn"]
    assert trail == f"arn:aws:cloudtrail:eu-west-1:{management}:trail/acme-organization"


def test_in_the_management_account_the_archive_policy_does_not_lock_out_deployments():
    policy = statements(audit(placement="small").one(POLICY, "archive-policy"))
    assert "SettingsStay" not in policy
    assert "NobodyDeletes" in policy


def test_a_shared_account_is_set_up_by_the_kind_it_is_named_after():
    def set_up(recorder: Recorder) -> set[str]:
        types = ("plinth:security:AccountBaseline", "plinth:audit:ConfigurationRecorder")
        return {record.name for record in recorder if record.type in types and record.provider != "organization"}

    assert set_up(audit()) == {"baseline", "recorder"}
    assert set_up(audit(placement="medium")) == set()


@pytest.mark.requirement("AUD-03")
@pytest.mark.parametrize("placement", ["large", "medium", "small"])
def test_every_account_has_one_recorder_and_all_deliver_to_one_bucket_without_object_lock(placement):
    deployed = Deployment(example_foundation(organization=example_organization(placement=placement)))
    recorded = [
        (admitted(recorder, channel.provider), channel.inputs["s3BucketName"])
        for recorder in deployed.values()
        for channel in recorder.all("aws:cfg/deliveryChannel:DeliveryChannel")
    ]
    accounts = {account for stack in deployed.values() for account in stack.exports.get("accounts", {}).values()}
    assert sorted(account for account, _ in recorded) == sorted(accounts)
    assert deployed["organization"].exports["management_account_id"] in accounts
    audit = deployed["audit"]
    assert {bucket for _, bucket in recorded} == {audit.exports["configuration_bucket_name"]}
    locked = [lock.inputs["bucket"] for lock in audit.all(LOCK)]
    assert locked == [audit.exports["log_bucket_name"]]
    assert audit.exports["configuration_bucket_name"] not in locked


@pytest.mark.requirement("AUD-03")
def test_the_archive_admits_the_role_that_copies_the_configuration_history():
    recorder = audit()
    role = recorder.one("aws:iam/role:Role", "history-role").inputs
    admitted = statements(recorder.one(POLICY, "archive-policy"))["NobodyWritesByHand"]["Condition"]["ArnNotEquals"]
    account = recorder.exports["account_id"]
    assert admitted == {"aws:PrincipalArn": f"arn:aws:iam::{account}:role{role['path']}{role['name']}"}
    (rule,) = recorder.one("aws:s3/bucketReplicationConfig:BucketReplicationConfig").inputs["rules"]
    assert rule["destination"]["bucket"] == recorder.exports["log_bucket_arn"]


def admitted(recorder: Recorder, provider: str) -> str:
    """Returns the only account that a stack's provider allows."""
    (account,) = json.loads(recorder.one("pulumi:providers:aws", provider).inputs["allowedAccountIds"])
    return str(account)


def test_the_provider_of_the_management_account_assumes_no_role():
    recorder = audit()
    provider = recorder.one("pulumi:providers:aws", "organization").inputs
    assert json.loads(provider["allowedAccountIds"]) == [ACCOUNT]
    assert "assumeRoles" not in provider
    through = {r.type for r in recorder.resources if r.provider == "organization"}
    assert through == {
        "aws:iam/serviceLinkedRole:ServiceLinkedRole",
        "aws:cfg/recorder:Recorder",
        "aws:cfg/deliveryChannel:DeliveryChannel",
        "aws:cfg/recorderStatus:RecorderStatus",
    }


def test_an_adopted_management_account_gets_no_second_recorder():
    adopted = example_foundation(organization=example_organization(id="o-adopted12345"), teams=[])
    upstream = {"organization": example_deployment()["organization"].exports}
    recorder = deploy_stack("audit", adopted, upstream=upstream)
    assert [record.name for record in recorder.all("plinth:audit:ConfigurationRecorder")] == ["recorder"]
    assert len(recorder.all("pulumi:providers:aws")) == 1


def test_a_recorder_is_on_and_records_every_type_of_resource():
    recorder = example_deployment()["fraud-production"]
    assert recorder.one("aws:cfg/recorderStatus:RecorderStatus").inputs["isEnabled"] is True
    group = recorder.one("aws:cfg/recorder:Recorder").inputs["recordingGroup"]
    assert group == {"allSupported": True, "includeGlobalResourceTypes": True}


def test_alarms_may_use_the_key_for_their_own_topic_and_nothing_else():
    recorder = example_deployment()["audit"]
    account = recorder.exports["account_id"]
    condition = statements(recorder.one("aws:kms/key:Key"))["AlarmsEncrypt"]["Condition"]["StringEquals"]
    topic = recorder.one("aws:sns/topic:Topic").inputs["name"]
    assert condition == {"kms:EncryptionContext:aws:sns:topicArn": f"arn:aws:sns:eu-west-1:{account}:{topic}"}


@pytest.mark.requirement("AUD-03")
def test_changes_of_both_buckets_with_logs_raise_the_alarm():
    recorder = example_deployment()["audit"]
    metric = recorder.one("aws:cloudwatch/logMetricFilter:LogMetricFilter", "alarms-archive-tampered-count")
    for bucket in ("log_bucket_name", "configuration_bucket_name"):
        assert f'$.requestParameters.bucketName = "{recorder.exports[bucket]}"' in metric.inputs["pattern"]


@pytest.mark.requirement("AUD-01.a")
def test_the_table_of_the_trail_has_the_calls_of_global_services():
    """IAM and Organizations record their calls in us-east-1, which no setting has to allow."""
    tables = [
        catalog_table.inputs["parameters"]
        for catalog_table in example_deployment()["audit"].all("aws:glue/catalogTable:CatalogTable")
    ]
    (regions,) = (table["projection.region.values"] for table in tables if "projection.region.values" in table)
    assert "us-east-1" in regions.split(",")


def test_alarms_go_to_the_owner_and_to_the_security_contact():
    contact = Contact(name="Desk", title="On call", email="security@acme.example", phone="+44 20 7946 0000")
    subscription = "aws:sns/topicSubscription:TopicSubscription"
    notified = audit(contacts={"security": contact}).all(subscription)
    assert {r.inputs["endpoint"] for r in notified} == {"platform@acme.example", "security@acme.example"}


@pytest.mark.parametrize(("placement", "delegated"), [("large", True), ("medium", True), ("small", False)])
def test_only_a_member_account_is_a_delegated_administrator(placement, delegated):
    recorder = audit(placement=placement)
    assert bool(recorder.all("aws:securityhub/configurationPolicy:ConfigurationPolicy")) is delegated
    assert bool(recorder.all("aws:guardduty/organizationConfiguration:OrganizationConfiguration")) is delegated
    assert len(recorder.all("aws:guardduty/detector:Detector")) == 1


def test_macie_runs_only_if_it_is_enabled():
    assert not audit().all("aws:macie2/account:Account")
    assert len(audit(audit=AuditSettings(macie=True)).all("aws:macie2/account:Account")) == 1
