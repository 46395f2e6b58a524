"""SageMaker monitoring: the local paths of its containers, which AWS requires."""

from __future__ import annotations

from typing import Any

INPUTS, OUTPUTS = "/opt/ml/processing/input", "/opt/ml/processing/output"
"""Default of the vendor's provider."""


def with_local_paths(request: dict[str, Any]) -> dict[str, Any]:
    """Completes a job definition with local paths for all inputs and outputs."""
    inputs = request["DataQualityJobInput"]
    outputs = request["DataQualityJobOutputConfig"]
    written = [
        {"S3Output": {"LocalPath": OUTPUTS, **monitoring_output["S3Output"]}}
        for monitoring_output in outputs["MonitoringOutputs"]
    ]
    return {
        **request,
        "DataQualityJobInput": {name: {"LocalPath": INPUTS, **said} for name, said in inputs.items()},
        "DataQualityJobOutputConfig": {**outputs, "MonitoringOutputs": written},
    }
