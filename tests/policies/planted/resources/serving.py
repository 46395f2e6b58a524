"""Planted: what serves models."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws

from tests.policies.planted.resources.base import (
    ACCOUNT,
    KEY,
)
from tests.policies.planted.resources.watch import Watch

CAPTURES = f"s3://ml-prod-fraud-{ACCOUNT}-eu-west-1-an/scoring/monitoring/capture"
VARIANT = {"variant_name": "all", "model_name": "planted", "instance_type": "ml.m5.large", "initial_instance_count": 2}
CANARY = {
    "type": "CANARY",
    "wait_interval_in_seconds": 300,
    "canary_size": {"type": "CAPACITY_PERCENT", "value": 50},
}


class Serving(Watch):
    def endpoint_configuration(self, variant: dict[str, Any] | None = None, **changes: Any) -> None:
        properties = {
            "production_variants": [{**VARIANT, **(variant or {})}],
            "kms_key_arn": KEY,
            "data_capture_config": {
                "enable_capture": True,
                "initial_sampling_percentage": 20,
                "destination_s3_uri": CAPTURES,
                "capture_options": [{"capture_mode": "InputAndOutput"}],
                "kms_key_id": KEY,
            },
        }
        aws.sagemaker.EndpointConfiguration(self._name, **properties | changes, opts=self._opts())

    def served(self, **changes: Any) -> None:
        """An endpoint, and nothing that keeps it up."""
        properties = {
            "name": self._name,
            "endpoint_config_name": "planted",
            "deployment_config": {
                "blue_green_update_policy": {"traffic_routing_configuration": CANARY},
                "auto_rollback_configuration": {"alarms": [{"alarm_name": "planted"}]},
            },
        }
        self.log_group(name=f"/aws/sagemaker/Endpoints/{self._name}")
        aws.sagemaker.Endpoint(self._name, **properties | changes, opts=self._opts())
