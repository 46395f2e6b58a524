"""From a push to a pending model: the use case of fraud, whose build repository is generated from the template."""

from __future__ import annotations

import io
import json
import re
import tarfile
from typing import Any

import pytest

from tests.engine.main_job.creation import create_use_case
from tests.support.workbench import Workbench
from tests.templates.projects import library_wheel

STACK = PREFIX = "fraud--scoring"
TRAINING, PREDICTING = "training/train/__main__.py", "inference/serve/predictor.py"


@pytest.fixture(scope="module")
def use_case(acme: Workbench) -> dict[str, Any]:
    return acme.outputs(STACK)


@pytest.fixture(scope="module")
def build(acme: Workbench, use_case: dict[str, Any]) -> dict[str, Any]:
    """The build that the first push to main started."""
    codebuild = acme.client("codebuild", tooling(acme))
    ids = codebuild.list_builds_for_project(projectName=use_case["build_project"], sortOrder="ASCENDING")["ids"]
    return dict(codebuild.batch_get_builds(ids=ids[:1])["builds"][0])


def tooling(acme: Workbench) -> str:
    return str(acme.outputs("tooling")["account_id"])


@pytest.mark.requirement("CI-01", "TR-12.a")
def test_a_push_starts_a_build_of_the_commit_in_the_tooling_account(
    build: dict[str, Any], use_case: dict[str, Any]
) -> None:
    assert build["buildStatus"] == "SUCCEEDED"
    assert build["serviceRole"] == use_case["role_arns"]["integration"]
    assert build["initiator"].startswith("fraud--scoring-start/")
    assert build["sourceVersion"] == build["resolvedSourceVersion"]


@pytest.mark.requirement("CI-07", "BR-01.b", "DEV-01.a")
@pytest.mark.requirement("CI-08.a")
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
    code = f"scoring/{build_id}/code"
    assert {f"{code}/definition.json", f"{code}/algorithms/training/train/__main__.py"} <= {
        object_["Key"] for object_ in stored["Contents"]
    }


@pytest.mark.requirement("COST-02.b")
def test_resources_of_a_use_case_are_tagged_with_it(acme: Workbench) -> None:
    account = tooling(acme)
    queues, events, builds = (acme.client(name, account) for name in ("sqs", "events", "codebuild"))
    urls = queues.list_queues(QueueNamePrefix=f"{PREFIX}-")["QueueUrls"]
    rules = events.list_rules(NamePrefix=f"{PREFIX}-")["Rules"]
    project = builds.batch_get_projects(names=[f"{PREFIX}-build"])["projects"][0]
    found = [
        *(queues.list_queue_tags(QueueUrl=url)["Tags"] for url in urls),
        *(
            {tag["Key"]: tag["Value"] for tag in events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]}
            for rule in rules
        ),
        {tag["key"]: tag["value"] for tag in project["tags"]},
    ]
    assert len(found) >= 4
    assert {tags["plinth:use-case"] for tags in found} == {"scoring"}


def test_the_build_installed_from_the_package_repository_of_the_tooling_account(
    acme: Workbench, build: dict[str, Any]
) -> None:
    variables = {
        environment_variable["name"]: environment_variable["value"]
        for environment_variable in build["environment"]["environmentVariables"]
    }
    account, domain = variables["PACKAGE_OWNER"], {"domain": variables["PACKAGE_DOMAIN"]}
    assert account == tooling(acme)
    packages = acme.client("codeartifact", account)
    described = packages.describe_domain(**domain)["domain"]
    assert described["encryptionKey"] == acme.outputs("tooling")["key_arn"]
    repository = packages.describe_repository(**domain, repository=variables["PACKAGE_REPOSITORY"])["repository"]
    assert [
        external_connection["externalConnectionName"] for external_connection in repository["externalConnections"]
    ] == ["public:pypi"]
    assert build["vpcConfig"]["subnets"]
    log = json.loads(acme.plinth("logs", STACK, build["id"].rpartition(":")[2], "--json").stdout)["logs"][0]["lines"]
    assert any("codeartifact get-authorization-token" in line for line in log)


def test_the_library_that_the_repositories_pin_is_published_with_the_use_case(
    acme: Workbench, build: dict[str, Any]
) -> None:
    variables = {
        environment_variable["name"]: environment_variable["value"]
        for environment_variable in build["environment"]["environmentVariables"]
    }
    where = {"domain": variables["PACKAGE_DOMAIN"], "repository": variables["PACKAGE_REPOSITORY"]}
    wheel = library_wheel()
    (asset,) = acme.client("codeartifact", tooling(acme)).list_package_version_assets(
        **where, format="pypi", package="plinth-project", packageVersion=wheel.version
    )["assets"]
    assert (asset["name"], asset["hashes"]["SHA-256"]) == (wheel.file.name, wheel.sha256)
    assert "is published" in acme.plinth("packages", "publish").stdout


@pytest.mark.requirement("CI-08.b")
def test_the_commit_says_which_version_its_build_registered(
    acme: Workbench, build: dict[str, Any], use_case: dict[str, Any]
) -> None:
    compared = acme.client("codecommit", tooling(acme)).get_comments_for_compared_commit(
        repositoryName=use_case["build_project"], afterCommitId=build["resolvedSourceVersion"]
    )["commentsForComparedCommitData"]
    ((comment,),) = (comparison["comments"] for comparison in compared)
    assert comment["content"].startswith(f"**Build succeeded**: {build['id']}\n")
    assert f"Registered version 1 of {PREFIX}-main, which waits for approval." in comment["content"]


@pytest.mark.requirement("DEV-06")
def test_the_logs_of_the_build_and_of_the_jobs_of_its_run_are_shown(acme: Workbench, build: dict[str, Any]) -> None:
    shown = json.loads(acme.plinth("logs", STACK, build["id"].rpartition(":")[2], "--json").stdout)
    (log,) = shown["logs"]
    assert (log["group"], log["stream"]) == (build["logs"]["groupName"], build["logs"]["streamName"])
    assert any("Phase complete: BUILD State: SUCCEEDED" in line for line in log["lines"])
    assert any("Registered version 1" in line for line in shown["summary"])
    developer = acme.session_of("ada", str(acme.outputs("fraud-development")["account_id"]))
    text = acme.plinth("logs", STACK, "run", "--lines", "1", variables=developer).stdout
    assert re.match(r"run  \S+  Succeeded", text)
    assert re.search(rf"^/aws/sagemaker/ProcessingJobs  {PREFIX}-\S+/algo-1-\d+", text, re.MULTILINE)
    assert re.search(rf"^/aws/sagemaker/TrainingJobs  {PREFIX}-\S+/algo-1-\d+", text, re.MULTILINE)


@pytest.mark.requirement("AUD-05.a")
def test_a_version_names_the_commit_of_the_code_that_trained_it_and_that_predicts(
    acme: Workbench, build: dict[str, Any]
) -> None:
    account, development = tooling(acme), acme.outputs("fraud-development")
    version = acme.client("sagemaker", account).describe_model_package(
        ModelPackageName=f"arn:aws:sagemaker:eu-west-1:{account}:model-package/{PREFIX}-main/1"
    )
    known = version["CustomerMetadataProperties"]
    assert known["commit"] == build["resolvedSourceVersion"]

    def at_commit(path: str) -> bytes:
        code = acme.client("codecommit", account)
        content: bytes = code.get_file(
            repositoryName=known["repository"], commitSpecifier=known["commit"], filePath=f"algorithms/{path}"
        )["fileContent"]
        return content

    trained = acme.client("s3", development["account_id"]).get_object(
        Bucket=development["bucket_name"], Key=f"scoring/{known['build_id']}/code/algorithms/{TRAINING}"
    )
    assert trained["Body"].read() == at_commit(TRAINING)
    (container,) = version["InferenceSpecification"]["Containers"]
    bucket, _, key = container["ModelDataUrl"].removeprefix("s3://").partition("/")
    archive = acme.client("s3", account).get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        (name,) = (name for name in files.getnames() if name.endswith("serve/predictor.py"))
        member = files.extractfile(name)
        assert member is not None
        assert member.read() == at_commit(PREDICTING)


@pytest.mark.requirement("TPL-02")
def test_the_use_case_is_created_once(acme: Workbench, use_case: dict[str, Any]) -> None:
    said = create_use_case(acme).stdout
    assert "fraud--scoring is deployed already." in said
    assert "has branches already (main), so nothing is pushed." in said
    assert f"The newest model version is {PREFIX}-main  1  PendingManualApproval" in said
    codebuild, registry = (acme.client(service, tooling(acme)) for service in ("codebuild", "codecommit"))
    ids = codebuild.list_builds_for_project(projectName=use_case["build_project"])["ids"]
    main = registry.get_branch(repositoryName=use_case["build_project"], branchName="main")["branch"]["commitId"]
    built = [finished_build["sourceVersion"] for finished_build in codebuild.batch_get_builds(ids=ids)["builds"]]
    assert built.count(main) == 1


def test_without_one_permission_of_the_pipeline_role_a_run_is_denied(
    acme: Workbench, build: dict[str, Any], use_case: dict[str, Any]
) -> None:
    assert build["buildStatus"] == "SUCCEEDED"
    account, role = acme.outputs("fraud-development")["account_id"], use_case["role_arns"]["pipeline"]
    iam, sagemaker, name = acme.client("iam", account), acme.client("sagemaker", account), role.rpartition("/")[2]
    (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
    whole = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    reduced = {
        **whole,
        "Statement": [statement for statement in whole["Statement"] if statement["Sid"] != "WorkInTheNetwork"],
    }
    iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(reduced))
    try:
        started = sagemaker.start_pipeline_execution(
            PipelineName=f"{PREFIX}-training-main", PipelineParameters=[{"Name": "BuildId", "Value": "denied"}]
        )["PipelineExecutionArn"]
        (step,) = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=started)["PipelineExecutionSteps"]
    finally:
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(whole))
    assert step["StepStatus"] == "Failed"
    assert "AccessDeniedException" in step["FailureReason"]
    job = f"arn:aws:sagemaker:eu-west-1:{account}:processing-job/{PREFIX}-"
    assert re.search(
        f"assumed-role/{name}/SageMaker is not authorized to perform: sagemaker:CreateProcessingJob on resource: "
        rf"{job}\S+ because no identity-based policy allows the sagemaker:CreateProcessingJob action$",
        step["FailureReason"],
    )


@pytest.mark.requirement("TOOL-03.a", "TOOL-04.a")
def test_images_are_immutable_and_scanned_in_the_tooling_account(acme: Workbench) -> None:
    ecr = acme.client("ecr", tooling(acme))
    (images,) = ecr.describe_repositories(repositoryNames=["fraud/scoring/train"])["repositories"]
    assert images["imageTagMutability"] == "IMMUTABLE"
    assert images["imageScanningConfiguration"] == {"scanOnPush": True}
    assert images["encryptionConfiguration"]["kmsKey"] == acme.outputs("tooling")["key_arn"]
