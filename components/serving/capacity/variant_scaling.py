"""Automatic scaling of a variant by Application Auto Scaling."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.serving.served_variant import InstanceScaling

_METRICS = "AWS/SageMaker"
_NAMESPACE, _DIMENSION = "sagemaker", "sagemaker:variant:DesiredInstanceCount"
SCALE_IN_SECONDS, SCALE_OUT_SECONDS = 300, 60
"""Waits after a change. Instances take minutes to start, so they are added quickly and removed slowly."""

_MINUTE = 60
_Steps = aws.appautoscaling.PolicyStepScalingPolicyConfigurationArgs
_Step = aws.appautoscaling.PolicyStepScalingPolicyConfigurationStepAdjustmentArgs
_Tracking = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs
_Predefined = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs
_Customized = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs
_Metric = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationDimensionArgs


def scale_variant(
    name: str,
    endpoint: aws.sagemaker.Endpoint,
    variant: str,
    scaling: InstanceScaling,
    *,
    asynchronous: bool,
    parent: pulumi.Resource,
) -> None:
    """Registers a variant as scalable target, with a policy that tracks its requests (RT-07).

    A target of 0 instances also gets a policy that starts the first one, because the tracked backlog is one per
    instance (SageMaker Developer Guide, "Autoscale an asynchronous endpoint").
    """
    child = pulumi.ResourceOptions(parent=parent)
    target = aws.appautoscaling.Target(
        f"{name}-target",
        service_namespace=_NAMESPACE,
        scalable_dimension=_DIMENSION,
        resource_id=pulumi.Output.concat("endpoint/", endpoint.name, f"/variant/{variant}"),
        min_capacity=scaling.least,
        max_capacity=scaling.most,
        opts=child,
    )
    aws.appautoscaling.Policy(
        f"{name}-scaling",
        name=pulumi.Output.concat(endpoint.name, f"-{variant.lower()}"),
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration=_tracking(endpoint, scaling, asynchronous=asynchronous),
        opts=child,
    )
    if scaling.least == 0:
        _start_from_zero(name, endpoint, variant, target, child)


def _start_from_zero(
    name: str,
    endpoint: aws.sagemaker.Endpoint,
    variant: str,
    target: aws.appautoscaling.Target,
    child: pulumi.ResourceOptions,
) -> None:
    """Starts an instance when requests wait and there is none."""
    policy = aws.appautoscaling.Policy(
        f"{name}-start",
        name=pulumi.Output.concat(endpoint.name, f"-{variant.lower()}-start"),
        policy_type="StepScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        step_scaling_policy_configuration=_Steps(
            adjustment_type="ChangeInCapacity",
            metric_aggregation_type="Average",
            cooldown=SCALE_IN_SECONDS,
            step_adjustments=[_Step(metric_interval_lower_bound="0", scaling_adjustment=1)],
        ),
        opts=child,
    )
    aws.cloudwatch.MetricAlarm(
        f"{name}-waiting",
        name=pulumi.Output.concat(endpoint.name, f"-{variant}-HasBacklogWithoutCapacity"),
        alarm_description="Requests wait and there is no instance",
        namespace=_METRICS,
        metric_name="HasBacklogWithoutCapacity",
        dimensions={"EndpointName": endpoint.name},
        statistic="Average",
        period=_MINUTE,
        evaluation_periods=1,
        datapoints_to_alarm=1,
        threshold=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=[policy.arn],
        opts=child,
    )


def _tracking(endpoint: aws.sagemaker.Endpoint, scaling: InstanceScaling, *, asynchronous: bool) -> _Tracking:
    waiting = _Customized(
        namespace=_METRICS,
        metric_name="ApproximateBacklogSizePerInstance",
        statistic="Average",
        dimensions=[_Metric(name="EndpointName", value=endpoint.name)],
    )
    answered = _Predefined(predefined_metric_type="SageMakerVariantInvocationsPerInstance")
    return _Tracking(
        target_value=scaling.invocations_per_instance,
        scale_in_cooldown=SCALE_IN_SECONDS,
        scale_out_cooldown=SCALE_OUT_SECONDS,
        customized_metric_specification=waiting if asynchronous else None,
        predefined_metric_specification=None if asynchronous else answered,
    )
