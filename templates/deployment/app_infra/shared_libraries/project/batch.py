"""Renders the pipeline of batch inference of an environment, without AWS. One commit always gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared_libraries.project.definitions.offline import load, offline, rendered
from shared_libraries.project.foundation import Environment, Foundation
from shared_libraries.project.inference import Batch
from shared_libraries.project.names import OUTPUTS
from shared_libraries.project.structure import PIPELINE

NAME = "inference"


def render_batch(root: Path, foundation: Foundation, environment: Environment, configuration: Batch) -> str:
    """Returns the definition as indented JSON. Raises ProjectError."""
    with offline(foundation.region):
        jobs = BatchJobs(foundation, environment, configuration)
        return rendered(
            f"{foundation.names.prefix}-{NAME}",
            parameters=jobs.parameters,
            steps=load(root, PIPELINE).steps(jobs),
            region=foundation.region,
            bucket=foundation.account(environment).bucket,
        )


@dataclass(frozen=True)
class BatchJobs:
    """Builds the steps of the pipeline in one environment."""

    foundation: Foundation
    environment: Environment
    configuration: Batch

    @property
    def parameters(self) -> list[Any]:
        """Parameters without defaults: a run belongs to an input, and a release decides the code, image and model."""
        return [_parameter(name) for name in ("BuildId", "CodeUri", "Image", "ModelUri")]

    @property
    def model(self) -> Any:
        """URI of the archive of the approved version."""
        return _parameter("ModelUri")

    def run_uri(self, part: str) -> Any:
        """Returns the URI of a folder of the run, in the layout of the ML bucket."""
        from sagemaker.core.workflow.functions import Join

        start = f"s3://{self.foundation.account(self.environment).bucket}/{self.foundation.names.builds}"
        return Join(on="", values=[start, _parameter("BuildId"), f"/{part}/"])

    def outputs_uri(self, step: str) -> Any:
        return self.run_uri(f"{OUTPUTS}/{step}")

    def processing(self, name: str, module: str, *, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> Any:
        """Returns a step that runs a module of ``app_infra``."""
        from shared_libraries.project.definitions.steps import Place, Processing

        account = self.foundation.account(self.environment)
        place = Place(
            jobs=self.foundation.names.jobs,
            role_arn=self.foundation.role_arn("pipeline", self.environment),
            region=self.foundation.region,
            key_arn=account.key_arn,
            subnets=account.subnets,
            security_groups=account.security_groups,
        )
        job = Processing(
            module=module,
            image=_parameter("Image"),
            code=_parameter("CodeUri"),
            inputs=inputs,
            outputs=outputs,
            instance=self.configuration.instance,
            volume_gib=self.configuration.volume_gib,
            minutes=self.configuration.minutes,
        )
        return job.step(name, place)


def _parameter(name: str) -> Any:
    from sagemaker.core.workflow.parameters import ParameterString

    return ParameterString(name)
