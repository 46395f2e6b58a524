"""The stage of a private API, with its access log and its limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

MOST_REQUESTS_PER_SECOND = 10_000
"""Most requests per second of an account in a Region (API Gateway Developer Guide, "Quotas")."""
MOST_BURST = 5_000
"""Most requests at the same time (API Gateway Developer Guide, "Quotas")."""
LOG_FIELDS = {
    "request": "$context.requestId",
    "at": "$context.requestTime",
    "caller": "$context.identity.userArn",
    "endpoint": "$context.identity.vpceId",
    "method": "$context.httpMethod",
    "path": "$context.resourcePath",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "error": "$context.error.message",
}
"""Fields of the access log: caller and request, without request and response bodies."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrivateStageArgs:
    """Arguments of :func:`private_stage`."""

    stage_name: str
    """Name of the stage, which is part of the URL."""

    api_id: pulumi.Input[str]
    """Id of the API."""

    deployment_id: pulumi.Input[str]
    """Id of the deployment, a snapshot of the document, that the stage serves."""

    log_group: str
    """Name of the log group of the access log."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key of the access log."""

    log_retention_days: int
    """Days that access logs are kept."""

    requests_per_second: int
    """Request rate of all callers together, 1 to 10,000."""

    burst: int
    """Requests at the same time, 1 to 5,000."""

    keeps_logs: bool = False
    """Whether the log group stays when the stage is destroyed. SCP-04 keeps release roles from deleting it."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags in addition to those of the stack."""

    def __post_init__(self) -> None:
        for name, value, most in (
            ("requests_per_second", self.requests_per_second, MOST_REQUESTS_PER_SECOND),
            ("burst", self.burst, MOST_BURST),
        ):
            if not 1 <= value <= most:
                raise ValueError(f"{name}: {value} is out of range (1 to {most})")


@dataclass(frozen=True, slots=True)
class PrivateStage:
    """A stage and the limits of its methods."""

    stage: aws.apigateway.Stage
    """The stage. API Gateway writes its access log only if the account has a role for it."""

    limits: aws.apigateway.MethodSettings
    """The limits. The stage answers without them until they exist."""


def private_stage(name: str, args: PrivateStageArgs, parent: pulumi.Resource) -> PrivateStage:
    """Creates the stage with tracing, its encrypted access log and its limits, as children of ``parent``.

    This is a function and no component, so that the resources keep the URNs that they have in deployed stacks.
    """
    child = pulumi.ResourceOptions(parent=parent)
    logs = aws.cloudwatch.LogGroup(
        f"{name}-logs",
        name=args.log_group,
        kms_key_id=args.key_arn,
        retention_in_days=args.log_retention_days,
        opts=pulumi.ResourceOptions(parent=parent, retain_on_delete=args.keeps_logs),
    )
    stage = aws.apigateway.Stage(
        f"{name}-stage",
        rest_api=args.api_id,
        deployment=args.deployment_id,
        stage_name=args.stage_name,
        xray_tracing_enabled=True,
        access_log_settings=aws.apigateway.StageAccessLogSettingsArgs(
            destination_arn=logs.arn, format=json.dumps(LOG_FIELDS)
        ),
        tags=dict(args.tags) or None,
        opts=child,
    )
    limits = aws.apigateway.MethodSettings(
        f"{name}-limits",
        rest_api=args.api_id,
        stage_name=stage.stage_name,
        method_path="*/*",
        settings=aws.apigateway.MethodSettingsSettingsArgs(
            metrics_enabled=True,
            logging_level="OFF",
            data_trace_enabled=False,
            throttling_rate_limit=args.requests_per_second,
            throttling_burst_limit=args.burst,
        ),
        opts=child,
    )
    return PrivateStage(stage=stage, limits=limits)
