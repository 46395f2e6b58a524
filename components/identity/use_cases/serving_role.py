"""The role of a use case's deployed models, in pre-production or production."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from components.identity.iam.actions import JOB_LOGS
from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import (
    read_folder,
    read_objects,
    use_key,
    within_organization,
    write_folder,
    write_metrics,
)
from components.identity.use_cases.use_case_role import VersionReadingRole
from components.identity.workloads.workload_permissions import read_features, run_in_network
from settings.data.artifact_layout import MODELS
from settings.data.ml_layout import CAPTURE, MONITORING, OUTPUTS, AsynchronousRequests

FEATURES, PREDICTIONS = "features", "predictions"
"""Outputs of a run of batch inference that batch transform reads and writes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ServingRole(VersionReadingRole):
    """The role with which SageMaker starts the containers of deployed models: it reads the registered model, pulls the
    image, and writes logs, metrics, captured requests and the answers of asynchronous inference. It deploys nothing and
    reads no training data."""

    FORMER_COMPONENT: ClassVar = "plinth:identity:ServingRole"

    predicts_in_batches: bool = False
    """Whether batch transform reads features of runs and writes predictions with the role."""

    reads_features: bool = False
    """Whether models read online feature stores during inference, by the setting ``models_call_aws``."""

    def role_name(self) -> str:
        return self.use_case.role_name("serving", self.environment)

    def description(self) -> str:
        return f"Models of {self.use_case.prefix} in {self.environment}"

    def trust(self) -> Statement:
        return service_trust("sagemaker", account_id=self.account_id)

    def permissions(self) -> Sequence[Statement]:
        case = self.use_case
        registry = [
            read_objects(self.registry_bucket_arn, f"{case.folder}/{MODELS}", "Models"),
            use_key(self.registry_key_arn, "UseTheKeyOfTheRegistry"),
        ]
        return [
            *(within_organization(statement, self.organization_id) for statement in registry),
            write_folder(self.bucket_arn, f"{case.ml_folder}/{MONITORING}/{CAPTURE}", "CapturedRequests", parts=True),
            *self._asynchronous(),
            use_key(self.key_arn, "UseTheKey", write=True, service="sagemaker"),
            *run_in_network(case.region, self.account_id),
            *(read_features(case.region) if self.reads_features else ()),
            *(self._batches() if self.predicts_in_batches else ()),
            Statement(
                sid="WriteLogs",
                actions=JOB_LOGS,
                resources=[
                    case.arn("logs", self.account_id, f"log-group:/aws/sagemaker/{group}") for group in self._logs()
                ],
            ),
            # SageMaker reads the alarms that roll a deployment back with the role of the model (SageMaker Developer
            # Guide, "Auto-Rollback Configuration and Monitoring").
            Statement(
                sid="WatchDeployments",
                actions=["cloudwatch:DescribeAlarms"],
                resources=[case.arn("cloudwatch", self.account_id, f"alarm:{case.prefix}-*")],
            ),
            write_metrics(case),
        ]

    def _asynchronous(self) -> list[Statement]:
        """Allows asynchronous inference, which SageMaker runs with the role of the model: requests in, answers out."""
        case = self.use_case.ml_folder
        requests, answers, failures = (
            AsynchronousRequests(use_case=case, part=part).prefix.rstrip("/")
            for part in ("requests", "answers", "failures")
        )
        return [
            *read_folder(self.bucket_arn, requests, "Requests"),
            write_folder(self.bucket_arn, answers, "Answers", parts=True),
            write_folder(self.bucket_arn, failures, "Failures", parts=True),
        ]

    def _batches(self) -> list[Statement]:
        """Allows batch transform, which SageMaker runs with the role of the model: features in, predictions out."""
        case = self.use_case
        return [
            *read_folder(self.bucket_arn, f"{case.ml_folder}/*/{OUTPUTS}/{FEATURES}", "Features"),
            write_folder(self.bucket_arn, f"{case.ml_folder}/*/{OUTPUTS}/{PREDICTIONS}", "Predictions", parts=True),
        ]

    def _logs(self) -> list[str]:
        """Returns the log groups of endpoints of the use case and, which all use cases share, of batch transforms."""
        return [f"Endpoints/{self.use_case.prefix}-*", *(["TransformJobs*"] if self.predicts_in_batches else [])]
