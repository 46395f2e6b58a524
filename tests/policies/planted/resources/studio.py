"""Compliant resources: SageMaker Studio and experiment tracking."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws

from tests.policies.planted.resources.base import (
    ACCOUNT,
    BUCKET,
    KEY,
    SUBNETS,
    VPC,
    Planter,
)


class Studio(Planter):
    def domain(self, **changes: Any) -> None:
        properties = {
            "domain_name": "planted",
            "auth_mode": "SSO",
            "app_network_access_type": "VpcOnly",
            "vpc_id": VPC,
            "subnet_ids": SUBNETS,
            "kms_key_id": KEY,
            "default_user_settings": {"execution_role": f"arn:aws:iam::{ACCOUNT}:role/plinth/people"},
            "domain_settings": {"execution_role_identity_config": "USER_PROFILE_NAME"},
        }
        aws.sagemaker.Domain(self._name, **properties | changes, opts=self._opts())

    def image_version(self, base_image: str) -> None:
        aws.sagemaker.ImageVersion(self._name, image_name="planted", base_image=base_image, opts=self._opts())

    def tracking_server(self, **changes: Any) -> None:
        properties = {
            "tracking_server_name": "planted",
            "role_arn": f"arn:aws:iam::{ACCOUNT}:role/plinth/planted",
            "artifact_store_uri": f"s3://{BUCKET}/artifacts",
        }
        aws.sagemaker.MlflowTrackingServer(self._name, **properties | changes, opts=self._opts())
