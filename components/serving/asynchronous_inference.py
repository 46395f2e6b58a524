"""Asynchronous inference: requests and answers are objects in S3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class AsynchronousInference:
    """Inference of requests up to 1 GB, which may take up to an hour (SageMaker Developer Guide, "Asynchronous
    inference")."""

    output_uri: str
    """URI of the folder for answers."""

    failure_uri: str
    """URI of the folder for the reasons of failed requests."""

    key_arn: str
    """ARN of the KMS key of answers."""

    requests_per_instance: int = 4
    """Requests that a container gets at once, 1 to 1,000."""

    topic_arn: str | None = None
    """ARN of a topic that is told of each answer and each failure. None tells nobody."""

    def __post_init__(self) -> None:
        if not 1 <= self.requests_per_instance <= 1000:
            raise ValueError(f"requests_per_instance: {self.requests_per_instance} is out of range (1 to 1,000)")

    def content(self) -> dict[str, Any]:
        """Returns what a configuration contains of it."""
        return {
            "output": self.output_uri,
            "failure": self.failure_uri,
            "key": self.key_arn,
            "requests": self.requests_per_instance,
            "topic": self.topic_arn,
        }

    def configuration(self) -> aws.sagemaker.EndpointConfigurationAsyncInferenceConfigArgs:
        """Returns the asynchronous part of an endpoint's configuration."""
        notify = aws.sagemaker.EndpointConfigurationAsyncInferenceConfigOutputConfigNotificationConfigArgs
        return aws.sagemaker.EndpointConfigurationAsyncInferenceConfigArgs(
            client_config=aws.sagemaker.EndpointConfigurationAsyncInferenceConfigClientConfigArgs(
                max_concurrent_invocations_per_instance=self.requests_per_instance
            ),
            output_config=aws.sagemaker.EndpointConfigurationAsyncInferenceConfigOutputConfigArgs(
                s3_output_path=self.output_uri,
                s3_failure_path=self.failure_uri,
                kms_key_id=self.key_arn,
                notification_config=notify(success_topic=self.topic_arn, error_topic=self.topic_arn)
                if self.topic_arn
                else None,
            ),
        )
