"""Model monitoring: job definitions and schedules."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.machine_learning.sagemaker.common import TAGS, not_found
from plinth_sandbox.provider.functions.sagemaker.monitoring import INPUTS, OUTPUTS, with_local_paths
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Wait

_LONGEST_NAME = 63
_INPUTS = ("endpointInput", "batchTransformInput")
_READ = {"s3DataDistributionType": "FullyReplicated", "s3InputMode": "File"}
_WRITTEN = "monitoringOutputs.s3Output"
_INLINE = "monitoringScheduleConfig.monitoringJobDefinition"

DATA_QUALITY_JOB_DEFINITION = Resource(
    type="aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
    create=Call("create_data_quality_job_definition", adjust=with_local_paths),
    identifier="{name}",
    address={"JobDefinitionName": "{name}"},
    read="describe_data_quality_job_definition",
    delete="delete_data_quality_job_definition",
    renames={"arn": "JobDefinitionArn"},
    defaults={
        **{f"dataQualityJobInput.{input_}.localPath": INPUTS for input_ in _INPUTS},
        **{f"dataQualityJobInput.{input_}.{name}": value for input_ in _INPUTS for name, value in _READ.items()},
        f"dataQualityJobOutputConfig.{_WRITTEN}.localPath": OUTPUTS,
        f"dataQualityJobOutputConfig.{_WRITTEN}.s3UploadMode": "Continuous",
    },
    computed=["stoppingCondition"],
    name=Name(longest=_LONGEST_NAME),
    tags=TAGS,
)

MONITORING_SCHEDULE = Resource(
    type="aws:sagemaker/monitoringSchedule:MonitoringSchedule",
    create="create_monitoring_schedule",
    identifier="{name}",
    address={"MonitoringScheduleName": "{name}"},
    read="describe_monitoring_schedule",
    update=["update_monitoring_schedule"],
    delete="delete_monitoring_schedule",
    renames={"arn": "MonitoringScheduleArn", "baseline": "BaselineConfig"},
    defaults={
        **{f"{_INLINE}.monitoringInputs.{input_}.{name}": value for input_ in _INPUTS for name, value in _READ.items()},
        f"{_INLINE}.monitoringOutputConfig.{_WRITTEN}.s3UploadMode": "Continuous",
    },
    ordered=[f"{_INLINE}.monitoringAppSpecification.container{part}" for part in ("Arguments", "Entrypoints")],
    ready=Wait(
        Call("describe_monitoring_schedule"),
        until="MonitoringScheduleStatus=='Scheduled'",
        failed="MonitoringScheduleStatus=='Failed'",
        reason="FailureReason",
    ),
    gone=not_found("describe_monitoring_schedule", "MonitoringScheduleStatus=='Failed'"),
    name=Name(longest=_LONGEST_NAME),
    tags=TAGS,
)

RESOURCES = [DATA_QUALITY_JOB_DEFINITION, MONITORING_SCHEDULE]
