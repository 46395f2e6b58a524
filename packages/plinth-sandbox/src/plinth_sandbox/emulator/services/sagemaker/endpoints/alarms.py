"""The alarms that roll a deployment back. SageMaker reads them with the role of the model."""

from __future__ import annotations

from collections.abc import Sequence

from botocore.exceptions import ClientError

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.services.sagemaker.endpoints.endpoint import Endpoint
from plinth_sandbox.emulator.services.sagemaker.endpoints.models import described


def rollback_reason(endpoint: Endpoint, names: Sequence[str], runtime: Runtime) -> str:
    """Returns why a deployment has to be rolled back because of its alarms; an empty text if it has not.

    The role of the model needs the permission ``cloudwatch:DescribeAlarms`` for the alarms (SageMaker Developer Guide,
    "Auto-Rollback Configuration and Monitoring").
    """
    if not names or endpoint.deployment is None:
        return ""
    place = endpoint.record.place
    model = str(endpoint.deployment.fleet.variants[0].definition["ModelName"])
    try:
        role = str(described(place.account, place.region, model)["role"])
    except KeyError:
        return f"The model {model} of the new fleet was deleted during the deployment."
    try:
        cloudwatch = runtime.client("cloudwatch", role, place.region, "SageMaker", opened_by="sagemaker")
        found = cloudwatch.describe_alarms(AlarmNames=list(names))["MetricAlarms"]
        if len(found) < len(names):
            # Composite alarms need a permission that names no alarm.
            composite = cloudwatch.describe_alarms(AlarmNames=list(names), AlarmTypes=["CompositeAlarm"])
            found += composite["CompositeAlarms"]
    except ClientError as error:
        return f"The alarms of the deployment cannot be read: {error}"
    states = {metric_alarm["AlarmName"]: metric_alarm["StateValue"] for metric_alarm in found}
    if missing := [name for name in names if name not in states]:
        return f"The deployment was rolled back because alarms do not exist: {', '.join(missing)}."
    tripped = [name for name in names if states[name] == "ALARM"]
    return f"The deployment was rolled back because alarms are in ALARM state: {', '.join(tripped)}." if tripped else ""
