"""SageMaker's monitoring: where its containers find and leave data, which AWS wants to be told."""

from __future__ import annotations

from typing import Any

INPUTS, OUTPUTS = "/opt/ml/processing/input", "/opt/ml/processing/output"
"""The vendor's own choice, where the program says nothing."""


def with_local_paths(request: dict[str, Any]) -> dict[str, Any]:
    """A request for a definition whose inputs and outputs all have their path in the container."""
    inputs = request["DataQualityJobInput"]
    outputs = request["DataQualityJobOutputConfig"]
    written = [{"S3Output": {"LocalPath": OUTPUTS, **one["S3Output"]}} for one in outputs["MonitoringOutputs"]]
    return {
        **request,
        "DataQualityJobInput": {name: {"LocalPath": INPUTS, **said} for name, said in inputs.items()},
        "DataQualityJobOutputConfig": {**outputs, "MonitoringOutputs": written},
    }
