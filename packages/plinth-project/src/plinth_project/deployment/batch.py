"""Renders the pipeline of batch inference of an environment, without AWS. One commit always gives the same bytes.

A definition is plain data (SageMaker, "Pipeline Definition JSON Schema", version 2020-12-01), so the program that
deploys it needs no SDK.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plinth_project.definitions.requests import Place, ProcessingRequest
from plinth_project.definitions.soundness import refuse_unsound
from plinth_project.deployment.foundation import STACKS, Environment, Foundation
from plinth_project.deployment.inference import Batch
from plinth_project.deployment.structure import PIPELINE
from plinth_project.modules import load
from plinth_project.names import OUTPUTS

NAME = "inference"
CSV = "text/csv"
PARAMETERS = ("BuildId", "Image", "ModelName", "VersionUri", "VersionArn")
"""Parameters of the pipeline. The first one names the run; a release decides the others."""


def render_batch(
    root: Path,
    foundation: Foundation,
    environment: Environment,
    configuration: Batch,
    release: Mapping[str, str] | None = None,
) -> str:
    """Returns the definition as indented JSON. ``release`` has default values of parameters. Raises ProjectError."""
    jobs, defaults = BatchJobs(foundation, environment, configuration), release or {}
    parameters = [
        {"Name": name, "Type": "String", **({"DefaultValue": defaults[name]} if name in defaults else {})}
        for name in PARAMETERS
    ]
    steps = load(root, PIPELINE).steps(jobs)
    definition = {"Version": "2020-12-01", "Metadata": {}, "Parameters": parameters, "Steps": steps}
    refuse_unsound(definition, PIPELINE, registers=False)
    return json.dumps(definition, indent=2) + "\n"


@dataclass(frozen=True)
class BatchJobs:
    """Builds the steps of the pipeline in one environment."""

    foundation: Foundation
    environment: Environment
    configuration: Batch

    @property
    def version(self) -> Any:
        """URI of the folder of the approved version: archive, statistics and constraints of its training data."""
        return parameter("VersionUri")

    @property
    def run(self) -> Any:
        """Build id of the run."""
        return parameter("BuildId")

    def run_uri(self, part: str, file: str = "") -> Any:
        """Returns the URI of a folder of the run, or of a file in it, in the layout of the ML bucket."""
        start = f"s3://{self.foundation.account(self.environment).bucket}/{self.foundation.names.builds}"
        return joined(start, self.run, f"/{part}/{file}")

    def outputs_uri(self, step: str) -> Any:
        return self.run_uri(f"{OUTPUTS}/{step}")

    def processing(
        self,
        name: str,
        module: str,
        *,
        inputs: Mapping[str, Any],
        outputs: Mapping[str, Any],
        words: Sequence[Any] = (),
        reports: Mapping[str, str] | None = None,
        isolated: bool = True,
    ) -> dict[str, Any]:
        """Returns a step that runs a module of ``app_infra``. ``reports`` are JSON files that conditions read, such as
        ``{"Drift": "output/drift.json"}``."""
        request = ProcessingRequest(
            module=module,
            image=parameter("Image"),
            code=self.run_uri("code"),
            inputs=inputs,
            outputs=outputs,
            instance=self.configuration.instance,
            volume_gib=self.configuration.volume_gib,
            minutes=self.configuration.minutes,
            words=words,
            isolated=isolated,
        ).request(self._place)
        places = {report: path.partition("/") for report, path in (reports or {}).items()}
        files = [
            {"PropertyFileName": report, "OutputName": output, "FilePath": file}
            for report, (output, _, file) in places.items()
        ]
        own = {"PropertyFiles": files} if files else {}
        return {"Name": name, "Type": "Processing", "Arguments": request, **own}

    @property
    def tells(self) -> list[Any]:
        """Arguments with which the job that compares tells the account of the registry what it found. Empty outside of
        production, whose data nobody learns from."""
        if self.environment != "prod":
            return []
        about = {
            "--bus": self.foundation.monitoring_bus,
            "--version-arn": parameter("VersionArn"),
            "--use-case": f"{self.foundation.team}/{self.foundation.use_case}",
            "--report": self.run_uri(f"{OUTPUTS}/drift", "report.html"),
        }
        return [word for item in about.items() for word in item]

    def transform(self, name: str, source: Any, result: Any) -> dict[str, Any]:
        """Returns a step that predicts the lines of CSV files with the model. The first column is the number of a row:
        the model does not get it, and the result has it beside the prediction."""
        account = self.foundation.account(self.environment)
        request = {
            "TransformJobName": self.foundation.prefix(self.environment),
            "ModelName": parameter("ModelName"),
            "BatchStrategy": "MultiRecord",
            "TransformInput": {
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": source}},
                "ContentType": CSV,
                "SplitType": "Line",
            },
            "TransformOutput": {
                "S3OutputPath": result,
                "Accept": CSV,
                "AssembleWith": "Line",
                "KmsKeyId": account.key_arn,
            },
            "TransformResources": {
                "InstanceType": self.configuration.instance,
                "InstanceCount": self.configuration.instances,
                "VolumeKmsKeyId": account.key_arn,
            },
            "DataProcessing": {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"},
            "Tags": self._place.tag_list,
        }
        return {"Name": name, "Type": "Transform", "Arguments": request}

    def returned(self, name: str, results: Any) -> list[dict[str, Any]]:
        """Returns the step that puts the results into the landing zone of the lake, if the settings name a dataset."""
        given = self.configuration.returned_to
        if given is None:
            return []
        folder = f"results/{given.dataset}/{self.foundation.team}/{STACKS[self.environment]}"
        target = joined(f"s3://{given.drop_point}/{folder}/", self.run, ".csv")
        # The only job that reaches S3 by itself: the drop point admits whole objects and lists nothing. Like every job,
        # it has an encrypted output, because a guardrail refuses jobs whose request names no key for outputs (SCP-09).
        return [
            self.processing(
                name,
                "batch_inference.give_back",
                inputs={"results": results},
                outputs={"receipt": self.outputs_uri("receipts")},
                words=["--target", target],
                isolated=False,
            )
        ]

    @property
    def _place(self) -> Place:
        account = self.foundation.account(self.environment)
        return Place(
            jobs=self.foundation.prefix(self.environment),
            role_arn=self.foundation.role_arn("pipeline", self.environment),
            region=self.foundation.region,
            key_arn=account.key_arn,
            subnets=account.subnets,
            security_groups=account.security_groups,
            tags=self.foundation.job_tags(self.environment),
        )


def parameter(name: str) -> dict[str, str]:
    return {"Get": f"Parameters.{name}"}


def joined(*values: Any) -> dict[str, Any]:
    return {"Std:Join": {"On": "", "Values": list(values)}}


def output_of(step: Mapping[str, Any], name: str) -> dict[str, str]:
    """Returns the URI of an output of a processing step. Whoever uses it waits for the step."""
    return {"Get": f"Steps.{step['Name']}.ProcessingOutputConfig.Outputs['{name}'].S3Output.S3Uri"}


def result_of(step: Mapping[str, Any]) -> dict[str, str]:
    """Returns the URI of the results of a transform step."""
    return {"Get": f"Steps.{step['Name']}.TransformOutput.S3OutputPath"}


def value_of(step: Mapping[str, Any], report: str, path: str) -> dict[str, Any]:
    """Returns a value of a JSON file that a processing step wrote."""
    file = {"Get": f"Steps.{step['Name']}.PropertyFiles.{report}"}
    return {"Std:JsonGet": {"PropertyFile": file, "Path": path}}


def failure_if_positive(name: str, number: Any, reason: Sequence[Any], *, after: Sequence[str]) -> dict[str, Any]:
    """Returns a condition that ends the run as failed, with a reason, if a number is more than zero."""
    failure = {"Name": f"{name}-found", "Type": "Fail", "Arguments": {"ErrorMessage": joined(*reason)}}
    condition = {"Type": "GreaterThan", "LeftValue": number, "RightValue": 0}
    arguments = {"Conditions": [condition], "IfSteps": [failure], "ElseSteps": []}
    return {"Name": name, "Type": "Condition", "Arguments": arguments, "DependsOn": list(after)}
