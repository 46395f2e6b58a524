"""Recording of requests and answers of an endpoint in the ML bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi_aws as aws

from settings.data.ml_layout import CAPTURE, Monitoring, version_folder


@dataclass(frozen=True, kw_only=True, slots=True)
class DataCapture:
    """A part of the traffic that is recorded (MON-02), apart for each version."""

    bucket: str
    """Name of the environment's ML bucket."""

    use_case: str
    """Name of the use case, which is its folder in the bucket."""

    version_arn: str
    """ARN of the registered version that a release serves. Records of versions do not mix, because each is compared
    with its own baseline."""

    key_arn: str
    """ARN of the KMS key of the records."""

    percentage: int
    """Part of the requests, 1 to 100."""

    def __post_init__(self) -> None:
        if not 1 <= self.percentage <= 100:
            raise ValueError(f"percentage: {self.percentage} is out of range (1 to 100)")

    @property
    def destination(self) -> str:
        """URI to which SageMaker appends endpoint, variant and hour."""
        folder = Monitoring(use_case=self.use_case, part=CAPTURE, subject=version_folder(self.version_number))
        return f"s3://{self.bucket}/{folder.prefix.rstrip('/')}"

    @property
    def version_number(self) -> int:
        """Number of the version in its model package group."""
        return int(self.version_arn.rpartition("/")[2])

    def content(self) -> dict[str, Any]:
        """Returns what a configuration contains of it."""
        return {"destination": self.destination, "key": self.key_arn, "percentage": self.percentage}

    def configuration(self) -> aws.sagemaker.EndpointConfigurationDataCaptureConfigArgs:
        """Returns the configuration of the capture of requests and answers."""
        option = aws.sagemaker.EndpointConfigurationDataCaptureConfigCaptureOptionArgs
        header = aws.sagemaker.EndpointConfigurationDataCaptureConfigCaptureContentTypeHeaderArgs
        return aws.sagemaker.EndpointConfigurationDataCaptureConfigArgs(
            enable_capture=True,
            initial_sampling_percentage=self.percentage,
            destination_s3_uri=self.destination,
            kms_key_id=self.key_arn,
            capture_options=[option(capture_mode="Input"), option(capture_mode="Output")],
            # Records of other content types are encoded in base64.
            capture_content_type_header=header(csv_content_types=["text/csv"], json_content_types=["application/json"]),
        )
