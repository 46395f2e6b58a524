"""An endpoint that serves registered models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.serving.asynchronous_inference import AsynchronousInference
from components.serving.capacity.variant_scaling import scale_variant
from components.serving.content_name import content_name
from components.serving.monitoring.data_capture import DataCapture
from components.serving.served_variant import ServedVariant
from components.serving.traffic_shift import TrafficShift
from settings.types.instance_families import has_local_storage

MOST_VARIANTS = 10
"""Most production variants of an endpoint (SageMaker API, CreateEndpointConfig)."""
MOST_ALARMS = 10
"""Most alarms of an automatic rollback (SageMaker API, AutoRollbackConfig)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RealTimeEndpointArgs:
    """Arguments of :class:`RealTimeEndpoint`."""

    endpoint_name: str
    """Name of the endpoint, up to 63 characters (a SageMaker limit). Names of configurations begin with it."""

    variants: Sequence[ServedVariant]
    """Variants that answer, 1 to 10. Several ones share the traffic by their weights (A/B test)."""

    key_arn: str
    """ARN of the KMS key of logs and of the volumes of instances. Hardware encrypts the volumes of instances with local
    storage."""

    shift: TrafficShift
    """How traffic moves to a new configuration."""

    alarm_names: Sequence[pulumi.Input[str]] = ()
    """Names of at most 10 alarms that roll a deployment back. They exist before the endpoint is updated, and count the
    fleet of ``configuration_name`` only, because an alarm on both fleets would also end the deployment of a fix."""

    shadow: ServedVariant | None = None
    """Variant that gets copies of requests and whose answers nobody gets (RT-09). It needs exactly one variant that
    answers, with instances."""

    capture: DataCapture | None = None
    """Recording of requests and answers for monitoring. None records nothing."""

    asynchronous: AsynchronousInference | None = None
    """Inference of requests in S3 for large inputs (RT-05). Such an endpoint answers no synchronous requests."""

    log_retention_days: int
    """Days that logs of the containers are kept."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags in addition to those of the stack."""

    def __post_init__(self) -> None:
        names = [variant.variant_name for variant in self.every_variant]
        if not 1 <= len(self.variants) <= MOST_VARIANTS or len(set(names)) < len(names):
            raise ValueError(f"variants: {', '.join(names)}; give 1 to {MOST_VARIANTS} with different names")
        if len(self.alarm_names) > MOST_ALARMS:
            raise ValueError(f"alarm_names: has {len(self.alarm_names)} alarms (at most {MOST_ALARMS})")
        if self.shadow is not None and (len(self.variants) > 1 or self.asynchronous is not None):
            raise ValueError("shadow: SageMaker allows it beside one variant that answers synchronously")

        if self.asynchronous is None and any(
            variant.scaling and variant.scaling.least == 0 for variant in self.variants
        ):
            raise ValueError("scaling: only asynchronous inference scales to 0 instances, because requests wait in S3")

    @property
    def every_variant(self) -> Sequence[ServedVariant]:
        """Variants that answer, and the shadow."""
        return [*self.variants, *([self.shadow] if self.shadow else [])]

    @property
    def configuration_name(self) -> str:
        """Name of the endpoint configuration. It follows from everything but the alarms, which are named after it."""
        return content_name(self.endpoint_name, _content(self))


class RealTimeEndpoint(pulumi.ComponentResource):
    """An endpoint whose updates shift traffic to new instances and go back by themselves when an alarm goes off.

    The configuration is named after its content. A changed configuration is a new resource beside the old one, which
    is deleted after the endpoint has left it. If an alarm rolls the endpoint back, the update of the stack fails, both
    configurations stay, and the next successful update deletes the one that is not used. The component compares the
    configuration in service with its own for this: after a rollback the endpoint is in service again, which the
    provider takes for success (hashicorp/terraform-provider-aws, issue 48997).

    SageMaker refuses an update that changes the instance type of a scaled variant, or removes one (Developer Guide,
    "Update endpoints that use auto scaling"). Remove its scaling first, in an update of its own.

    Creates: the log group of the containers; the configuration; the endpoint; for each scaled variant, a scalable
    target and a scaling policy.

    Outputs: ``endpoint_name``, ``endpoint_arn``, ``configuration_name``.

    Raises: ValueError for variants or alarms outside the limits of SageMaker. SettingsError when a name would be too
    long.

    Cost: instances by the hour, about 0.13 USD for one ml.m5.large; twice as many during an update.

    Example::

        RealTimeEndpoint("endpoint", RealTimeEndpointArgs(
            endpoint_name="fraud--scoring-prod", key_arn=key_arn, alarm_names=alarms.alarm_names,
            variants=[ServedVariant(model=model, instance_type="ml.m5.large", instances=2)],
            shift=TrafficShift(strategy="canary", step_percentage=10, bake_seconds=300),
            log_retention_days=365,
        ))
    """

    endpoint_name: pulumi.Output[str]
    """Name of the endpoint, known once it serves this configuration. What depends on it keeps its state otherwise."""
    endpoint_arn: pulumi.Output[str]
    """ARN of the endpoint."""
    configuration_name: pulumi.Output[str]
    """Name of the configuration in service."""

    def __init__(self, name: str, args: RealTimeEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:serving:RealTimeEndpoint", name, None, opts)
        configuration = self._configuration(name, args)
        # Otherwise SageMaker creates the group, without a key and without an end of retention.
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"/aws/sagemaker/Endpoints/{args.endpoint_name}",
            kms_key_id=args.key_arn,
            retention_in_days=args.log_retention_days,
            # SCP-04 denies its deletion, so a destroyed release leaves its logs.
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )
        endpoint = aws.sagemaker.Endpoint(
            f"{name}-endpoint",
            name=args.endpoint_name,
            endpoint_config_name=configuration.name,
            deployment_config=args.shift.configuration(args.alarm_names),
            tags=dict(args.tags) or None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs]),
        )
        for variant in args.variants:
            if variant.scaling is not None:
                scale_variant(
                    f"{name}-{variant.variant_name.lower()}",
                    endpoint,
                    variant.variant_name,
                    variant.scaling,
                    asynchronous=args.asynchronous is not None,
                    parent=self,
                )
        self.configuration_name = _serving(endpoint, configuration)
        self.endpoint_name = pulumi.Output.all(endpoint.name, self.configuration_name).apply(
            lambda known: str(known[0])
        )
        self.endpoint_arn = endpoint.arn
        self.register_outputs(
            {
                "endpoint_name": self.endpoint_name,
                "endpoint_arn": self.endpoint_arn,
                "configuration_name": self.configuration_name,
            }
        )

    def _configuration(self, name: str, args: RealTimeEndpointArgs) -> aws.sagemaker.EndpointConfiguration:
        own_name = args.configuration_name
        return aws.sagemaker.EndpointConfiguration(
            # A name of its own for each content, for the reason given in `RegisteredModel`.
            f"{name}-configuration-{own_name.rpartition('-')[2]}",
            name=own_name,
            kms_key_arn=_volume_key(args),
            production_variants=[_production(variant) for variant in args.variants],
            shadow_production_variants=[_shadow(args.shadow)] if args.shadow else None,
            data_capture_config=args.capture.configuration() if args.capture else None,
            async_inference_config=args.asynchronous.configuration() if args.asynchronous else None,
            tags=dict(args.tags) or None,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _serving(
    endpoint: aws.sagemaker.Endpoint, configuration: aws.sagemaker.EndpointConfiguration
) -> pulumi.Output[str]:
    """Returns the name of the configuration in service. It fails if this is another one than the program declares, and
    then the engine deletes nothing."""

    def compare(names: Sequence[str]) -> str:
        name, found, wanted = names
        if found != wanted:
            raise pulumi.RunError(
                f"endpoint {name} serves configuration {found} and not {wanted}: SageMaker has rolled the deployment "
                "back. FailureReason of the endpoint says why"
            )
        return found

    return pulumi.Output.all(endpoint.name, endpoint.endpoint_config_name, configuration.name).apply(compare)


def _volume_key(args: RealTimeEndpointArgs) -> str | None:
    local = any(has_local_storage(variant.instance_type) for variant in args.every_variant)
    return None if local else args.key_arn


def _content(args: RealTimeEndpointArgs) -> dict[str, Any]:
    return {
        "variants": [variant.content() for variant in args.variants],
        "shadow": args.shadow.content() if args.shadow else None,
        "key": _volume_key(args),
        "capture": args.capture.content() if args.capture else None,
        "asynchronous": args.asynchronous.content() if args.asynchronous else None,
        # A changed deployment is an update of the endpoint too, and each update names a new configuration.
        "shift": asdict(args.shift),
    }


def _production(variant: ServedVariant) -> aws.sagemaker.EndpointConfigurationProductionVariantArgs:
    return aws.sagemaker.EndpointConfigurationProductionVariantArgs(
        variant_name=variant.variant_name,
        model_name=variant.model.model_name,
        instance_type=variant.instance_type,
        initial_instance_count=variant.instances,
        initial_variant_weight=variant.weight,
    )


def _shadow(variant: ServedVariant) -> aws.sagemaker.EndpointConfigurationShadowProductionVariantArgs:
    return aws.sagemaker.EndpointConfigurationShadowProductionVariantArgs(
        variant_name=variant.variant_name,
        model_name=variant.model.model_name,
        instance_type=variant.instance_type,
        initial_instance_count=variant.instances,
        initial_variant_weight=variant.weight,
    )
