"""Tests of logging and monitoring in the example organization, with another client than the one that created them."""

from __future__ import annotations

import json

import pytest

from settings.files.loader import load
from tests.support.workbench import Workbench


@pytest.mark.requirement("AUD-03")
def test_the_archive_locks_every_log_for_as_long_as_it_stays(acme: Workbench) -> None:
    outputs, settings = acme.outputs("audit"), load(acme.project).organization.audit
    s3, bucket = acme.client("s3", outputs["account_id"]), {"Bucket": outputs["log_bucket_name"]}
    lock = s3.get_object_lock_configuration(**bucket)["ObjectLockConfiguration"]
    default = lock["Rule"]["DefaultRetention"]
    assert (default["Mode"], default["Days"]) == (settings.object_lock.upper(), settings.log_retention_days)
    assert s3.get_bucket_versioning(**bucket)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_lifecycle_configuration(**bucket)["Rules"]
    assert rule["Expiration"]["Days"] == settings.log_retention_days


@pytest.mark.requirement("AUD-03")
def test_only_deliveries_of_the_organization_reach_the_archive(acme: Workbench) -> None:
    outputs, organization = acme.outputs("audit"), acme.outputs("organization")
    s3 = acme.client("s3", outputs["account_id"])
    document = json.loads(s3.get_bucket_policy(Bucket=outputs["log_bucket_name"])["Policy"])
    writing = [s for s in document["Statement"] if s["Effect"] == "Allow" and "s3:PutObject" in s["Action"]]
    assert len(writing) == 2
    assert {s["Condition"]["StringEquals"]["aws:SourceOrgID"] for s in writing} == {organization["organization_id"]}


@pytest.mark.requirement("AUD-03")
def test_configurations_are_copied_from_a_bucket_without_lock_into_the_archive(acme: Workbench) -> None:
    outputs = acme.outputs("audit")
    s3, history = acme.client("s3", outputs["account_id"]), outputs["configuration_bucket_name"]
    with pytest.raises(s3.exceptions.ClientError, match="ObjectLockConfigurationNotFoundError"):
        s3.get_object_lock_configuration(Bucket=history)
    replication = s3.get_bucket_replication(Bucket=history)["ReplicationConfiguration"]
    (rule,) = replication["Rules"]
    assert (rule["Status"], rule["Destination"]["Bucket"]) == ("Enabled", outputs["log_bucket_arn"])
    document = json.loads(s3.get_bucket_policy(Bucket=outputs["log_bucket_name"])["Policy"])
    (by_hand,) = [s for s in document["Statement"] if s["Sid"] == "NobodyWritesByHand"]
    assert by_hand["Condition"]["ArnNotEquals"] == {"aws:PrincipalArn": replication["Role"]}


@pytest.mark.requirement("AUD-03")
def test_one_trail_records_every_account_in_the_archive(acme: Workbench) -> None:
    outputs = acme.outputs("audit")
    cloudtrail = acme.client("cloudtrail", outputs["account_id"])
    (trail,) = cloudtrail.describe_trails()["trailList"]
    assert (trail["IsOrganizationTrail"], trail["IsMultiRegionTrail"], trail["LogFileValidationEnabled"]) == (True,) * 3
    assert trail["S3BucketName"] == outputs["log_bucket_name"]
    assert cloudtrail.get_trail_status(Name=trail["TrailARN"])["IsLogging"]
    role = trail["CloudWatchLogsRoleArn"].rpartition("/")[2]
    (trust,) = acme.client("iam", outputs["account_id"]).get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"][
        "Statement"
    ]
    assert trust["Condition"]["ArnLike"]["aws:SourceArn"].endswith(f":trail/{trail['Name']}")
    selectors = cloudtrail.get_event_selectors(TrailName=trail["TrailARN"])["AdvancedEventSelectors"]
    fields = [{field["Field"]: field for field in selector["FieldSelectors"]} for selector in selectors]
    recorded, written = (field for field in fields if "resources.ARN" in field)
    shared = [f"arn:aws:s3:::acme-{purpose}-" for purpose in ("artifacts", "lake", "state")]
    assert sorted(recorded["resources.ARN"]["StartsWith"]) == [*shared, "arn:aws:s3:::ml-prod-"]
    assert written["resources.ARN"]["StartsWith"] == ["arn:aws:s3:::ml-"]
    assert written["readOnly"]["Equals"] == ["false"]


def test_every_alarm_tells_the_topic_and_the_topic_tells_the_owner(acme: Workbench) -> None:
    account, owner = acme.outputs("audit")["account_id"], load(acme.project).organization.owner
    sns = acme.client("sns", account)
    (topic,) = [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
    alarms = acme.client("cloudwatch", account).describe_alarms()["MetricAlarms"]
    (group,) = [
        group["logGroupName"]
        for group in acme.client("logs", account).describe_log_groups()["logGroups"]
        if group["logGroupName"].endswith("/trail")
    ]
    filters = acme.client("logs", account).describe_metric_filters(logGroupName=group)["metricFilters"]
    counted = {filter_["metricTransformations"][0]["metricName"] for filter_ in filters}
    assert {alarm["MetricName"] for alarm in alarms} == counted
    assert {"root-use", "guardrail-denials", "watch-tampered", "emergency-access"} <= counted
    assert {action for alarm in alarms for action in alarm["AlarmActions"]} == {topic}
    assert owner in [
        subscription["Endpoint"] for subscription in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    ]


def test_threats_are_looked_for_in_every_account(acme: Workbench) -> None:
    guardduty = acme.client("guardduty", acme.outputs("audit")["account_id"])
    (detector,) = guardduty.list_detectors()["DetectorIds"]
    here = {f["Name"]: f["Status"] for f in guardduty.get_detector(DetectorId=detector)["Features"]}
    members = guardduty.describe_organization_configuration(DetectorId=detector)
    there = {feature["Name"]: feature["AutoEnable"] for feature in members["Features"]}
    assert {"EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "RUNTIME_MONITORING", "S3_DATA_EVENTS"} <= set(here) == set(there)
    assert set(here.values()) == {"ENABLED"}
    assert {members["AutoEnableOrganizationMembers"], *there.values()} == {"ALL"}


def test_every_account_is_measured_by_three_standards(acme: Workbench) -> None:
    hub = acme.client("securityhub", acme.outputs("audit")["account_id"])
    root = acme.outputs("organization")["root_id"]
    applied = hub.get_configuration_policy_association(Target={"RootId": root})["ConfigurationPolicyId"]
    policy = hub.get_configuration_policy(Identifier=applied)["ConfigurationPolicy"]["SecurityHub"]
    ends = [arn.split("/")[1] for arn in policy["EnabledStandardIdentifiers"]]
    assert ends == [
        "aws-foundational-security-best-practices",
        "cis-aws-foundations-benchmark",
        "ai-security-best-practices",
    ]
    how = hub.describe_organization_configuration()["OrganizationConfiguration"]["ConfigurationType"]
    assert how == "CENTRAL"


def test_outside_access_vulnerabilities_and_the_inventory_are_the_organizations(acme: Workbench) -> None:
    account = acme.outputs("audit")["account_id"]
    analyzers = acme.client("accessanalyzer", account).list_analyzers()["analyzers"]
    assert {a["type"] for a in analyzers} == {"ACCOUNT", "ORGANIZATION", "ORGANIZATION_UNUSED_ACCESS"}
    scanned = acme.client("inspector2", account).describe_organization_configuration()["autoEnable"]
    assert [scanned[kind] for kind in ("ec2", "ecr", "lambda")] == [True] * 3
    (inventory,) = acme.client("config", account).describe_configuration_aggregators()["ConfigurationAggregators"]
    assert inventory["OrganizationAggregationSource"]["AllAwsRegions"] is True


@pytest.mark.requirement("AUD-03")
@pytest.mark.parametrize("stack", ["organization", "fraud", "churn"])
def test_every_account_is_recorded_and_delivers_to_one_bucket(acme: Workbench, stack: str) -> None:
    history = acme.outputs("audit")["configuration_bucket_name"]
    accounts = acme.outputs(stack)["accounts"]
    for account in accounts.values():
        config = acme.client("config", account)
        (channel,) = config.describe_delivery_channels()["DeliveryChannels"]
        (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
        (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
        assert (channel["s3BucketName"], status["recording"]) == (history, True)
        assert recorder["roleARN"].split(":")[4] == account
    assert stack != "organization" or acme.outputs(stack)["management_account_id"] in accounts.values()


@pytest.mark.parametrize(
    ("stack", "mode"), [("fraud-experimentation", "block-ingress"), ("fraud-production", "block-bidirectional")]
)
def test_internet_gateways_are_shut_in_every_account(acme: Workbench, stack: str, mode: str) -> None:
    ec2 = acme.client("ec2", acme.outputs(stack)["account_id"])
    options = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
    assert options["InternetGatewayBlockMode"] == mode
    ssm = acme.client("ssm", acme.outputs(stack)["account_id"])
    sharing = ssm.get_service_setting(SettingId="/ssm/documents/console/public-sharing-permission")
    assert sharing["ServiceSetting"]["SettingValue"] == "Disable"


@pytest.mark.requirement("AUD-01.a")
@pytest.mark.requirement("S3-06.a", level="declared")
def test_auditors_find_the_trail_as_a_table_and_their_questions_ready(acme: Workbench) -> None:
    outputs, organization = acme.outputs("audit"), acme.outputs("organization")["organization_id"]
    glue, athena = acme.client("glue", outputs["account_id"]), acme.client("athena", outputs["account_id"])
    table = glue.get_table(DatabaseName="audit", Name="trail")["Table"]
    assert table["StorageDescriptor"]["Location"] == f"s3://{outputs['log_bucket_name']}/AWSLogs/{organization}/"
    saved = athena.list_named_queries(WorkGroup="audit")["NamedQueryIds"]
    questions = {athena.get_named_query(NamedQueryId=query_id)["NamedQuery"]["Name"] for query_id in saved}
    of_a_week = {"changes-last-week", "guardrail-denials", "root-use", "roles-assumed", "policy-changes"}
    assert questions == {*of_a_week, "builds-of-a-use-case", "origin-of-a-model-version"}
    configuration = athena.get_work_group(WorkGroup="audit")["WorkGroup"]["Configuration"]
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["ResultConfiguration"]["EncryptionConfiguration"]["EncryptionOption"] == "SSE_KMS"
