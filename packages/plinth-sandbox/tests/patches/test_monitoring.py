"""Patches for model monitoring: definitions and schedules."""

from typing import Any

from plinth_sandbox.testing import EmulatedAws, refusal

DEFINITION: dict[str, Any] = {
    "JobDefinitionName": "quality",
    "RoleArn": "arn:aws:iam::123456789012:role/monitoring",
    "DataQualityAppSpecification": {"ImageUri": "watch"},
    "DataQualityJobInput": {"EndpointInput": {"EndpointName": "fraud", "LocalPath": "/opt/ml/processing/input"}},
    "DataQualityJobOutputConfig": {
        "MonitoringOutputs": [{"S3Output": {"S3Uri": "s3://ml/found", "LocalPath": "/opt/ml/processing/output"}}]
    },
    "JobResources": {
        "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20},
    },
}


def test_a_second_definition_with_the_same_name_is_refused(aws: EmulatedAws, account: str):
    sagemaker = aws.client("sagemaker", account)
    sagemaker.create_data_quality_job_definition(**DEFINITION)
    assert refusal(sagemaker.create_data_quality_job_definition, **DEFINITION) == "ResourceInUse"
    sagemaker.delete_data_quality_job_definition(JobDefinitionName="quality")
    sagemaker.create_data_quality_job_definition(**DEFINITION)


def test_a_schedule_is_scheduled_at_once_and_an_update_replaces_it(aws: EmulatedAws, account: str):
    sagemaker = aws.client("sagemaker", account)
    hourly = {"ScheduleExpression": "cron(0 * ? * * *)"}
    named = {"MonitoringType": "DataQuality", "MonitoringJobDefinitionName": "quality"}
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName="watch", MonitoringScheduleConfig={**named, "ScheduleConfig": hourly}
    )
    made = sagemaker.describe_monitoring_schedule(MonitoringScheduleName="watch")
    assert made["MonitoringScheduleStatus"] == "Scheduled"
    sagemaker.update_monitoring_schedule(MonitoringScheduleName="watch", MonitoringScheduleConfig=named)
    changed = sagemaker.describe_monitoring_schedule(MonitoringScheduleName="watch")
    assert changed["MonitoringScheduleConfig"] == named
    update = sagemaker.update_monitoring_schedule
    assert refusal(update, MonitoringScheduleName="other", MonitoringScheduleConfig=named) == "ResourceNotFound"
