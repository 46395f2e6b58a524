"""Pipelines, and jobs that a program starts itself."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.machine_learning.sagemaker.common import TAGS
from plinth_sandbox.provider.functions.sagemaker.jobs import delete_training_job, with_warm_pool_alone
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Update, Wait

PIPELINE = Resource(
    type="aws:sagemaker/pipeline:Pipeline",
    create="create_pipeline",
    identifier="{pipelineName}",
    address={"PipelineName": "{pipelineName}"},
    read="describe_pipeline",
    update=["update_pipeline"],
    delete="delete_pipeline",
    renames={"arn": "PipelineArn"},
    # SageMaker reads the object once and returns its content.
    unread=["pipelineDefinitionS3Location"],
    computed=["pipelineDefinition"],
    name=None,
    tags=TAGS,
)

_NOT_SERVERLESS = (
    "algorithmSpecification",
    "checkpointConfig",
    "debugHookConfig",
    "enableManagedSpotTraining",
    "environment",
    "experimentConfig",
    "profilerConfig",
    "profilerRuleConfigurations",
    "retryStrategy",
    "tensorBoardOutputConfig",
)
"""Inputs that the vendor refuses beside `serverlessJobConfig`."""

TRAINING_JOB = Resource(
    type="aws:sagemaker/trainingJob:TrainingJob",
    create="create_training_job",
    identifier="{trainingJobName}",
    address={"TrainingJobName": "{trainingJobName}"},
    read="describe_training_job",
    update=[
        Update(
            Call(
                "update_training_job",
                carries=["profilerConfig", "profilerRuleConfigurations", "remoteDebugConfig", "resourceConfig"],
                adjust=with_warm_pool_alone,
            )
        )
    ],
    delete=delete_training_job,
    absent="ValidationException: Requested resource not found",
    renames={"arn": "TrainingJobArn", "containerEntrypoints": "ContainerEntrypoint"},
    defaults={
        "enableInterContainerTrafficEncryption": False,
        "enableManagedSpotTraining": False,
        "enableNetworkIsolation": False,
    },
    computed=["profilerConfig", "stoppingCondition"],
    replaces=[
        f"resourceConfig.{part}"
        for part in (
            "instanceCount",
            "instanceGroups",
            "instancePlacementConfig",
            "instanceType",
            "trainingPlanArn",
            "volumeKmsKeyId",
            "volumeSizeInGb",
        )
    ],
    unread=["sessionChainingConfig"],
    local=["deleteModelPackagesOnDestroy", "deleteVpcEnisOnDestroy"],
    ordered=["algorithmSpecification.containerArguments", "algorithmSpecification.containerEntrypoints"],
    exclusive=[["serverlessJobConfig", other] for other in _NOT_SERVERLESS],
    gone=Wait(Call("describe_training_job"), until="`false`", failed="TrainingJobStatus=='Failed'"),
    name=None,
    tags=TAGS,
)

HYPER_PARAMETER_TUNING_JOB = Resource(
    type="aws:sagemaker/hyperParameterTuningJob:HyperParameterTuningJob",
    create="create_hyper_parameter_tuning_job",
    identifier="{name}",
    address={"HyperParameterTuningJobName": "{name}"},
    read="describe_hyper_parameter_tuning_job",
    delete="delete_hyper_parameter_tuning_job",
    renames={
        "arn": "HyperParameterTuningJobArn",
        "config": "HyperParameterTuningJobConfig",
        "name": "HyperParameterTuningJobName",
        "objective": "HyperParameterTuningJobObjective",
        "status": "HyperParameterTuningJobStatus",
    },
    name=Name(longest=32),
    tags=TAGS,
)

RESOURCES = [PIPELINE, TRAINING_JOB, HYPER_PARAMETER_TUNING_JOB]
