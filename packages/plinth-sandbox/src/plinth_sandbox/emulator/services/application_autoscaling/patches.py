"""Application Auto Scaling: service-linked role, tags of targets, and policies that are deleted with their target."""

from __future__ import annotations

from typing import Any

from moto.applicationautoscaling.models import FakeApplicationAutoscalingPolicy, applicationautoscaling_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.iam.patches.iam import SCALED
from plinth_sandbox.emulator.store.projection import tags_from

_WAYS = {"High": ("GreaterThanThreshold", 3, 1.0), "Low": ("LessThanThreshold", 15, 0.9)}
"""Operator, number of minutes and share of the target by the end of an alarm's name."""
_RUNNING = {f"{way}Suspended": False for way in ("DynamicScalingIn", "DynamicScalingOut", "ScheduledScaling")}


def _backend(call: Call) -> Any:
    return applicationautoscaling_backends[call.account][call.region]


def patch_moto() -> None:
    """Gives policies that track invocations of a variant their two alarms, as moto gives them to tables."""
    create = FakeApplicationAutoscalingPolicy.create_alarms

    def create_all(self: Any) -> None:
        create(self)
        tracked = self.target_tracking_scaling_policy_configuration
        if self.service_namespace == "sagemaker" and tracked and _tracks_invocations(tracked):
            self.alarms += [_alarm(self, tracked, way) for way in _WAYS]

    FakeApplicationAutoscalingPolicy.create_alarms = create_all


def _tracks_invocations(tracked: dict[str, Any]) -> bool:
    metric = tracked.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    return bool(metric == "SageMakerVariantInvocationsPerInstance")


def _alarm(policy: Any, tracked: dict[str, Any], way: str) -> Any:
    """Creates an alarm on the invocations of a variant. Three minutes above the target add capacity, and fifteen below
    nine tenths of it remove some (Application Auto Scaling User Guide, "How target tracking scaling works")."""
    operator, periods, share = _WAYS[way]
    _, endpoint, _, variant = policy.resource_id.split("/")
    action = f"{policy.policy_arn}:createdBy/{mock_random.uuid4()}"
    return cloudwatch_backends[policy.account_id][policy.region_name].put_metric_alarm(
        name=f"TargetTracking-{policy.resource_id}-Alarm{way}-{mock_random.uuid4()}",
        namespace="AWS/SageMaker",
        metric_name="InvocationsPerInstance",
        metric_data_queries=[],
        comparison_operator=operator,
        evaluation_periods=periods,
        period=60,
        threshold=share * float(tracked["TargetValue"]),
        statistic="Sum",
        description=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {action}.",
        dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}],
        alarm_actions=[action],
    )


def _target(call: Call) -> Any:
    """Returns the target that a request names, or None if there is none."""
    targets = _backend(call).targets.get(call.parameters["ScalableDimension"], {})
    return targets.get(call.parameters["ResourceId"])


def _register(exchange: Exchange) -> Answer:
    call, known = exchange.call, _target(exchange.call)
    if known is not None and call.parameters.get("Tags"):
        raise AwsError("ValidationException", "Tags of a registered target change by TagResource.")
    answer = exchange.below()
    if answer.succeeded and (target := _target(call)):
        target.role_arn = call.parameters.get("RoleARN") or target.role_arn or _own_role(call)
        target.suspended_state = {**_RUNNING, **(target.suspended_state or {})}
        exchange.memory.store.tags_beside(call.account, target.arn).update(tags_from(call.parameters.get("Tags")))
    return answer


def _own_role(call: Call) -> str | None:
    service = call.parameters["ServiceNamespace"]
    if service not in SCALED:
        return None
    role = f"AWSServiceRoleForApplicationAutoScaling_{SCALED[service]}"
    return f"arn:aws:iam::{call.account}:role/aws-service-role/{service}.application-autoscaling.amazonaws.com/{role}"


def _deregister(exchange: Exchange) -> Answer:
    """Deletes a target and its policies (API reference, DeregisterScalableTarget)."""
    answer = exchange.below()
    if answer.succeeded:
        backend, given = _backend(exchange.call), exchange.call.parameters
        backend.policies = {
            key: policy
            for key, policy in backend.policies.items()
            if (policy.resource_id, policy.scalable_dimension) != (given["ResourceId"], given["ScalableDimension"])
        }
    return answer


def _put_policy(exchange: Exchange) -> Answer:
    """Keeps ARN, creation time and alarms of an updated policy. moto creates new ones."""
    call, given = exchange.call, exchange.call.parameters
    if _target(call) is None:
        raise AwsError("ObjectNotFoundException", f"No scalable target registered for {given['ResourceId']}.")
    names = ("ServiceNamespace", "ResourceId", "ScalableDimension", "PolicyName")
    key = "\t".join(given[name] for name in names)
    before = _backend(call).policies.get(key)

    def keep_arn(result: dict[str, Any]) -> None:
        made = _backend(call).policies[key]
        if before is not None:
            made.policy_arn, made.creation_time = before.policy_arn, before.creation_time
            _keep_names(made, before)
        result["PolicyARN"] = made.policy_arn
        result["Alarms"] = [{"AlarmARN": alarm.alarm_arn, "AlarmName": alarm.name} for alarm in made.alarms]

    return exchange.amend(keep_arn)


def _keep_names(made: Any, before: Any) -> None:
    alarms = cloudwatch_backends[made.account_id][made.region_name].alarms
    for new, old in zip(made.alarms, before.alarms, strict=False):
        alarms.pop(new.name, None)
        new.name, new.alarm_arn = old.name, old.alarm_arn


def _describe_policies(exchange: Exchange) -> Answer:
    """Filters policies by exact resource and name. moto ignores names and compares parts of resource ids."""
    given = exchange.call.parameters

    def only_named(result: dict[str, Any]) -> None:
        result["ScalingPolicies"] = [
            policy
            for policy in result["ScalingPolicies"]
            if policy["ResourceId"] == given.get("ResourceId", policy["ResourceId"])
            and policy["PolicyName"] in (given.get("PolicyNames") or [policy["PolicyName"]])
        ]

    return exchange.amend(only_named)


PATCHES: Patches = {
    "DeregisterScalableTarget": _deregister,
    "DescribeScalingPolicies": _describe_policies,
    "PutScalingPolicy": _put_policy,
    "RegisterScalableTarget": _register,
}
