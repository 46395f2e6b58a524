"""Compliant resources: model endpoints."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws

from tests.policies.planted.resources.base import ACCOUNT, KEY
from tests.policies.planted.resources.jobs import Jobs
from tests.policies.planted.resources.watch import Watch

CAPTURES = f"s3://ml-prod-fraud-{ACCOUNT}-eu-west-1-an/scoring/monitoring/capture"
VARIANT = {"variant_name": "all", "model_name": "planted", "instance_type": "ml.m5.large", "initial_instance_count": 2}
CANARY = {
    "type": "CANARY",
    "wait_interval_in_seconds": 300,
    "canary_size": {"type": "CAPACITY_PERCENT", "value": 50},
}


ALARMED = {
    "errors": ("AWS/SageMaker", "Invocation5XXErrors"),
    "latency": ("AWS/SageMaker", "ModelLatency"),
    "load": ("AWS/SageMaker", "InvocationsPerInstance"),
    "memory": ("/aws/sagemaker/Endpoints", "MemoryUtilization"),
}


class Serving(Jobs, Watch):
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

    def served(self, **changes: Any) -> aws.sagemaker.Endpoint:
        """Creates an endpoint without its supporting resources."""
        properties = {
            "name": self._name,
            "endpoint_config_name": "planted",
            "deployment_config": {
                "blue_green_update_policy": {"traffic_routing_configuration": CANARY},
                "auto_rollback_configuration": {"alarms": [{"alarm_name": "planted"}]},
            },
        }
        self.log_group(name=f"/aws/sagemaker/Endpoints/{self._name}")
        return aws.sagemaker.Endpoint(self._name, **properties | changes, opts=self._opts())

    def supported_endpoint(self, *, subscribed: bool = True) -> None:
        """Creates an endpoint with its supporting resources, which depend on each other as in a component."""
        topic = aws.sns.Topic(self._name, kms_master_key_id=KEY, opts=self._opts())
        if subscribed:
            aws.sns.TopicSubscription(
                self._name, topic=topic.arn, protocol="email", endpoint="owner@acme.example", opts=self._opts()
            )
        for what in ALARMED:
            self._alarm(what, topic)
        alarms = [self._alarm(what, None) for what in ("errors", "latency")]
        self.endpoint_configuration()
        endpoint = self.served(
            deployment_config={
                "blue_green_update_policy": {"traffic_routing_configuration": CANARY},
                "auto_rollback_configuration": {"alarms": [{"alarm_name": alarm.name} for alarm in alarms]},
            }
        )
        self._scaling(endpoint)
        self.monitoring_schedule(endpoint=endpoint.name)

    def _alarm(self, what: str, topic: aws.sns.Topic | None) -> aws.cloudwatch.MetricAlarm:
        """Creates an alarm that notifies a topic, or one that judges the fleet of the configuration."""
        namespace, metric = ALARMED[what]
        fleet = {} if topic else {"EndpointConfigName": "planted"}
        return aws.cloudwatch.MetricAlarm(
            f"{self._name}-{what}" if topic else f"{self._name}-judge-{what}",
            namespace=namespace,
            metric_name=metric,
            dimensions={"EndpointName": self._name, "VariantName": "all", **fleet},
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=1,
            period=60,
            statistic="Average",
            threshold=1,
            alarm_actions=[topic.arn] if topic else None,
            opts=self._opts(),
        )

    def _scaling(self, endpoint: aws.sagemaker.Endpoint) -> None:
        target = aws.appautoscaling.Target(
            self._name,
            service_namespace="sagemaker",
            scalable_dimension="sagemaker:variant:DesiredInstanceCount",
            resource_id=endpoint.name.apply(lambda name: f"endpoint/{name}/variant/all"),
            min_capacity=2,
            max_capacity=4,
            opts=self._opts(),
        )
        tracked: Any = {
            "predefined_metric_specification": {"predefined_metric_type": "SageMakerVariantInvocationsPerInstance"},
            "target_value": 70,
        }
        aws.appautoscaling.Policy(
            self._name,
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            policy_type="TargetTrackingScaling",
            target_tracking_scaling_policy_configuration=tracked,
            opts=self._opts(),
        )
