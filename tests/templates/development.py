"""A sandbox in which one account is development and registry, and a generated project that is built there."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow.csv
import pyarrow.parquet

from plinth_sandbox.environment import git_configuration
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws
from plinth_sandbox.waiting import eventually
from tests.templates.projects import BUILD, commit, environment, generate, git, run

SAMPLE = next((BUILD / "algorithms/preprocessing/split/test/input").glob("*regression*"))
IMAGE = f"{MANAGEMENT}.dkr.ecr.{REGION}.amazonaws.com/fraud/scoring/train:1"
GROUP = "fraud--scoring-main"
REPOSITORY = PROJECT = "fraud--scoring-build"
URL = f"https://git-codecommit.{REGION}.amazonaws.com/v1/repos/{REPOSITORY}"
ROLE = f"arn:aws:iam::{MANAGEMENT}:role/plinth/fraud--scoring-integration"


class Development:
    """A sandbox in which one account is development and registry, and a project that was submitted there."""

    def __init__(self, aws: EmulatedAws, folder: Path) -> None:
        self.aws = aws
        self.sagemaker, self.s3 = aws.client("sagemaker"), aws.client("s3")
        self.key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
        aws.role("fraud--scoring-dev-pipeline", "sagemaker", Path="/plinth/")
        self._operator(aws.role("fraud--scoring-integration", "codebuild", Path="/plinth/"))
        for bucket in ("ml-dev-fraud", "acme-artifacts", "lake"):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self._table()
        self.sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)
        self._build_project()
        images = dict.fromkeys(("*/fraud/scoring/*", "aws/codebuild/*"), str(environment()))
        (aws.directory / "images.json").write_text(json.dumps(images))
        accounts = {"development_account_id": MANAGEMENT, "registry_account_id": MANAGEMENT, "image": IMAGE}
        keys = {"development_key_arn": self.key, "registry_key_arn": self.key}
        kind = {"problem": "regression", "data_source": "athena"}
        self.project = generate(folder, **kind, **accounts, **keys)
        self.commit = commit(self.project)

    def submit(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(self.project, "submit", *words)

    def run(self, folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a command of a clone, with the credentials of the account."""
        return run(folder, *words, AWS_ENDPOINT_URL=self.aws.url, **self._credentials(), **variables)

    def push(self, clone: Path, branch: str, given: Mapping[str, str] = MappingProxyType({}), **overrides: Any) -> str:
        """Pushes the commit of a clone, and starts its build as the foundation does, with further variables. Returns
        the id of the build."""
        connected = {**self._credentials(), **git_configuration(self.aws.url)}
        git(clone, "push", "--quiet", URL, f"HEAD:refs/heads/{branch}", **connected)
        # Types of libraries are known from other runs.
        variables = {"BRANCH": branch, "MYPY_CACHE_DIR": str(environment() / "mypy"), "OMP_NUM_THREADS": "1"}
        variables |= given
        started = self.aws.client("codebuild").start_build(
            projectName=PROJECT,
            sourceVersion=git(clone, "rev-parse", "HEAD"),
            environmentVariablesOverride=[{"name": name, "value": value} for name, value in variables.items()],
            **overrides,
        )
        return str(started["build"]["id"])

    def build(self, identifier: str) -> dict[str, Any]:
        """Returns a build when it has ended."""
        codebuild = self.aws.client("codebuild")

        def look() -> dict[str, Any] | None:
            found = codebuild.batch_get_builds(ids=[identifier])["builds"][0]
            return dict(found) if found["buildComplete"] else None

        return eventually(look, every_seconds=0.5)

    def comment(self, commit: str) -> str:
        """Returns the only comment on a commit."""
        (compared,) = self.aws.client("codecommit").get_comments_for_compared_commit(
            repositoryName=REPOSITORY, afterCommitId=commit
        )["commentsForComparedCommitData"]
        (comment,) = compared["comments"]
        return str(comment["content"])

    def object(self, bucket: str, key: str) -> bytes:
        body: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def keys(self, bucket: str, prefix: str) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [item["Key"].removeprefix(prefix) for page in pages for item in page.get("Contents", [])]

    def versions(self) -> list[dict[str, Any]]:
        listed = self.sagemaker.list_model_packages(ModelPackageGroupName=GROUP)["ModelPackageSummaryList"]
        return [
            self.sagemaker.describe_model_package(ModelPackageName=model_package["ModelPackageArn"])
            for model_package in listed
        ]

    def executions(self, pipeline: str) -> set[str]:
        listed = self.sagemaker.list_pipeline_executions(PipelineName=pipeline)["PipelineExecutionSummaries"]
        return {run["PipelineExecutionArn"] for run in listed}

    def steps(self, execution: str) -> dict[str, dict[str, Any]]:
        listed = self.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=execution)["PipelineExecutionSteps"]
        return {step["StepName"]: step for step in listed}

    def _credentials(self) -> dict[str, str]:
        return {name.upper(): value for name, value in self.aws.credentials(MANAGEMENT).items()}

    def _operator(self, integration: str) -> None:
        """Creates the operator role, which the role of builds may assume."""
        name, iam = "fraud--scoring-dev-operator", self.aws.client("iam")
        self.aws.role(name, "codebuild", Path="/plinth/")
        trust = {"Effect": "Allow", "Principal": {"AWS": [integration, MANAGEMENT]}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=document)

    def _build_project(self) -> None:
        self.aws.client("codecommit").create_repository(repositoryName=REPOSITORY)
        image = {"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0"}
        self.aws.client("codebuild").create_project(
            name=PROJECT,
            source={"type": "CODECOMMIT", "location": URL, "buildspec": "build_spec.yml"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={**image, "computeType": "BUILD_GENERAL1_SMALL"},
            serviceRole=ROLE,
        )

    def _table(self) -> None:
        """Creates the table of the query. The default of a new Data Catalog lets every role of IAM read it."""
        table, body = pyarrow.csv.read_csv(SAMPLE), io.BytesIO()
        pyarrow.parquet.write_table(table, body)
        self.s3.put_object(Bucket="lake", Key="diabetes/1.parquet", Body=body.getvalue())
        glue, athena = self.aws.client("glue"), self.aws.client("athena")
        kinds = {"double": "double", "int64": "bigint"}
        described = {
            "Columns": [{"Name": column.name, "Type": kinds[str(column.type)]} for column in table.schema],
            "Location": "s3://lake/diabetes/",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
        }
        glue.create_database(DatabaseInput={"Name": "historical"})
        glue.create_table(DatabaseName="historical", TableInput={"Name": "diabetes", "StorageDescriptor": described})
        place = {"OutputLocation": "s3://ml-dev-fraud/queries/fraud-development/"}
        athena.create_work_group(Name="fraud-development", Configuration={"ResultConfiguration": place})
