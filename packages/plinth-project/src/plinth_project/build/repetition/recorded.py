"""Records of an earlier build in AWS: its run, its files, and the reports of its steps."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from plinth_project.build.branches.records import Bucket
from plinth_project.build.configuration import FILE, Configuration
from plinth_project.build.foundation import Foundation
from plinth_project.build.repetition.definition import INPUT, reports
from plinth_project.build.submission import DEFINITION, PACKAGED
from plinth_project.documents import ProjectError
from plinth_project.names import MAIN, Names

CODE = "code/"
"""Folder of a build with the code of its jobs."""
_TOLERANCE = "repeat_tolerance"
"""Field of the configuration."""


@dataclass(frozen=True, kw_only=True)
class RecordedBuild:
    """A build, by default one of ``main``."""

    foundation: Foundation
    pipeline: str
    """Folder of the pipeline in ``ml_pipelines``."""
    build_id: str
    development: Any
    """Session of the operator role."""
    branch: str = MAIN[0]

    @property
    def names(self) -> Names:
        return self.foundation.names(self.branch)

    @property
    def prefix(self) -> str:
        return f"{self.names.builds}{self.build_id}/"

    @cached_property
    def bucket(self) -> Bucket:
        own = self.foundation.development
        return Bucket(self.development.client("s3"), own.bucket, own.key_arn)

    @cached_property
    def _kept(self) -> dict[str, str]:
        """Keys of all that S3 has of the build, by their path in it."""
        return {
            object_["key"].removeprefix(self.prefix): object_["key"] for object_ in self.bucket.objects(self.prefix)
        }

    @cached_property
    def files(self) -> dict[str, str]:
        """Keys of code and input by their path in the build. Raises ProjectError if S3 has no input any more."""
        for part in (CODE, INPUT):
            if not any(path.startswith(part) for path in self._kept):
                raise ProjectError(f"repeat: {self.build_id}: its {part[:-1]} has been deleted; train again instead")
        return {path: key for path, key in self._kept.items() if path.startswith((CODE, INPUT))}

    @cached_property
    def run(self) -> dict[str, Any]:
        """The newest execution of the build. Raises ProjectError if there is none."""
        name = self.names.pipeline(self.pipeline)
        pages = self.development.client("sagemaker").get_paginator("list_pipeline_executions")
        try:
            listed = [
                execution_summary
                for page in pages.paginate(PipelineName=name)
                for execution_summary in page["PipelineExecutionSummaries"]
            ]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFound":
                raise
            listed = []
        named = [
            execution_summary
            for execution_summary in listed
            if execution_summary.get("PipelineExecutionDisplayName") == self.build_id
        ]
        if not named:
            raise ProjectError(
                f"repeat: {self.build_id}: {name} has no run of this build; `plinth models` lists the versions"
            )
        found: dict[str, Any] = named[0]
        return found

    @property
    def commit(self) -> str:
        return str(self.run["PipelineExecutionDescription"]).rpartition(" ")[2]

    @cached_property
    def parameters(self) -> dict[str, str]:
        pages = self.development.client("sagemaker").get_paginator("list_pipeline_parameters_for_execution")
        asked = pages.paginate(PipelineExecutionArn=self.run["PipelineExecutionArn"])
        return {
            pipeline_parameter["Name"]: pipeline_parameter["Value"]
            for page in asked
            for pipeline_parameter in page["PipelineParameters"]
        }

    @cached_property
    def definition(self) -> dict[str, Any]:
        """The definition of the pipeline as it ran."""
        client = self.development.client("sagemaker")
        asked = {"PipelineExecutionArn": self.run["PipelineExecutionArn"]}
        found: dict[str, Any] = json.loads(
            client.describe_pipeline_definition_for_execution(**asked)["PipelineDefinition"]
        )
        return found

    def reports(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the reports of the steps of a definition, by their names. Raises ProjectError if there is none, or if
        S3 has them no longer."""
        named, found = dict(reports(definition, self.prefix)), self.kept_reports(definition)
        if not named:
            raise ProjectError("repeat: no step of the pipeline has a report, so there is nothing to compare")
        if gone := [name for name in named if name not in found]:
            raise ProjectError(f"repeat: {self.build_id}: its report {gone[0]} has been deleted; train again instead")
        return found

    def kept_reports(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the reports that S3 has, by their names. A step that did not run, or failed, has none."""
        named = {name: key for name, key in reports(definition, self.prefix) if key in self._kept.values()}
        return {name: json.loads(self.bucket.read(key)) for name, key in named.items()}

    @cached_property
    def tolerance(self) -> float:
        """Largest difference of a metric, as the configuration of the build said."""
        key = self.files[f"{CODE}ml_pipelines/{self.pipeline}/{FILE}"]
        return float(json.loads(self.bucket.read(key)).get(_TOLERANCE, Configuration.model_fields[_TOLERANCE].default))

    def copy_to(self, prefix: str) -> None:
        """Copies code and input below another prefix."""
        own = self.foundation.development
        encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": own.key_arn}
        s3 = self.development.client("s3")
        for path, key in self.files.items():
            s3.copy({"Bucket": own.bucket, "Key": key}, own.bucket, prefix + path, encrypted)

    def committed_code(self, root: Path) -> dict[str, bytes]:
        """Returns the code of the commit of the build by path. Raises ProjectError if the repository does not have the
        commit."""
        command = ["git", "archive", "--format=tar", self.commit, *PACKAGED]
        done = subprocess.run(command, cwd=root, capture_output=True, check=False)
        if done.returncode:
            raise ProjectError(f"git: the commit {self.commit} of {self.build_id} is not in this repository")
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            return {member.name: _content(archive, member) for member in archive if member.isfile()}

    def changed_code(self, committed: Mapping[str, bytes]) -> list[str]:
        """Returns the stored files of the code that differ from those of the commit."""
        stored = {path: key for path, key in self.files.items() if path.startswith(CODE) and path != DEFINITION}
        paths = {path.removeprefix(CODE): key for path, key in stored.items()}
        return [path for path, key in paths.items() if committed.get(path) != self.bucket.read(key)]


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read() if file else b""
