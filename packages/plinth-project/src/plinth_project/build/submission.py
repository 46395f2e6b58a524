"""Submits a build: stores code and input under its id, updates the pipeline, starts it, and waits for its result."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from plinth_project.build.branches.command import branch_days
from plinth_project.build.branches.records import BuildRecord, registry_bucket, write_record
from plinth_project.build.configuration import FILE, Configuration, read_configuration
from plinth_project.build.foundation import Foundation
from plinth_project.build.gates.trend import TREND_LIMIT, trend_limit
from plinth_project.build.git import Revision
from plinth_project.build.images import IMAGE
from plinth_project.build.lineage import MONITORING_REPORT, PUSH, TRIGGER
from plinth_project.definitions.offline import difference, indented, write
from plinth_project.documents import ProjectError
from plinth_project.metadata import metadata_value
from plinth_project.names import USE_CASE_TAG, Names, build_id

POLL_SECONDS = 2.0
_RUNNING = ("Executing", "Stopping")
PACKAGED = ("algorithms", "ml_pipelines")
"""Folders of the repository whose files a build stores."""
DEFINITION = "code/definition.json"
"""The definition of the pipeline, as a build stores it."""
_LEFT_OUT = {"__pycache__", "test"}
"""Folders that no job needs."""
_DESCRIPTIONS = ("*.md", "dockerfile", "requirements.*")
"""Files that describe a step or its image."""


def packaged(root: Path) -> dict[str, Path]:
    """Returns the files of a build by their path: sources of steps and libraries, and pipelines. Every job downloads
    them, so files that no job reads are left out."""
    files = (file for folder in PACKAGED for file in (root / folder).rglob("*") if file.is_file())
    found = {file.relative_to(root).as_posix(): file for file in files}
    return {place: found[place] for place in sorted(found) if not _is_left_out(found[place], place)}


def started(variables: Mapping[str, str]) -> datetime:
    """Returns when this build of CI started, or now on a laptop. A submission that is repeated in one build therefore
    has the same build id, and starts no second run."""
    milliseconds = variables.get("CODEBUILD_START_TIME")
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds else datetime.now(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """Why the served model is trained again."""

    reason: str
    """One line: ``schedule``, or which columns have drifted."""
    report: str = ""
    """URI of the report of monitoring; empty without one."""
    served_version: str = ""
    """ARN of the version that a candidate has to beat; empty for the latest approved one."""


@dataclass(kw_only=True)
class Submission:
    """One build of a branch."""

    root: Path
    pipeline: str
    foundation: Foundation
    revision: Revision
    definition: str
    registry: boto3.Session
    """Session in the account of the registry: the one of CI."""
    development: boto3.Session
    """Session of the operator role in development."""
    at: datetime = field(default_factory=lambda: started(os.environ))
    cause: Cause | None = None
    """Why the served model is trained again; None for a build of a push."""

    @property
    def names(self) -> Names:
        return self.foundation.names(self.revision.branch)

    @property
    def build(self) -> str:
        return build_id(self.at, self.revision.commit)

    @property
    def prefix(self) -> str:
        return f"{self.names.builds}{self.build}/"

    @cached_property
    def configuration(self) -> Configuration:
        return read_configuration(self.root / "ml_pipelines" / self.pipeline / FILE, self.root)

    def record(self) -> None:
        """Records a build of a feature branch before it creates anything, so that all of it can be removed."""
        if not self.names.is_feature:
            return
        record = BuildRecord(
            branch=self.revision.branch,
            build_id=self.build,
            commit=self.revision.commit,
            pipeline=self.pipeline,
            definition_sha256=sha256(self.definition.encode()).hexdigest(),
            ci_build=os.environ.get("CODEBUILD_BUILD_ID", ""),
        )
        write_record(self.foundation, registry_bucket(self.foundation, self.registry), record)

    def store(self) -> None:
        """Stores code and input under the build id (CI-06, CI-07). Athena's answer is stored by the pipeline."""
        for place, file in packaged(self.root).items():
            self._put(f"{self.prefix}code/{place}", file.read_bytes())
        self._put(f"{self.prefix}{DEFINITION}", self.definition.encode())
        data = self.configuration.data
        if data.source == "sample":
            self._put(f"{self.prefix}input/data.csv", (self.root / data.file).read_bytes())
        elif data.source == "history":
            source = {"Bucket": self.foundation.development.bucket, "Key": f"{self.names.history}{data.file}"}
            s3 = self.development.client("s3")
            s3.copy(source, self.foundation.development.bucket, f"{self.prefix}input/data.csv", self._encryption())

    def ensure_group(self) -> None:
        """Creates the model package group of a feature branch. Those of main and develop belong to the foundation.

        Its tag ``plinth:expires`` is the day on which the branch is removed if nobody builds it again.
        """
        if not self.names.is_feature:
            return
        expires = (self.at + timedelta(days=branch_days())).date().isoformat()
        tags = {
            USE_CASE_TAG: self.foundation.use_case,
            "plinth:branch": self.revision.branch,
            "plinth:expires": expires,
        }
        sagemaker, name = self.registry.client("sagemaker"), self.names.group
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        try:
            sagemaker.create_model_package_group(ModelPackageGroupName=name, Tags=listed)
        except ClientError as error:
            if "already exists" not in str(error):
                raise
            place = f"arn:aws:sagemaker:{self.foundation.region}:{self.foundation.registry.account_id}"
            sagemaker.add_tags(ResourceArn=f"{place}:model-package-group/{name}", Tags=listed)
        if self.foundation.registry.account_id != self.foundation.development.account_id:
            policy = json.dumps(_registering(self.foundation, name))
            sagemaker.put_model_package_group_policy(ModelPackageGroupName=name, ResourcePolicy=policy)

    def update_pipeline(self) -> str:
        """Creates or updates the pipeline. Returns how its definition differs from the deployed one."""
        sagemaker, name = self.development.client("sagemaker"), self.names.pipeline(self.pipeline)
        request = {
            "PipelineName": name,
            "PipelineDefinition": self.definition,
            "RoleArn": self.foundation.role_arn("pipeline"),
            "PipelineDescription": f"{self.revision.branch} at {self.revision.commit}",
        }
        try:
            deployed = sagemaker.describe_pipeline(PipelineName=name)["PipelineDefinition"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFound":
                raise
            sagemaker.create_pipeline(**request, ClientRequestToken=self._token())
            return ""
        sagemaker.update_pipeline(**request)
        return difference(indented(deployed), self.definition, name)

    def start(self, image: str | None) -> str:
        """Starts the pipeline with the image and the model to compare with. Returns the ARN of the execution."""
        parameters = {"BuildId": self.build, "DeployedModel": self._deployed_model()}
        if (limit := self._trend_limit()) is not None:
            parameters |= {TREND_LIMIT: repr(limit)}
        parameters |= {name: image or self._digest(uri) for name, uri in self._images().items()}
        if self.cause is not None:
            parameters |= {TRIGGER: metadata_value(self.cause.reason)}
            parameters |= {MONITORING_REPORT: metadata_value(self.cause.report)} if self.cause.report else {}
        return self.start_with(parameters)

    def start_with(self, parameters: Mapping[str, str]) -> str:
        """Starts the pipeline with these parameters. Returns the ARN of the execution."""
        started = self.development.client("sagemaker").start_pipeline_execution(
            PipelineName=self.names.pipeline(self.pipeline),
            PipelineExecutionDisplayName=self.build,
            PipelineExecutionDescription=f"{self.revision.branch} at {self.revision.commit}",
            PipelineParameters=[{"Name": name, "Value": value} for name, value in parameters.items()],
            ClientRequestToken=self._token(),
        )
        return str(started["PipelineExecutionArn"])

    def wait(self, execution: str) -> dict[str, Any]:
        """Waits for the end of an execution. Returns its status, reason and steps, and writes them to ``build``."""
        sagemaker = self.development.client("sagemaker")
        while True:
            found = sagemaker.describe_pipeline_execution(PipelineExecutionArn=execution)
            if found["PipelineExecutionStatus"] not in _RUNNING:
                break
            time.sleep(POLL_SECONDS)
        pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(PipelineExecutionArn=execution)
        steps = [step for page in pages for step in page["PipelineExecutionSteps"]]
        reasons = [f"{step['StepName']}: {step['FailureReason']}" for step in steps if "FailureReason" in step]
        registered = [step["Metadata"]["RegisterModel"]["Arn"] for step in steps if _is_registration(step)]
        result = {
            "build_id": self.build,
            "pipeline": self.pipeline,
            "branch": self.revision.branch,
            "commit": self.revision.commit,
            "trigger": PUSH if self.cause is None else self.cause.reason,
            "execution": execution,
            "started": found["CreationTime"].isoformat(),
            "ended": found["LastModifiedTime"].isoformat(),
            "status": found["PipelineExecutionStatus"],
            "reasons": reasons or [found[key] for key in ("FailureReason",) if key in found],
            "model_package": registered[0] if registered else None,
        }
        write(self.root, "result", json.dumps(result, indent=2) + "\n")
        return result

    def _images(self) -> dict[str, str]:
        """Returns the images of the definition by the parameter that names them."""
        parameters = json.loads(self.definition)["Parameters"]
        return {
            parameter["Name"]: str(parameter["DefaultValue"])
            for parameter in parameters
            if parameter["Name"].startswith(IMAGE)
        }

    def _digest(self, uri: str) -> str:
        """Returns an image with its digest, so that nobody can change what the tag means."""
        if uri == self.configuration.image:
            return uri
        repository, _, tag = uri.partition("/")[2].rpartition(":")
        found = self.registry.client("ecr").batch_get_image(repositoryName=repository, imageIds=[{"imageTag": tag}])
        if not found["images"]:
            raise ProjectError(f"{uri}: the image does not exist; build it with CI, or give another one with --image")
        return f"{uri.rpartition(':')[0]}@{found['images'][0]['imageId']['imageDigest']}"

    def _trend_limit(self) -> float | None:
        """Returns the value that the metric of the trend has to reach; None without a trend, or with few versions."""
        if (trend := self.configuration.trend) is None:
            return None
        return trend_limit(trend, self.root, self.registry.client("sagemaker"), self.foundation.names("main").group)

    def _deployed_model(self) -> str:
        """Returns the archive that a candidate has to beat: of the served version, or of the latest approved one of
        main. Returns ``none`` if there is none, or if a push does not compare."""
        if self.cause is None and not self.configuration.better_than_deployed:
            return "none"
        sagemaker = self.registry.client("sagemaker")
        arn = self.cause.served_version if self.cause is not None else ""
        if not (arn := arn or self._latest_approved(sagemaker)):
            return "none"
        version = sagemaker.describe_model_package(ModelPackageName=arn)
        return str(version["InferenceSpecification"]["Containers"][0]["ModelDataUrl"])

    def _latest_approved(self, sagemaker: Any) -> str:
        """Returns the ARN of the latest approved version of main; empty if there is none."""
        group = self.foundation.names("main").group
        approved = sagemaker.list_model_packages(
            ModelPackageGroupName=group, ModelApprovalStatus="Approved", SortBy="CreationTime", SortOrder="Descending"
        )["ModelPackageSummaryList"]
        return str(approved[0]["ModelPackageArn"]) if approved else ""

    def _put(self, key: str, body: bytes) -> None:
        bucket = self.foundation.development.bucket
        self.development.client("s3").put_object(Bucket=bucket, Key=key, Body=body, **self._encryption())

    def _encryption(self) -> dict[str, str]:
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.foundation.development.key_arn}

    def _token(self) -> str:
        """Returns a token of at least 32 characters, so that a repeated call does not start twice."""
        return f"{self.build}-{self.revision.commit}"


def _registering(foundation: Foundation, group: str) -> dict[str, Any]:
    """Returns the policy of a group that lets the pipeline in development register versions, and nothing else."""
    place = f"arn:aws:sagemaker:{foundation.region}:{foundation.registry.account_id}"
    statement = {
        "Sid": "RegisterForApproval",
        "Effect": "Allow",
        "Principal": {"AWS": foundation.role_arn("pipeline")},
        "Action": "sagemaker:CreateModelPackage",
        "Resource": [f"{place}:model-package-group/{group}", f"{place}:model-package/{group}/*"],
        "Condition": {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _is_left_out(file: Path, place: str) -> bool:
    return bool(_LEFT_OUT & set(place.split("/"))) or any(file.match(pattern) for pattern in _DESCRIPTIONS)


def _is_registration(step: Mapping[str, Any]) -> bool:
    return "RegisterModel" in step.get("Metadata", {})


def is_running(execution: str, development: Any) -> bool:
    """Returns whether an execution has not ended. One that does not exist any more has. ``development`` is a session of
    the operator role."""
    try:
        found = development.client("sagemaker").describe_pipeline_execution(PipelineExecutionArn=execution)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFound":
            return False
        raise
    return found["PipelineExecutionStatus"] in _RUNNING


def operator_session(foundation: Foundation, own: boto3.Session) -> boto3.Session:
    """Returns a session of the operator role, which is the only one that changes pipelines (DEV-01)."""
    taken = own.client("sts").assume_role(
        RoleArn=foundation.role_arn("operator"), RoleSessionName=f"{foundation.team}-{foundation.use_case}"[:64]
    )["Credentials"]
    return boto3.Session(
        region_name=foundation.region,
        aws_access_key_id=taken["AccessKeyId"],
        aws_secret_access_key=taken["SecretAccessKey"],
        aws_session_token=taken["SessionToken"],
    )
