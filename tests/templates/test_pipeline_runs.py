"""The rendered pipeline of a generated project runs in the sandbox, from the query to the registration."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.csv
import pyarrow.parquet
import pytest

from plinth_sandbox.environment import git_configuration
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws
from policies.security.inputs.pipelines import PIPELINE
from policies.security.inputs.readers import Properties
from policies.security.inputs.resource import Resource
from policies.security.rules.sagemaker.jobs import has_a_readable_definition, pipeline_steps_are_confined
from settings.data.ml_layout import Build
from settings.types.build_id import branch_folder
from tests.templates.projects import BUILD, commit, environment, generate, git, run

SAMPLE = next((BUILD / "algorithms/preprocessing/split/test/input").glob("*regression*"))
IMAGE = f"{MANAGEMENT}.dkr.ecr.{REGION}.amazonaws.com/fraud/scoring/train:1"
PIPELINE_NAME, GROUP = "fraud--scoring-training-main", "fraud--scoring-main"
RENDER_TWICE = """
import json, sys
from pathlib import Path
sys.path.insert(0, "algorithms")
from shared_libraries.project.rendering import render
before = render(Path.cwd(), "training")
file = Path("ml_pipelines/training/input.json")
settings = json.loads(file.read_text())
settings["gates"] = [{"metric": "rmse", "at_most": 1.5}]
settings["tuning"] = {"metric": "rmse", "jobs": 1, "parallel": 1, "ranges": {
    "max_iter": {"kind": "integer", "least": 20, "most": 30}}}
settings["data"] = {"source": "history", "file": "data.csv", "target": "progression"}
file.write_text(json.dumps(settings))
print(json.dumps([before, render(Path.cwd(), "training")]))
"""
"""Renders the pipeline, and again with a gate that no model passes, a search instead of fixed values, and no query."""


class Development:
    """A sandbox in which one account is development and registry, and a project that was submitted there."""

    def __init__(self, aws: EmulatedAws, folder: Path) -> None:
        self.aws = aws
        self.sagemaker, self.s3 = aws.client("sagemaker"), aws.client("s3")
        self.key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
        aws.role("fraud--scoring-dev-operator", "codebuild", Path="/plinth/")
        aws.role("fraud--scoring-dev-pipeline", "sagemaker", Path="/plinth/")
        for bucket in ("ml-dev-fraud", "acme-artifacts", "lake"):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self._table()
        self.sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)
        (aws.directory / "images.json").write_text(json.dumps({"*/fraud/scoring/*": str(environment())}))
        accounts = {"development_account_id": MANAGEMENT, "registry_account_id": MANAGEMENT, "image": IMAGE}
        keys = {"development_key_arn": self.key, "registry_key_arn": self.key}
        kind = {"problem": "regression", "data_source": "athena"}
        self.project = generate(folder, **kind, **accounts, **keys)
        self.commit = commit(self.project)

    def submit(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(self.project, "submit", *words)

    def run(self, folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a command of a clone, with the credentials of the account."""
        credentials = {name.upper(): value for name, value in self.aws.credentials(MANAGEMENT).items()}
        return run(folder, *words, AWS_ENDPOINT_URL=self.aws.url, **credentials, **variables)

    def object(self, bucket: str, key: str) -> bytes:
        body: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def keys(self, bucket: str, prefix: str) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [item["Key"].removeprefix(prefix) for page in pages for item in page.get("Contents", [])]

    def versions(self) -> list[dict[str, Any]]:
        listed = self.sagemaker.list_model_packages(ModelPackageGroupName=GROUP)["ModelPackageSummaryList"]
        return [self.sagemaker.describe_model_package(ModelPackageName=one["ModelPackageArn"]) for one in listed]

    def steps(self, execution: str) -> dict[str, dict[str, Any]]:
        listed = self.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=execution)["PipelineExecutionSteps"]
        return {step["StepName"]: step for step in listed}

    def _table(self) -> None:
        """Creates the table of the query. The default of a new Data Catalog lets every role of IAM read it."""
        table, body = pyarrow.csv.read_csv(SAMPLE), io.BytesIO()
        pyarrow.parquet.write_table(table, body)
        self.s3.put_object(Bucket="lake", Key="diabetes/1.parquet", Body=body.getvalue())
        glue, athena = self.aws.client("glue"), self.aws.client("athena")
        kinds = {"double": "double", "int64": "bigint"}
        described = {
            "Columns": [{"Name": one.name, "Type": kinds[str(one.type)]} for one in table.schema],
            "Location": "s3://lake/diabetes/",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
        }
        glue.create_database(DatabaseInput={"Name": "historical"})
        glue.create_table(DatabaseName="historical", TableInput={"Name": "diabetes", "StorageDescriptor": described})
        place = {"OutputLocation": "s3://ml-dev-fraud/queries/fraud-development/"}
        athena.create_work_group(Name="fraud-development", Configuration={"ResultConfiguration": place})


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Development]:
    with EmulatedAws(tmp_path_factory.mktemp("aws")) as server:
        yield Development(server, tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def result(development: Development) -> dict[str, Any]:
    """Returns the result of the first submission."""
    done = development.submit()
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads((development.project / "build" / "result.json").read_text())
    return found


@pytest.fixture(scope="module")
def rendered(development: Development, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Returns the definition of the same commit, rendered in another clone, and one with other settings."""
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "--quiet", str(development.project), ".")
    command = [environment() / "bin" / "python", "-c", RENDER_TWICE]
    variables = {"PYTHONHASHSEED": "7", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=clone, env=variables, capture_output=True, text=True, check=True)
    same, other = json.loads(done.stdout)
    return same, other


@pytest.mark.requirement("TR-02", "TR-03", "TR-05", "TR-08", "TR-09", "CI-06", "CI-07", "S3-03")
def test_a_build_is_stored_under_its_id_and_registers_a_pending_version(
    development: Development, result: dict[str, Any]
) -> None:
    assert result["status"] == "Succeeded", result["reasons"]
    build = Build(use_case="scoring", build_id=result["build_id"])
    stored = development.keys("ml-dev-fraud", build.prefix)
    assert {"code/definition.json", "code/algorithms/training/train/__main__.py", "input/data.csv"} <= set(stored)
    outputs = {key.split("/")[1] for key in stored if key.startswith("ml-pipeline-outputs/")}
    assert outputs == {"split", "train", "evaluate", "baseline"}
    (version,) = development.versions()
    assert version["ModelApprovalStatus"] == "PendingManualApproval"
    assert version["ModelPackageArn"] == result["model_package"]


@pytest.mark.requirement("TR-07", "S3-06", "CI-11")
def test_a_version_has_its_metrics_its_baseline_its_lineage_and_its_card(
    development: Development, result: dict[str, Any]
) -> None:
    (version,) = development.versions()
    (container,) = version["InferenceSpecification"]["Containers"]
    folder = f"fraud/scoring/models/main/{result['build_id']}/"
    assert container["ModelDataUrl"] == f"s3://acme-artifacts/{folder}model.tar.gz"
    with tarfile.open(fileobj=io.BytesIO(development.object("acme-artifacts", f"{folder}model.tar.gz"))) as packed:
        assert set(packed.getnames()) == {"about.json", "model.joblib"}
    evaluation = json.loads(development.object("acme-artifacts", f"{folder}evaluation.json"))
    statistics = json.loads(development.object("acme-artifacts", f"{folder}statistics.json"))
    assert evaluation["rows"] + statistics["dataset"]["item_count"] < 442
    baseline = version["DriftCheckBaselines"]["ModelDataQuality"]
    assert baseline["Statistics"]["S3Uri"] == f"s3://acme-artifacts/{folder}statistics.json"
    lineage = version["CustomerMetadataProperties"]
    assert lineage["build_id"] == result["build_id"]
    assert lineage["commit"] == development.commit
    assert lineage["image"] == IMAGE
    assert lineage["data_snapshot"] == f"s3://ml-dev-fraud/scoring/{result['build_id']}/input/"
    assert float(lineage["rmse"]) == evaluation["metrics"]["rmse"]
    assert lineage["parameters"] == "learning_rate=0.1 max_iter=50 max_leaf_nodes=15"
    assert lineage["data_source"] == "athena historical.diabetes"
    card = json.loads(version["ModelCard"]["ModelCardContent"])
    (group,) = card["evaluation_details"][0]["metric_groups"]
    assert group["metric_data"][0] == {"name": "rmse", "type": "number", "value": evaluation["metrics"]["rmse"]}


@pytest.mark.requirement("TR-01")
def test_one_commit_renders_to_the_same_bytes_everywhere_and_without_aws(
    development: Development, result: dict[str, Any], rendered: tuple[str, str]
) -> None:
    submitted = development.object("ml-dev-fraud", f"scoring/{result['build_id']}/code/definition.json")
    assert rendered[0].encode() == submitted


@pytest.mark.requirement("TR-04", "TR-06", "REPO-12")
def test_a_model_that_fails_a_gate_is_not_registered_and_the_run_says_both_numbers(
    development: Development, result: dict[str, Any], rendered: tuple[str, str]
) -> None:
    before = [version["ModelPackageArn"] for version in development.versions()]
    development.sagemaker.update_pipeline(PipelineName=PIPELINE_NAME, PipelineDefinition=rendered[1])
    given = [{"Name": "BuildId", "Value": result["build_id"]}]
    execution = development.sagemaker.start_pipeline_execution(PipelineName=PIPELINE_NAME, PipelineParameters=given)
    arn = execution["PipelineExecutionArn"]
    deadline = time.monotonic() + 300
    while (steps := development.steps(arn)) and "Gate-rmse-failed" not in steps and time.monotonic() < deadline:
        time.sleep(1)
    assert set(steps) == {"Split", "Tune", "Evaluate", "Gate-rmse", "Gate-rmse-failed"}
    reason = steps["Gate-rmse-failed"]["FailureReason"].split()
    assert (reason[0], reason[2], reason[3]) == ("rmse", ">", "1.5")
    assert float(reason[1]) > 1.5
    assert [version["ModelPackageArn"] for version in development.versions()] == before


@pytest.mark.parametrize("number", [0, 1])
def test_the_policies_accept_the_definition(rendered: tuple[str, str], number: int) -> None:
    inputs = {"pipelineDefinition": rendered[number]}
    pipeline = Resource(type=PIPELINE[0], name="training", properties=Properties(inputs))
    assert has_a_readable_definition(pipeline) is None
    assert pipeline_steps_are_confined(pipeline) is None


@pytest.mark.requirement("BR-02")
def test_a_feature_branch_is_not_deployed_unless_ci_says_so(development: Development) -> None:
    git(development.project, "switch", "--quiet", "--create", "feature/drift")
    try:
        done = development.submit()
    finally:
        git(development.project, "switch", "--quiet", "main")
    assert done.stdout.startswith("The branch feature/drift is not deployed"), done.stderr


def clones(development: Development, folder: Path, *branches: str) -> dict[str, Path]:
    """Returns a clone of the project for each branch, which has a commit of its own and is pushed."""
    origin = folder / "origin"
    git(folder, "clone", "--quiet", "--bare", str(development.project), str(origin))
    made = {}
    for branch in ("main", *branches):
        made[branch] = folder / branch.replace("/", "-")
        git(folder, "clone", "--quiet", str(origin), str(made[branch]))
        if branch != "main":
            git(made[branch], "switch", "--quiet", "--create", branch)
            git(made[branch], "commit", "--quiet", "--allow-empty", "--message", branch)
            git(made[branch], "push", "--quiet", "origin", branch)
    return made


def merge(clone: Path, branch: str) -> None:
    git(clone, "fetch", "--quiet")
    git(clone, "merge", "--quiet", f"origin/{branch}")
    git(clone, "push", "--quiet", "origin", "main")


def owned(development: Development) -> dict[str, set[str]]:
    """Returns what exists of the use case: pipelines, groups, and objects of both buckets."""
    pipelines = development.sagemaker.list_pipelines()["PipelineSummaries"]
    groups = development.sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    return {
        "pipelines": {one["PipelineName"] for one in pipelines},
        "groups": {one["ModelPackageGroupName"] for one in groups},
        "data": set(development.keys("ml-dev-fraud", "scoring/")),
        "models": set(development.keys("acme-artifacts", "fraud/scoring/models/")),
    }


@pytest.mark.requirement("BR-03", "BR-04", "BR-05", "BR-07", "AMB-06")
def test_two_branches_are_built_apart_and_each_is_removed_after_its_merge(
    development: Development, result: dict[str, Any], tmp_path: Path
) -> None:
    before, branches = owned(development), ("feature/a", "feature/b")
    clone = clones(development, tmp_path, *branches)

    def submit(branch: str) -> subprocess.CompletedProcess[str]:
        return development.run(clone[branch], "submit", "--no-wait", DEPLOY_FEATURE_BRANCHES="true")

    with ThreadPoolExecutor(len(branches)) as pool:
        for done in pool.map(submit, branches):
            assert done.returncode == 0, done.stdout + done.stderr
    both = owned(development)
    # The digest of a branch's name distinguishes its group, its pipeline and its folders.
    folders = {branch: branch_folder(branch) for branch in branches}
    for branch, folder in folders.items():
        assert f"fraud--scoring-{folder}" in both["groups"]
        assert f"fraud--scoring-training-{folder}" in both["pipelines"]
        assert [key for key in both["data"] if key.startswith(f"{folder}/")], branch
    group = f"fraud--scoring-{folders['feature/b']}"
    version = {"ModelApprovalStatus": "PendingManualApproval", "CustomerMetadataProperties": {"rmse": "60.5"}}
    development.sagemaker.create_model_package(ModelPackageGroupName=group, **version)

    merge(clone["main"], "feature/b")
    for _ in ("removal", "repeat"):
        done = development.run(clone["main"], "clean-up")
        assert done.returncode == 0, done.stdout + done.stderr
        after = owned(development)
        assert not [one for found in after.values() for one in found if folders["feature/b"] in one]
        for kind, found in both.items():  # the pipeline of the other branch runs, and adds data
            assert {one for one in found if folders["feature/a"] in one} <= after[kind]
    (kept,) = development.keys("acme-artifacts", f"fraud/scoring/branches/removed/{folders['feature/b']}/")
    manifest = json.loads(
        development.object("acme-artifacts", f"fraud/scoring/branches/removed/{folders['feature/b']}/{kept}")
    )
    assert manifest["builds"][0]["commit"] == git(clone["feature/b"], "rev-parse", "HEAD")
    assert [one["lineage"] for one in manifest["versions"]] == [{"rmse": "60.5"}]

    merge(clone["main"], "feature/a")
    assert development.run(clone["main"], "clean-up").returncode == 0
    assert owned(development) == before
    assert not development.keys("acme-artifacts", "fraud/scoring/branches/open/")


@pytest.mark.requirement("CI-08")
def test_the_reason_of_a_failed_build_is_one_comment_on_its_commit(development: Development, tmp_path: Path) -> None:
    repository = {"repositoryName": "fraud--scoring-build"}
    codecommit = development.aws.client("codecommit")
    address = codecommit.create_repository(**repository)["repositoryMetadata"]["cloneUrlHttp"]
    git(tmp_path, "clone", "--quiet", str(development.project), ".")
    credentials = {name.upper(): value for name, value in development.aws.credentials(MANAGEMENT).items()}
    variables = {**os.environ, **git_configuration(development.aws.url), **credentials}
    subprocess.run(["git", "push", "--quiet", address, "HEAD:main"], cwd=tmp_path, env=variables, check=True)
    failure = {"command": "submit", "commit": development.commit, "faults": ["Gate-f1-failed: f1 0.71 < 0.80"]}
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "failure.json").write_text(json.dumps(failure))
    build = {"CODEBUILD_BUILD_ID": "fraud--scoring-build:1", "CODEBUILD_BUILD_SUCCEEDING": "0"}
    for _ in range(2):
        done = development.run(tmp_path, "report", CODEBUILD_SOURCE_REPO_URL=address, **build)
        assert done.returncode == 0, done.stdout + done.stderr
    (found,) = codecommit.get_comments_for_compared_commit(**repository, afterCommitId=development.commit)[
        "commentsForComparedCommitData"
    ]
    (comment,) = found["comments"]
    assert comment["content"].startswith("**Build failed**: fraud--scoring-build:1")
    assert "f1 0.71 < 0.80" in comment["content"]
