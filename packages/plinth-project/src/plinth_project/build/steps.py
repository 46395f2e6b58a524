"""A step of a pipeline with a complete request.

The SageMaker SDK's own processors and trainers upload files and read the clock while they build a request, and drop the
name prefix of training jobs, without which the pipeline's role may not create them. Here a request is plain data. It is
complete, depends on nothing but the commit, and confines the job: network, keys, isolation and time limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagemaker.core.workflow.properties import Properties, PropertyFile
from sagemaker.mlops.workflow.steps import ConfigurableRetryStep, StepTypeEnum

from plinth_project.definitions.requests import Place, ProcessingRequest

_SHAPES = {
    StepTypeEnum.PROCESSING: ["DescribeProcessingJobResponse"],
    StepTypeEnum.TRAINING: ["DescribeTrainingJobResponse"],
    StepTypeEnum.TUNING: [
        "DescribeHyperParameterTuningJobResponse",
        "ListTrainingJobsForHyperParameterTuningJobResponse",
    ],
    StepTypeEnum.REGISTER_MODEL: ["DescribeModelPackageOutput"],
}


class JobStep(ConfigurableRetryStep):  # type: ignore[misc] # the SDK has no types
    """A step with a complete request."""

    def __init__(
        self, name: str, kind: StepTypeEnum, request: Mapping[str, Any], property_files: Sequence[PropertyFile] = ()
    ) -> None:
        super().__init__(name, kind)
        self._request, self.property_files = dict(request), list(property_files)
        self._properties = Properties(step_name=name, step=self, shape_names=_SHAPES[kind])

    @property
    def arguments(self) -> dict[str, Any]:
        return self._request

    @property
    def properties(self) -> Properties:
        return self._properties

    def to_request(self) -> dict[str, Any]:
        request: dict[str, Any] = super().to_request()
        if self.property_files:
            request["PropertyFiles"] = [file.expr for file in self.property_files]
        return request

    def output(self, name: str) -> Any:
        """Returns the URI of an output of a processing step."""
        return self.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri


@dataclass(frozen=True, kw_only=True)
class Processing(ProcessingRequest):
    """A processing job as a step."""

    def step(self, name: str, place: Place) -> JobStep:
        places = {report: path.partition("/") for report, path in (self.reports or {}).items()}
        files = [PropertyFile(name=it, output_name=output, path=file) for it, (output, _, file) in places.items()]
        return JobStep(name, StepTypeEnum.PROCESSING, self.request(place), files)
