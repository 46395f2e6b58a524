"""SageMaker monitoring: unique names of definitions, and complete replacement of schedules."""

from __future__ import annotations

from moto.sagemaker.models import sagemaker_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


def _create_data_quality_job_definition(exchange: Exchange) -> Answer:
    """Refuses a second definition with the same name. moto replaces the first one."""
    call, name = exchange.call, exchange.call.parameters["JobDefinitionName"]
    if name in sagemaker_backends[call.account][call.region].data_quality_job_definitions:
        raise AwsError("ResourceInUse", f"Job definition {name} already exists.")
    return exchange.below()


def _update_monitoring_schedule(exchange: Exchange) -> Answer:
    """Replaces the configuration. The fallback store would keep members that the new one omits (SageMaker API,
    UpdateMonitoringSchedule)."""
    name = {"MonitoringScheduleName": exchange.call.parameters["MonitoringScheduleName"]}
    schedule = exchange.kept("MonitoringSchedule", name)
    if schedule is not None:
        schedule.values["MonitoringScheduleConfig"] = {}
    return exchange.below()


PATCHES: Patches = {
    "CreateDataQualityJobDefinition": _create_data_quality_job_definition,
    "UpdateMonitoringSchedule": _update_monitoring_schedule,
}
