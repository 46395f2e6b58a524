"""Automatic scaling of a variant by Application Auto Scaling."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.serving.served_variant import InstanceScaling

_NAMESPACE, _DIMENSION = "sagemaker", "sagemaker:variant:DesiredInstanceCount"
SCALE_IN_SECONDS, SCALE_OUT_SECONDS = 300, 60
"""Waits after a change. Instances take minutes to start, so they are added quickly and removed slowly."""

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
    """Registers a variant as scalable target, with a policy that tracks its requests (RT-07)."""
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


def _tracking(endpoint: aws.sagemaker.Endpoint, scaling: InstanceScaling, *, asynchronous: bool) -> _Tracking:
    waiting = _Customized(
        namespace="AWS/SageMaker",
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
