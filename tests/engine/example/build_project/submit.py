"""Stores the code under the build id, deploys the pipeline of the branch with the operator role, and starts it."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import boto3

PROJECT = json.loads(Path("project.json").read_text())
PREFIX = PROJECT["prefix"]


def main() -> None:
    branch, commit = os.environ["BRANCH"], os.environ["CODEBUILD_RESOLVED_SOURCE_VERSION"]
    issued = boto3.client("sts").assume_role(RoleArn=PROJECT["operator"], RoleSessionName=commit[:7])["Credentials"]
    session = boto3.Session(issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"])
    build_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{commit[:7]}"
    code = f"{PROJECT['use_case']}/{build_id}/code/submit.py"
    session.client("s3").put_object(Bucket=PROJECT["bucket"], Key=code, Body=Path("submit.py").read_bytes())
    sagemaker, name = session.client("sagemaker"), f"{PREFIX}-training-{branch}"
    settings = {
        "PipelineName": name,
        "PipelineDefinition": json.dumps(definition(branch, build_id)),
        "RoleArn": PROJECT["pipeline"],
    }
    try:
        sagemaker.update_pipeline(**settings)
    except sagemaker.exceptions.ResourceNotFound:
        sagemaker.create_pipeline(**settings, ClientRequestToken=commit[:32])
    sagemaker.start_pipeline_execution(PipelineName=name, ClientRequestToken=commit[:32])


def definition(branch: str, build_id: str) -> dict[str, object]:
    """Returns a pipeline that registers a model without training one, which other tests do."""
    model = f"s3://{PROJECT['artifacts']}/{PROJECT['folder']}/models/{branch}/{build_id}/model.tar.gz"
    registration = {
        "ModelPackageGroupName": PROJECT["group"],
        "ModelApprovalStatus": "PendingManualApproval",
        "CustomerMetadataProperties": {"build_id": build_id},
        "InferenceSpecification": {
            "Containers": [{"Image": PROJECT["image"], "ModelDataUrl": model}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    }
    step = {"Name": "Register", "Type": "RegisterModel", "Arguments": registration}
    return {"Version": "2020-12-01", "Metadata": {}, "Parameters": [], "Steps": [step]}


if __name__ == "__main__":
    main()
