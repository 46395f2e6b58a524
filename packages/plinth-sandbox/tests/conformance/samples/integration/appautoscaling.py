"""Samples of Application Auto Scaling."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample
from conformance.samples.machine_learning.sagemaker.common import PROVIDER_TAG, TAGGED
from conformance.samples.machine_learning.sagemaker.serving import MODEL, configuration

ENDPOINT = ("aws:sagemaker/endpoint:Endpoint", {"name": "scaled-{n}", "endpointConfigName": "{configuration.id}"})
SERVED = {"model": MODEL, "configuration": configuration(), "endpoint": ENDPOINT}
SCALED = {"serviceNamespace": "sagemaker", "scalableDimension": "sagemaker:variant:DesiredInstanceCount"}


def _named(it: Kept) -> dict[str, Any]:
    return {
        "ServiceNamespace": it.inputs["serviceNamespace"],
        "ResourceId": it.inputs["resourceId"],
        "ScalableDimension": it.inputs["scalableDimension"],
    }


def _target(aws: Aws, it: Kept) -> dict[str, Any]:
    scaling, resource = aws("application-autoscaling"), it.inputs["resourceId"]
    (found,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[resource])[
        "ScalableTargets"
    ]
    return {
        "bounds": (found["MinCapacity"], found["MaxCapacity"]),
        "scales": not found["SuspendedState"]["DynamicScalingInSuspended"],
        "role": found["RoleARN"].rpartition("/")[2],
        "tags": scaling.list_tags_for_resource(ResourceARN=it.outputs["arn"])["Tags"],
    }


_SEEN_TARGET = {
    "bounds": (2, 6),
    "scales": True,
    "role": "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
    "tags": TAGGED,
}


def _policy(aws: Aws, it: Kept) -> dict[str, Any]:
    (found,) = aws("application-autoscaling").describe_scaling_policies(**_named(it))["ScalingPolicies"]
    tracked = found["TargetTrackingScalingPolicyConfiguration"]
    return {
        "arn": found["PolicyARN"] == it.outputs["arn"],
        "type": found["PolicyType"],
        "metric": tracked["PredefinedMetricSpecification"]["PredefinedMetricType"],
        "target": (tracked["TargetValue"], tracked["ScaleInCooldown"]),
    }


def _tracking(target: int) -> dict[str, Any]:
    return {
        "predefinedMetricSpecification": {"predefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "targetValue": target,
        "scaleInCooldown": 300,
    }


_SEEN_POLICY = {
    "arn": True,
    "type": "TargetTrackingScaling",
    "metric": "SageMakerVariantInvocationsPerInstance",
    "target": (70.0, 300),
}

SAMPLES = [
    Sample(
        type="aws:appautoscaling/target:Target",
        needs=SERVED,
        inputs={
            **SCALED,
            "resourceId": "endpoint/{endpoint.id}/variant/all",
            "minCapacity": 2,
            "maxCapacity": 6,
            "tags": {"own": "1"},
        },
        look=_target,
        seen=_SEEN_TARGET,
        change={"minCapacity": 3, "suspendedState": {"dynamicScalingInSuspended": True}, "tags": {"own": "2"}},
        seen_changed={**_SEEN_TARGET, "bounds": (3, 6), "scales": False, "tags": {**PROVIDER_TAG, "own": "2"}},
        replace={"resourceId": "endpoint/other-{n}/variant/all"},
        drift=lambda aws, it: aws("application-autoscaling").register_scalable_target(**_named(it), MaxCapacity=9),
        drifts="maxCapacity",
        remove=lambda aws, it: aws("application-autoscaling").deregister_scalable_target(**_named(it)),
    ),
    Sample(
        type="aws:appautoscaling/policy:Policy",
        needs={
            **SERVED,
            "target": (
                "aws:appautoscaling/target:Target",
                {**SCALED, "resourceId": "endpoint/{endpoint.id}/variant/all", "minCapacity": 2, "maxCapacity": 6},
            ),
        },
        inputs={
            **SCALED,
            "name": "sample-{n}",
            "resourceId": "{target.outputs.resourceId}",
            "policyType": "TargetTrackingScaling",
            "targetTrackingScalingPolicyConfiguration": _tracking(70),
        },
        look=_policy,
        seen=_SEEN_POLICY,
        change={"targetTrackingScalingPolicyConfiguration": _tracking(50)},
        seen_changed={**_SEEN_POLICY, "target": (50.0, 300)},
        replace={"name": "other-{n}"},
        remove=lambda aws, it: aws("application-autoscaling").delete_scaling_policy(
            **_named(it), PolicyName=it.inputs["name"]
        ),
    ),
]
