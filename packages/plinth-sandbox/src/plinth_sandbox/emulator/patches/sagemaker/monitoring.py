"""SageMaker's monitoring: a definition's name is taken once, and an update says all of a schedule anew."""

from __future__ import annotations

from moto.sagemaker.models import sagemaker_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


def _create_data_quality_job_definition(exchange: Exchange) -> Answer:
    """moto puts the new one in place of the old."""
    call, name = exchange.call, exchange.call.parameters["JobDefinitionName"]
    if name in sagemaker_backends[call.account][call.region].data_quality_job_definitions:
        raise AwsError("ResourceInUse", f"Job definition {name} already exists.")
    return exchange.below()


def _update_monitoring_schedule(exchange: Exchange) -> Answer:
    """The fallback store would leave what the new configuration no longer says (SageMaker API,
    UpdateMonitoringSchedule: the configuration is given as a whole)."""
    name = {"MonitoringScheduleName": exchange.call.parameters["MonitoringScheduleName"]}
    schedule = exchange.kept("MonitoringSchedule", name)
    if schedule is not None:
        schedule.values["MonitoringScheduleConfig"] = {}
    return exchange.below()


PATCHES: Patches = {
    "CreateDataQualityJobDefinition": _create_data_quality_job_definition,
    "UpdateMonitoringSchedule": _update_monitoring_schedule,
}
