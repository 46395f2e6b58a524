"""Patches for SageMaker jobs and pipelines."""

import json
from typing import Any

from plinth_sandbox.testing import EmulatedAws, refusal
from plinth_sandbox.waiting import eventually

TOKEN = "0" * 32
STEPS = '{"Version": "2020-12-01", "Steps": []}'


def training(name: str, role: str) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "RoleArn": role,
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://ml/models/"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }


def test_a_pipeline_has_a_definition_that_can_be_read(aws: EmulatedAws, account: str):
    sagemaker = aws.client("sagemaker", account)
    named = {"PipelineName": "train", "RoleArn": aws.role("trains", "sagemaker", account), "ClientRequestToken": TOKEN}
    for text in ("{", "[]"):
        assert refusal(sagemaker.create_pipeline, **named, PipelineDefinition=text) == "ValidationException"
    sagemaker.create_pipeline(**named, PipelineDefinition=STEPS)
    update = sagemaker.update_pipeline
    assert refusal(update, PipelineName="train", PipelineDefinition="{") == "ValidationException"
    assert sagemaker.describe_pipeline(PipelineName="train")["PipelineDefinition"] == STEPS


def test_an_unknown_pipeline_is_not_found(aws: EmulatedAws, account: str):
    sagemaker = aws.client("sagemaker", account)
    assert refusal(sagemaker.describe_pipeline, PipelineName="none") == "ResourceNotFound"
    assert refusal(sagemaker.update_pipeline, PipelineName="none") == "ResourceNotFound"
    assert refusal(sagemaker.delete_pipeline, PipelineName="none", ClientRequestToken=TOKEN) == "ResourceNotFound"


def test_a_training_job_returns_its_request_and_can_be_deleted_when_it_has_ended(aws: EmulatedAws, account: str):
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    created = aws.client("iam", account).create_role(RoleName="worker", AssumeRolePolicyDocument=document)
    asked = training("fit", created["Role"]["Arn"])
    sagemaker = aws.client("sagemaker", account)
    sagemaker.create_training_job(**asked, Environment={"LOG_LEVEL": "info"})
    assert refusal(sagemaker.create_training_job, **asked) == "ResourceInUse"
    sagemaker.update_training_job(TrainingJobName="fit", ResourceConfig={"KeepAlivePeriodInSeconds": 600})

    def look() -> Any:
        found = sagemaker.describe_training_job(TrainingJobName="fit")
        return found if found["TrainingJobStatus"] != "InProgress" else None

    job = eventually(look)
    # No environment stands for the image.
    assert (job["TrainingJobStatus"], job["Environment"]) == ("Failed", {"LOG_LEVEL": "info"})
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == "s3://ml/models/fit/output/model.tar.gz"
    assert job["ResourceConfig"] == {**asked["ResourceConfig"], "KeepAlivePeriodInSeconds": 600}
    (listed,) = sagemaker.list_training_jobs(NameContains="fit")["TrainingJobSummaries"]
    assert listed["TrainingJobStatus"] == "Failed"
    sagemaker.delete_training_job(TrainingJobName="fit")
    assert sagemaker.list_training_jobs(NameContains="fit")["TrainingJobSummaries"] == []
