"""Compliant resources: models and notebook instances."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws

from tests.policies.planted.resources.base import ACCOUNT, GROUP, KEY, SUBNETS, Planter

PACKAGE = "arn:aws:sagemaker:eu-west-1:333333333333:model-package/planted/1"
IMAGE = f"333333333333.dkr.ecr.eu-west-1.amazonaws.com/planted@sha256:{'0' * 64}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/plinth/planted"


class Models(Planter):
    def model(self, **changes: Any) -> None:
        properties = {
            "execution_role_arn": ROLE,
            "enable_network_isolation": True,
            "primary_container": {"model_package_name": PACKAGE},
            "vpc_config": {"subnets": SUBNETS, "security_group_ids": [GROUP]},
        }
        aws.sagemaker.Model(self._name, **properties | changes, opts=self._opts())

    def notebook(self, **changes: Any) -> None:
        properties = {
            "instance_type": "ml.t3.medium",
            "role_arn": ROLE,
            "direct_internet_access": "Disabled",
            "subnet_id": SUBNETS[0],
            "security_groups": [GROUP],
            "root_access": "Disabled",
            "instance_metadata_service_configuration": {"minimum_instance_metadata_service_version": "2"},
            "kms_key_id": KEY,
            "platform_identifier": "notebook-al2023-v1",
        }
        aws.sagemaker.NotebookInstance(self._name, **properties | changes, opts=self._opts())
