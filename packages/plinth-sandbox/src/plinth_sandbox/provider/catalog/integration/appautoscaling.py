"""Application Auto Scaling."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging

_SCALED = {
    "ServiceNamespace": "{serviceNamespace}",
    "ResourceId": "{resourceId}",
    "ScalableDimension": "{scalableDimension}",
}
"""Properties that identify the scalable target. Every operation takes them."""

TARGET = Resource(
    type="aws:appautoscaling/target:Target",
    service="application-autoscaling",
    put="register_scalable_target",
    identifier="{serviceNamespace}/{/resourceId}/{scalableDimension}",
    address=_SCALED,
    read=Call(
        "describe_scalable_targets",
        {"ResourceIds": ["{resourceId}"]},
        within="ScalableTargets[0]",
    ),
    delete="deregister_scalable_target",
    renames={"arn": "ScalableTargetARN"},
    computed=["roleArn", "suspendedState"],
    replaces=["resourceId", "scalableDimension", "serviceNamespace"],
    absent="ValidationException: No scalable target found",
    name=None,
    tags=Tagging(),
)

POLICY = Resource(
    type="aws:appautoscaling/policy:Policy",
    service="application-autoscaling",
    put="put_scaling_policy",
    identifier="{serviceNamespace}/{/resourceId}/{scalableDimension}/{name}",
    address={**_SCALED, "PolicyName": "{name}"},
    read=Call(
        "describe_scaling_policies",
        {"PolicyNames": ["{name}"]},
        within="ScalingPolicies[?PolicyName=='{name}'] | [0]",
        gives={"alarmArns": "ScalingPolicies[?PolicyName=='{name}'] | [0].Alarms[].AlarmARN"},
    ),
    delete="delete_scaling_policy",
    renames={"name": "PolicyName", "arn": "PolicyARN"},
    defaults={"policyType": "StepScaling"},
    replaces=["name", "resourceId", "scalableDimension", "serviceNamespace"],
    absent="ValidationException: No scaling policy found",
    name=Name(longest=255),
)

RESOURCES = [TARGET, POLICY]
