"""From a push to a pending model: the use case of fraud, with a small project of these tests."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.workbench import Workbench

STACK, PREFIX = "fraud--scoring", "fraud--scoring"
PROJECT = Path(__file__).parent / "build_project"
IMAGE = "aws/codebuild/*"
LONGEST_BUILD_SECONDS = 120


@pytest.fixture(scope="module")
def use_case(acme: Workbench) -> dict[str, Any]:
    return acme.outputs(STACK)


@pytest.fixture(scope="module")
def build(acme: Workbench, use_case: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The build that a push of the project to main starts, when it has ended."""
    project = tmp_path_factory.mktemp("build")
    shutil.copytree(PROJECT, project, dirs_exist_ok=True)
    (project / "project.json").write_text(json.dumps(names_of(acme, use_case)))
    acme.sandbox("image", IMAGE, sys.prefix)
    push(acme, project, use_case["clone_urls"]["build"])
    codebuild = acme.client("codebuild", tooling(acme))

    deadline = time.monotonic() + LONGEST_BUILD_SECONDS
    while time.monotonic() < deadline:
        ids = codebuild.list_builds_for_project(projectName=use_case["build_project"])["ids"]
        for found in codebuild.batch_get_builds(ids=ids)["builds"] if ids else []:
            if found["buildComplete"]:
                return dict(found)
        time.sleep(0.2)
    raise AssertionError("the push started no build, or it did not end")


def tooling(acme: Workbench) -> str:
    return str(acme.outputs("tooling")["account_id"])


def names_of(acme: Workbench, use_case: dict[str, Any]) -> dict[str, str]:
    """Returns what the project needs of the foundation."""
    development = acme.outputs("fraud-development")
    return {
        "prefix": PREFIX,
        "folder": "fraud/scoring",
        "use_case": "scoring",
        "operator": use_case["role_arns"]["operator"],
        "pipeline": use_case["role_arns"]["pipeline"],
        "bucket": development["bucket_name"],
        "artifacts": use_case["artifact_bucket"],
        "group": use_case["model_package_groups"]["main"],
        "image": f"{use_case['image_repositories']['train']}:1",
    }


def push(acme: Workbench, project: Path, url: str) -> None:
    """Commits the project and pushes it to main, with the credentials of the tooling account's administrator."""
    arn = f"arn:aws:iam::{tooling(acme)}:role/OrganizationAccountAccessRole"
    issued = acme.client("sts").assume_role(RoleArn=arn, RoleSessionName="ada")["Credentials"]
    environment = acme.environment() | {
        "AWS_ACCESS_KEY_ID": issued["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": issued["SecretAccessKey"],
        "AWS_SESSION_TOKEN": issued["SessionToken"],
    }
    author = ["-c", "user.name=ada", "-c", "user.email=ada@acme.example"]
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", "."],
        [*author, "commit", "-qm", "Begin"],
        ["push", url, "main"],
    ):
        done = subprocess.run(["git", *words], cwd=project, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr


@pytest.mark.requirement("CI-01")
def test_a_push_starts_a_build_of_the_commit_in_the_tooling_account(
    build: dict[str, Any], use_case: dict[str, Any]
) -> None:
    assert build["buildStatus"] == "SUCCEEDED"
    assert build["serviceRole"] == use_case["role_arns"]["integration"]
    assert build["initiator"].startswith("fraud--scoring-start/")
    assert build["sourceVersion"] == build["resolvedSourceVersion"]


@pytest.mark.requirement("CI-07")
@pytest.mark.requirement("CI-08")
def test_the_build_deploys_a_pipeline_to_development_whose_model_is_pending_in_the_main_group(
    acme: Workbench, build: dict[str, Any], use_case: dict[str, Any]
) -> None:
    development = acme.outputs("fraud-development")
    sagemaker = acme.client("sagemaker", development["account_id"])
    assert build["buildStatus"] == "SUCCEEDED"
    pipeline = sagemaker.describe_pipeline(PipelineName=f"{PREFIX}-training-main")
    assert pipeline["RoleArn"] == use_case["role_arns"]["pipeline"]
    registry = acme.client("sagemaker", tooling(acme))
    (version,) = registry.list_model_packages(ModelPackageGroupName=f"{PREFIX}-main")["ModelPackageSummaryList"]
    assert version["ModelApprovalStatus"] == "PendingManualApproval"
    described = registry.describe_model_package(ModelPackageName=version["ModelPackageArn"])
    build_id = described["CustomerMetadataProperties"]["build_id"]
    assert build_id.endswith(build["resolvedSourceVersion"][:7])
    stored = acme.client("s3", development["account_id"]).list_objects_v2(
        Bucket=development["bucket_name"], Prefix=f"scoring/{build_id}/code/"
    )
    assert [one["Key"] for one in stored["Contents"]] == [f"scoring/{build_id}/code/submit.py"]


def test_without_one_permission_of_the_pipeline_role_a_run_is_denied(
    acme: Workbench, build: dict[str, Any], use_case: dict[str, Any]
) -> None:
    assert build["buildStatus"] == "SUCCEEDED"
    account, role = acme.outputs("fraud-development")["account_id"], use_case["role_arns"]["pipeline"]
    iam, sagemaker, name = acme.client("iam", account), acme.client("sagemaker", account), role.rpartition("/")[2]
    (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
    whole = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    reduced = {**whole, "Statement": [one for one in whole["Statement"] if one["Sid"] != "RegisterForApproval"]}
    iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(reduced))
    try:
        started = sagemaker.start_pipeline_execution(PipelineName=f"{PREFIX}-training-main")["PipelineExecutionArn"]
        (step,) = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=started)["PipelineExecutionSteps"]
    finally:
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(whole))
    version = use_case["model_package_groups"]["main"].replace(":model-package-group/", ":model-package/")
    assert step["StepStatus"] == "Failed"
    assert "AccessDeniedException" in step["FailureReason"]
    assert step["FailureReason"].endswith(
        f"assumed-role/{name}/SageMaker is not authorized to perform: sagemaker:CreateModelPackage on resource: "
        f"{version}/1 because no identity-based policy allows the sagemaker:CreateModelPackage action"
    )


@pytest.mark.requirement("TOOL-03")
def test_images_are_immutable_and_scanned_in_the_tooling_account(acme: Workbench) -> None:
    ecr = acme.client("ecr", tooling(acme))
    (images,) = ecr.describe_repositories(repositoryNames=["fraud/scoring/train"])["repositories"]
    assert images["imageTagMutability"] == "IMMUTABLE"
    assert images["imageScanningConfiguration"] == {"scanOnPush": True}
    assert images["encryptionConfiguration"]["kmsKey"] == acme.outputs("tooling")["key_arn"]
