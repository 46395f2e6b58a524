"""Compliant resources: repositories and builds."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws

from tests.policies.planted.resources.base import ACCOUNT, GROUP, KEY, SUBNETS, Planter


class Delivery(Planter):
    def build_project(self, **changes: Any) -> None:
        properties = {
            "service_role": f"arn:aws:iam::{ACCOUNT}:role/plinth/planted",
            "encryption_key": KEY,
            "artifacts": {"type": "NO_ARTIFACTS"},
            "environment": {
                "compute_type": "BUILD_GENERAL1_SMALL",
                "image": "aws/codebuild/standard:7.0",
                "type": "LINUX_CONTAINER",
            },
            "source": {"type": "CODECOMMIT", "location": "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/a"},
            "vpc_config": {"vpc_id": "vpc-planted", "subnets": SUBNETS, "security_group_ids": [GROUP]},
        }
        aws.codebuild.Project(self._name, **properties | changes, opts=self._opts())

    def webhook(self, event: str = "PUSH") -> None:
        filters = [{"type": "EVENT", "pattern": event}]
        aws.codebuild.Webhook(
            self._name, project_name="planted", filter_groups=[{"filters": filters}], opts=self._opts()
        )

    def code_repository(self, **changes: Any) -> None:
        properties = {"repository_name": "planted", "kms_key_id": KEY}
        aws.codecommit.Repository(self._name, **properties | changes, opts=self._opts())

    def package_domain(self, **changes: Any) -> None:
        aws.codeartifact.Domain(self._name, **{"domain": "planted", "encryption_key": KEY} | changes, opts=self._opts())

    def image_repository(self, **changes: Any) -> None:
        properties = {
            "name": "planted",
            "image_tag_mutability": "IMMUTABLE",
            "image_scanning_configuration": {"scan_on_push": True},
            "encryption_configurations": [{"encryption_type": "KMS", "kms_key": KEY}],
        }
        aws.ecr.Repository(self._name, **properties | changes, opts=self._opts(protect=True))
