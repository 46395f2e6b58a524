"""Steps of a training pipeline: the SageMaker SDK's step types with complete requests."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagemaker.core.workflow.functions import Join
from sagemaker.core.workflow.parameters import ParameterFloat, ParameterString
from sagemaker.mlops.workflow.steps import StepTypeEnum

from plinth_project.build.configuration import Configuration, Tuning
from plinth_project.build.foundation import Foundation
from plinth_project.build.gates.trend import TREND_LIMIT
from plinth_project.build.git import Revision
from plinth_project.build.images import IMAGE
from plinth_project.build.lineage import MONITORING_REPORT, NO_REPORT, PUSH, TRIGGER
from plinth_project.build.steps import JobStep, Processing
from plinth_project.definitions.requests import MODEL, TRAINING, Place
from plinth_project.metadata import metadata_value
from plinth_project.names import OUTPUTS, Names

TRAINING_STEP = "train"
"""Step whose dockerfile describes the image of all jobs without a dockerfile of their own, and of endpoints."""


@dataclass(frozen=True)
class Jobs:
    """Builds the steps of a pipeline of one branch."""

    foundation: Foundation
    configuration: Configuration
    revision: Revision
    own_images: Collection[str] = ()
    """Steps with a dockerfile. Their jobs run in the image that CI builds from it (REPO-10, TR-10)."""
    no_trend_limit: float | None = None
    """Value that the metric of the trend always reaches; None without a trend."""

    @property
    def names(self) -> Names:
        return self.foundation.names(self.revision.branch)

    @property
    def place(self) -> Place:
        development = self.foundation.development
        return Place(
            jobs=self.names.jobs,
            role_arn=self.foundation.role_arn("pipeline"),
            region=self.foundation.region,
            key_arn=development.key_arn,
            subnets=development.subnets,
            security_groups=development.security_groups,
            variables=self.origin,
            tags=self.foundation.job_tags,
        )

    @property
    def origin(self) -> dict[str, Any]:
        """Variables with which a job knows the build that it belongs to: its id, repository, branch and commit, and the
        hyperparameters of the configuration (CI-11)."""
        return {
            "BUILD_ID": self.build_id,
            "REPOSITORY": self.names.repository,
            "BRANCH": metadata_value(self.revision.branch),
            "COMMIT": self.revision.commit,
            "PARAMETERS": self.options,
        }

    @property
    def options(self) -> str:
        """The hyperparameters as one line, in the order of their names."""
        given = sorted(self.configuration.hyperparameters.items())
        return metadata_value(" ".join(f"{name}={value}" for name, value in given))

    @property
    def build_id(self) -> ParameterString:
        """Parameter without a default: each execution belongs to a build."""
        return ParameterString("BuildId")

    @property
    def image(self) -> ParameterString:
        """Parameter for the image of the training step. ``submit`` gives its digest."""
        return self._image(IMAGE, TRAINING_STEP)

    def image_of(self, step: str) -> ParameterString:
        """Returns the parameter for the image of a step: its own one, or that of the training step."""
        if step == TRAINING_STEP or step not in self.own_images:
            return self.image
        return self._image(IMAGE + step.title().replace("_", ""), step)

    def _image(self, name: str, step: str) -> ParameterString:
        tag = self.foundation.image(step, self.names.image_tag(self.revision.commit))
        return ParameterString(name, default_value=self.configuration.image or tag)

    @property
    def deployed_model(self) -> ParameterString:
        return ParameterString("DeployedModel", default_value="none")

    @property
    def trigger(self) -> ParameterString:
        """Parameter for why the run started: ``push``, ``schedule``, or which columns have drifted."""
        return ParameterString(TRIGGER, default_value=PUSH)

    @property
    def monitoring_report(self) -> ParameterString:
        """Parameter for the URI of the report of monitoring that is the reason for the run, or ``none``."""
        return ParameterString(MONITORING_REPORT, default_value=NO_REPORT)

    @property
    def parameters(self) -> list[ParameterFloat | ParameterString]:
        own = [self.image_of(step) for step in sorted(self.own_images) if step != TRAINING_STEP]
        trend = [] if self.trend_limit is None else [self.trend_limit]
        return [self.build_id, self.image, *own, self.deployed_model, *trend, self.trigger, self.monitoring_report]

    @property
    def trend_limit(self) -> ParameterFloat | None:
        """Parameter for the value that the metric of the trend has to reach; None without a trend. Every value reaches
        the default, which counts while there are too few versions."""
        return None if self.no_trend_limit is None else ParameterFloat(TREND_LIMIT, default_value=self.no_trend_limit)

    def build_uri(self, part: str) -> Join:
        """Returns the URI of a folder of the build: code, input, or the outputs of a step (S3-03)."""
        start = f"s3://{self.foundation.development.bucket}/{self.names.builds}"
        return Join(on="", values=[start, self.build_id, f"/{part}/"])

    def outputs_uri(self, step: str, output: str = "") -> Join:
        return self.build_uri("/".join(filter(None, (OUTPUTS, step.replace("_", "-"), output))))

    def package_uri(self) -> Join:
        """Returns the folder of the build's model in the registry's bucket."""
        start = f"s3://{self.foundation.registry.bucket}/{self.names.models}"
        return Join(on="", values=[start, self.build_id, "/"])

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
        key_arn: str = "",
    ) -> JobStep:
        """Returns a step that runs a module: see ``Processing``."""
        resources = self.configuration.resources_of(_step(module))
        job = Processing(
            module=module,
            image=self.image_of(_step(module)),
            code=self.build_uri("code/algorithms"),
            inputs=inputs,
            outputs=outputs,
            instance=resources.instance,
            volume_gib=resources.volume_gib,
            minutes=resources.minutes,
            words=words,
            reports=reports,
            isolated=isolated,
            key_arn=key_arn,
        )
        return job.step(name, self.place)

    def training(self, name: str, module: str, *, channels: Mapping[str, Any]) -> JobStep:
        """Returns a step that trains once. Paths are in variables, because tuning jobs have no arguments."""
        definition = self._training(module, channels)
        specification = {**definition["AlgorithmSpecification"], "ContainerEntrypoint": ["python", "-m", module]}
        request = {
            "TrainingJobName": self.names.jobs,
            **definition,
            "AlgorithmSpecification": specification,
            "HyperParameters": self._hyperparameters({}),
            "Tags": self.place.tag_list,
        }
        return JobStep(name, StepTypeEnum.TRAINING, request)

    def tuning(self, name: str, module: str, tuning: Tuning, *, channels: Mapping[str, Any], maximize: bool) -> JobStep:
        """Returns a step that searches for hyperparameters. Its jobs start the program ``train`` of the image."""
        metric = f"validation:{tuning.metric}"
        ranges: dict[str, list[dict[str, Any]]] = {"ContinuousParameterRanges": [], "IntegerParameterRanges": []}
        for parameter, given in tuning.ranges.items():
            integer = given.kind == "integer"
            ends = {"MinValue": given.least, "MaxValue": given.most}
            texts = {end: str(int(value) if integer else value) for end, value in ends.items()}
            kind = "IntegerParameterRanges" if integer else "ContinuousParameterRanges"
            ranges[kind].append({"Name": parameter, **texts, "ScalingType": given.scale})
        request = {
            "HyperParameterTuningJobName": self.names.jobs,
            "HyperParameterTuningJobConfig": {
                "Strategy": tuning.strategy,
                "HyperParameterTuningJobObjective": {
                    "Type": "Maximize" if maximize else "Minimize",
                    "MetricName": metric,
                },
                "ResourceLimits": {
                    "MaxNumberOfTrainingJobs": tuning.jobs,
                    "MaxParallelTrainingJobs": tuning.parallel,
                },
                "ParameterRanges": ranges,
                "TrainingJobEarlyStoppingType": "Off",
                "RandomSeed": self.configuration.split.seed,
            },
            "TrainingJobDefinition": {
                **self._training(module, channels),
                "StaticHyperParameters": self._hyperparameters(tuning.ranges),
            },
            "Tags": self.place.tag_list,
        }
        return JobStep(name, StepTypeEnum.TUNING, request)

    def best_model(self, tuned: JobStep, module: str) -> Join:
        """Returns the URI of the model of the best training job."""
        best = tuned.properties.TrainingJobSummaries[0].TrainingJobName
        return Join(on="/", values=[self._models(module), best, "output/model.tar.gz"])

    def registration(self, name: str, request: Mapping[str, Any]) -> JobStep:
        """Returns a step that registers a version, pending approval, in the group of the branch."""
        group = self.foundation.group(self.names.group)
        fixed = {"ModelPackageGroupName": group, "ModelApprovalStatus": "PendingManualApproval"}
        return JobStep(name, StepTypeEnum.REGISTER_MODEL, {**fixed, **request})

    def _training(self, module: str, channels: Mapping[str, Any]) -> dict[str, Any]:
        resources = self.configuration.resources_of(_step(module))
        metrics = [
            {"Name": f"validation:{metric}", "Regex": f"validation:{metric}=([0-9.eE+-]+);"}
            for metric in sorted({gate.metric for gate in self.configuration.gates} | self._objective())
        ]
        variables = {f"{it.upper()}_PATH": f"{TRAINING}/data/{it}" for it in channels}
        return {
            "RoleArn": self.foundation.role_arn("pipeline"),
            "AlgorithmSpecification": {
                "TrainingImage": self.image_of(_step(module)),
                "TrainingInputMode": "File",
                "MetricDefinitions": metrics,
            },
            "Environment": {
                **self.place.environment(f"{TRAINING}/data/code"),
                **variables,
                "HYPERPARAMETERS_PATH": f"{TRAINING}/config/hyperparameters.json",
                "MODEL_PATH": MODEL,
            },
            "InputDataConfig": [
                {
                    "ChannelName": it,
                    "DataSource": {
                        "S3DataSource": {
                            "S3DataType": "S3Prefix",
                            "S3Uri": uri,
                            "S3DataDistributionType": "FullyReplicated",
                        }
                    },
                }
                for it, uri in {"code": self.build_uri("code/algorithms"), **channels}.items()
            ],
            "OutputDataConfig": {
                "S3OutputPath": self._models(module),
                "KmsKeyId": self.foundation.development.key_arn,
            },
            "ResourceConfig": self.place.cluster(resources.instance, resources.volume_gib),
            "VpcConfig": self.place.network,
            "EnableInterContainerTrafficEncryption": True,
            "EnableNetworkIsolation": True,
            "StoppingCondition": {"MaxRuntimeInSeconds": resources.minutes * 60},
        }

    def _models(self, module: str) -> Join:
        start = f"s3://{self.foundation.development.bucket}/{self.names.builds}"
        return Join(on="", values=[start, self.build_id, f"/{OUTPUTS}/{_step(module).replace('_', '-')}"])

    def _objective(self) -> set[str]:
        return {self.configuration.tuning.metric} if self.configuration.tuning else set()

    def _hyperparameters(self, searched: Mapping[str, Any]) -> dict[str, str]:
        """Returns the hyperparameters as text, without those that a search varies."""
        fixed = {name: value for name, value in self.configuration.hyperparameters.items() if name not in searched}
        controls: dict[str, Any] = {
            "problem": self.configuration.problem,
            "target": self.configuration.data.target,
            "seed": self.configuration.split.seed,
        }
        if self.configuration.fairness and self.configuration.fairness.reweigh:
            controls["reweigh"] = "yes"
        return {name: str(value) for name, value in {**controls, **fixed}.items()}


def _step(module: str) -> str:
    """Returns the folder of a step, by which resources name it."""
    return module.rpartition(".")[2]
