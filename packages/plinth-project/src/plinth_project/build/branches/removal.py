"""Removes what belongs to feature branches that have ended, and keeps a manifest of each (BR-05, BR-07, AMB-07).

Nothing but the state of the repository decides whether a branch has ended: its last commit is part of main, or nobody
has built it for some days. Only what the records of the branch's builds name is removed. The records go last, so a
removal that was interrupted continues, and another one finds nothing to do.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import boto3
from botocore.exceptions import ClientError

from plinth_project.build.branches.records import Bucket, BuildRecord, record_key, registry_bucket
from plinth_project.build.foundation import Foundation
from plinth_project.documents import ProjectError
from plinth_project.names import Names, time_of

MANIFEST_TAGS = {"retention": "branch-manifest"}
"""Tags of manifests. The foundation may expire objects with them (setting `branch_manifest_days`)."""
POLL_SECONDS = 5.0
STOP_SECONDS = 900
"""Longest wait for a stopped execution. SageMaker gives jobs two minutes to save their state."""
_RUNNING = ("Executing", "Stopping")
_MISSING = ("ResourceNotFound", "ValidationException")
"""Errors of SageMaker for a pipeline and for a group that does not exist."""


def reason_to_remove(
    builds: Sequence[BuildRecord],
    tips: Mapping[str, str],
    is_merged: Callable[[str], bool],
    at: datetime,
    days: int,
) -> str:
    """Returns why a branch has ended, or nothing if it has not. ``tips`` are the last commits of existing branches.

    A deleted branch has ended if its last built commit is part of main; otherwise somebody may push it again.
    """
    newest = builds[-1]
    if is_merged(tips.get(newest.branch, newest.commit)):
        return "merged"
    if at - time_of(newest.build_id) >= timedelta(days=days):
        return f"not built for {days} days"
    return ""


@dataclass(kw_only=True)
class Removal:
    """The removal of one branch."""

    foundation: Foundation
    registry: boto3.Session
    """Session in the account of the registry: the one of CI."""
    development: boto3.Session
    """Session of the operator role in development."""
    builds: Sequence[BuildRecord]
    """All builds of the branch, the oldest first."""
    reason: str
    at: datetime

    @property
    def names(self) -> Names:
        return self.foundation.names(self.builds[-1].branch)

    @property
    def manifest_key(self) -> str:
        return f"{self.names.removed_branches}{self.names.folder}/{self.builds[-1].build_id}.json"

    @property
    def pipelines(self) -> list[str]:
        return [self.names.pipeline(name) for name in sorted({build.pipeline for build in self.builds})]

    def run(self) -> None:
        """Removes the pipelines, the model package group, and the data of the branch."""
        if not self.names.is_feature:
            raise ProjectError(f"{self.names.branch} is not a feature branch; it stays")
        registry, development = registry_bucket(self.foundation, self.registry), self._development_bucket()
        # A manifest that exists is of a removal that was interrupted. It says what there was before.
        if not registry.objects(self.manifest_key):
            manifest = json.dumps(self._manifest(registry, development), indent=2) + "\n"
            registry.write(self.manifest_key, manifest, MANIFEST_TAGS)
        for pipeline in self.pipelines:
            self._delete_pipeline(pipeline)
        self._delete_group()
        for build in self.builds:
            development.delete([object_["key"] for object_ in development.objects(self._build_prefix(build))])
            registry.delete([object_["key"] for object_ in registry.objects(self._model_prefix(build))])
        for build in self.builds:
            registry.delete([record_key(self.foundation, build)])

    def _manifest(self, registry: Bucket, development: Bucket) -> dict[str, Any]:
        stored = {build.build_id: development.objects(self._build_prefix(build)) for build in self.builds}
        return {
            "team": self.foundation.team,
            "use_case": self.foundation.use_case,
            "branch": self.names.branch,
            "reason": self.reason,
            "removed_at": self.at.isoformat(timespec="seconds"),
            "builds": [
                {
                    **build.model_dump(),
                    "objects": len(stored[build.build_id]),
                    "bytes": sum(object_["bytes"] for object_ in stored[build.build_id]),
                    "models": registry.objects(self._model_prefix(build)),
                }
                for build in self.builds
            ],
            "pipelines": self.pipelines,
            "model_package_group": self.names.group,
            "versions": [
                {
                    "arn": found["ModelPackageArn"],
                    "status": found["ModelApprovalStatus"],
                    "registered": found["CreationTime"].isoformat(timespec="seconds"),
                    "lineage": found.get("CustomerMetadataProperties", {}),
                }
                for found in map(self._version, self._versions())
            ],
        }

    def _delete_pipeline(self, name: str) -> None:
        """Stops the executions of a pipeline and deletes it. SageMaker deletes no pipeline that runs."""
        sagemaker = self.development.client("sagemaker")
        try:
            sagemaker.describe_pipeline(PipelineName=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFound":
                raise
            return
        for execution in self._executions(name, "Executing"):
            sagemaker.stop_pipeline_execution(PipelineExecutionArn=execution, ClientRequestToken=self._token())
        deadline = time.monotonic() + STOP_SECONDS
        while running := list(self._executions(name, *_RUNNING)):
            if time.monotonic() > deadline:
                raise ProjectError(f"{running[0]} does not stop; stop it in SageMaker, and the next run goes on")
            time.sleep(POLL_SECONDS)
        sagemaker.delete_pipeline(PipelineName=name, ClientRequestToken=self._token())

    def _executions(self, pipeline: str, *statuses: str) -> Iterator[str]:
        pages = self.development.client("sagemaker").get_paginator("list_pipeline_executions")
        for page in pages.paginate(PipelineName=pipeline):
            for execution_summary in page["PipelineExecutionSummaries"]:
                if execution_summary["PipelineExecutionStatus"] in statuses:
                    yield str(execution_summary["PipelineExecutionArn"])

    def _delete_group(self) -> None:
        sagemaker, group = self.registry.client("sagemaker"), {"ModelPackageGroupName": self.names.group}
        for version in self._versions():
            sagemaker.delete_model_package(ModelPackageName=version)
        for delete in (sagemaker.delete_model_package_group_policy, sagemaker.delete_model_package_group):
            try:
                delete(**group)
            except ClientError as error:
                if error.response["Error"]["Code"] not in _MISSING:
                    raise

    def _versions(self) -> list[str]:
        """Returns the ARNs of all versions in the group. Without a group there are none."""
        sagemaker, group = self.registry.client("sagemaker"), {"ModelPackageGroupName": self.names.group}
        try:
            sagemaker.describe_model_package_group(**group)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _MISSING:
                raise
            return []
        pages = sagemaker.get_paginator("list_model_packages").paginate(**group)
        return [
            str(model_package["ModelPackageArn"]) for page in pages for model_package in page["ModelPackageSummaryList"]
        ]

    def _version(self, arn: str) -> Any:
        return self.registry.client("sagemaker").describe_model_package(ModelPackageName=arn)

    def _development_bucket(self) -> Bucket:
        account = self.foundation.development
        return Bucket(self.development.client("s3"), account.bucket, account.key_arn)

    def _build_prefix(self, build: BuildRecord) -> str:
        return f"{self.names.builds}{build.build_id}/"

    def _model_prefix(self, build: BuildRecord) -> str:
        return f"{self.names.models}{build.build_id}/"

    def _token(self) -> str:
        """Returns a token of at least 32 characters, which a later life of the branch does not have."""
        return f"{self.builds[-1].build_id}-{self.builds[-1].commit}"
