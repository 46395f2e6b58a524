"""Patches for audit and detection: trails, recorders, detectors and hubs."""

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.testing import REGION, EmulatedAws, refusal
from trails import admitting_trails

STANDARD = f"arn:aws:securityhub:{REGION}::standards/ai-security-best-practices/v/1.0.0"
SHARING = "/ssm/documents/console/public-sharing-permission"


def test_a_trail_is_deleted_by_its_arn_and_only_once(aws: EmulatedAws, account: str) -> None:
    s3, cloudtrail = aws.client("s3", account), aws.client("cloudtrail", account)
    s3.create_bucket(Bucket="of-a-trail", CreateBucketConfiguration={"LocationConstraint": REGION})
    given = {"Name": "everything", "S3BucketName": "of-a-trail"}
    assert refusal(cloudtrail.create_trail, **given) == "InsufficientS3BucketPolicyException"
    s3.put_bucket_policy(Bucket="of-a-trail", Policy=admitting_trails("of-a-trail"))
    arn = cloudtrail.create_trail(**given)["TrailARN"]
    cloudtrail.delete_trail(Name=arn)
    assert cloudtrail.list_trails()["Trails"] == []
    with pytest.raises(ClientError, match="TrailNotFoundException"):
        cloudtrail.delete_trail(Name=arn)


def test_a_metric_filter_that_is_put_again_replaces_the_first(aws: EmulatedAws, account: str) -> None:
    logs = aws.client("logs", account)
    logs.create_log_group(logGroupName="/trail")
    metric = {"metricName": "RootUse", "metricNamespace": "Plinth", "metricValue": "1"}
    for pattern in ("{ $.a = 1 }", "{ $.a = 2 }"):
        logs.put_metric_filter(
            logGroupName="/trail", filterName="root", filterPattern=pattern, metricTransformations=[metric]
        )
    (found,) = logs.describe_metric_filters(logGroupName="/trail")["metricFilters"]
    assert found["filterPattern"] == "{ $.a = 2 }"


def test_an_aggregator_that_is_put_again_keeps_its_tags(aws: EmulatedAws, account: str) -> None:
    config = aws.client("config", account)
    source = {"RoleArn": f"arn:aws:iam::{account}:role/inventory", "AllAwsRegions": True}
    put = {"ConfigurationAggregatorName": "all", "OrganizationAggregationSource": source}
    config.put_configuration_aggregator(**put, Tags=[{"Key": "team", "Value": "platform"}])
    arn = config.put_configuration_aggregator(**put)["ConfigurationAggregator"]["ConfigurationAggregatorArn"]
    assert config.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "platform"}]


def test_config_delivers_only_to_a_bucket_that_exists_and_has_no_object_lock(aws: EmulatedAws, account: str) -> None:
    s3, config = aws.client("s3", account), aws.client("config", account)
    for bucket, locked in (("history", False), ("locked-history", True)):
        location = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=location, ObjectLockEnabledForBucket=locked)
    role = f"arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})

    def refused(bucket: str) -> str:
        return refusal(config.put_delivery_channel, DeliveryChannel={"name": "default", "s3BucketName": bucket})

    assert refused("locked-history") == "InsufficientDeliveryPolicyException"
    assert refused("no-history") == "NoSuchBucketException"
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "history"})
    assert refused("locked-history") == "InsufficientDeliveryPolicyException"


def test_an_account_has_one_detector_and_one_hub(aws: EmulatedAws) -> None:
    account = aws.new_account("watched-once")
    guardduty, hub = aws.client("guardduty", account), aws.client("securityhub", account)
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    assert refusal(guardduty.create_detector, Enable=True) == "BadRequestException"
    hub.enable_security_hub()
    assert refusal(hub.enable_security_hub) == "ResourceConflictException"
    guardduty.delete_detector(DetectorId=detector)
    guardduty.create_detector(Enable=True)
    hub.disable_security_hub()
    hub.enable_security_hub()


def test_a_service_setting_is_aws_s_own_until_somebody_changes_it(aws: EmulatedAws, account: str) -> None:
    ssm = aws.client("ssm", account)
    found = ssm.get_service_setting(SettingId=SHARING)["ServiceSetting"]
    assert (found["SettingValue"], found["Status"]) == ("Enable", "Default")
    ssm.update_service_setting(SettingId=found["ARN"], SettingValue="Disable")
    changed = ssm.get_service_setting(SettingId=SHARING)["ServiceSetting"]
    assert (changed["SettingValue"], changed["Status"]) == ("Disable", "Customized")
    assert ssm.reset_service_setting(SettingId=SHARING)["ServiceSetting"]["SettingValue"] == "Enable"
    with pytest.raises(ClientError, match="ServiceSettingNotFound"):
        ssm.get_service_setting(SettingId="/ssm/no/such")


def test_a_role_of_aws_config_has_the_name_that_aws_gives_it(aws: EmulatedAws, account: str) -> None:
    role = aws.client("iam", account).create_service_linked_role(AWSServiceName="config.amazonaws.com")["Role"]
    assert role["Arn"] == (f"arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")


def test_a_feature_of_a_detector_changes_and_the_others_stay(aws: EmulatedAws, account: str) -> None:
    guardduty = aws.client("guardduty", account)
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    for name, status in (("S3_DATA_EVENTS", "ENABLED"), ("EKS_AUDIT_LOGS", "ENABLED"), ("S3_DATA_EVENTS", "DISABLED")):
        guardduty.update_detector(DetectorId=detector, Features=[{"Name": name, "Status": status}])
    features = {f["Name"]: f["Status"] for f in guardduty.get_detector(DetectorId=detector)["Features"]}
    assert features == {"S3_DATA_EVENTS": "DISABLED", "EKS_AUDIT_LOGS": "ENABLED"}
    guardduty.delete_detector(DetectorId=detector)
    with pytest.raises(ClientError, match="BadRequestException"):
        guardduty.describe_organization_configuration(DetectorId=detector)


def test_central_configuration_enables_nothing_by_itself(aws: EmulatedAws, account: str) -> None:
    hub = aws.client("securityhub", account)
    central = {"ConfigurationType": "CENTRAL"}
    with pytest.raises(ClientError, match="InvalidInputException"):
        hub.update_organization_configuration(AutoEnable=True, OrganizationConfiguration=central)
    hub.update_organization_configuration(
        AutoEnable=False, AutoEnableStandards="NONE", OrganizationConfiguration=central
    )
    found = hub.describe_organization_configuration()
    assert found["OrganizationConfiguration"]["ConfigurationType"] == "CENTRAL"


def test_a_configuration_policy_with_targets_cannot_be_deleted(aws: EmulatedAws, account: str) -> None:
    hub = aws.client("securityhub", account)
    policy = hub.create_configuration_policy(
        Name="standards",
        ConfigurationPolicy={"SecurityHub": {"ServiceEnabled": True, "EnabledStandardIdentifiers": [STANDARD]}},
    )["Id"]
    target = {"RootId": "r-abcd"}
    hub.start_configuration_policy_association(ConfigurationPolicyIdentifier=policy, Target=target)
    with pytest.raises(ClientError, match="ResourceConflictException"):
        hub.delete_configuration_policy(Identifier=policy)
    hub.start_configuration_policy_disassociation(ConfigurationPolicyIdentifier=policy, Target=target)
    hub.delete_configuration_policy(Identifier=policy)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        hub.get_configuration_policy(Identifier=policy)


def test_a_standard_is_enabled_until_it_is_disabled(aws: EmulatedAws, account: str) -> None:
    hub = aws.client("securityhub", account)
    asked = [{"StandardsArn": STANDARD}]
    (on,) = hub.batch_enable_standards(StandardsSubscriptionRequests=asked)["StandardsSubscriptions"]
    assert [
        standards_subscription["StandardsArn"]
        for standards_subscription in hub.get_enabled_standards()["StandardsSubscriptions"]
    ] == [STANDARD]
    hub.batch_disable_standards(StandardsSubscriptionArns=[on["StandardsSubscriptionArn"]])
    assert hub.get_enabled_standards()["StandardsSubscriptions"] == []


def test_an_enabled_macie_session_can_be_paused_and_a_disabled_one_cannot(aws: EmulatedAws, account: str) -> None:
    macie = aws.client("macie2", account)
    macie.disable_macie()
    with pytest.raises(ClientError, match="AccessDeniedException"):
        macie.update_macie_session(status="PAUSED")
    macie.enable_macie(findingPublishingFrequency="ONE_HOUR")
    macie.update_macie_session(status="PAUSED")
    found = macie.get_macie_session()
    assert (found["status"], found["findingPublishingFrequency"]) == ("PAUSED", "ONE_HOUR")


def test_saved_queries_are_listed_by_their_ids(aws: EmulatedAws, account: str) -> None:
    athena = aws.client("athena", account)
    saved = athena.create_named_query(Name="root-use", Database="audit", QueryString="SELECT 1")["NamedQueryId"]
    assert athena.list_named_queries()["NamedQueryIds"] == [saved]
