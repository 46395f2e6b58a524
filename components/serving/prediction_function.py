"""A Lambda function of a release: between an API and an endpoint, or before a pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

RUNTIME = "python3.12"
"""Runtime with boto3, which is all that functions need."""
REPLACED_WITH = (
    "deadLetterConfig", "description", "handler", "loggingConfig", "memorySize", "role", "runtime", "timeout",
    "environment.variables.SWITCH", "environment.variables.TESTER",
)  # fmt: skip
"""Properties whose change replaces the function. SCP-16 denies changes of the configuration whose request names no
network, and the provider names the network only if it changes. Other environment variables are not among them: their
values are unknown in previews of each release, and they change together with the handler only."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionFunctionArgs:
    """Arguments of :class:`PredictionFunction`."""

    function_name: str
    """Name of the function, up to 64 characters (a Lambda limit)."""

    code: pulumi.Archive
    """Files of the function."""

    handler: str
    """Module and function that Lambda calls: ``predict.handler.handle``."""

    role_arn: str
    """ARN of the role of the function."""

    variables: Mapping[str, pulumi.Input[str]]
    """Environment variables, at most 4 KB (a Lambda limit). None is secret."""

    subnet_ids: Sequence[str]
    """Private subnets, from which the function reaches AWS through endpoints (SCP-16)."""

    security_group_ids: Sequence[str]
    """Security groups of its network interfaces."""

    key_arn: str
    """ARN of the KMS key of its logs."""

    log_retention_days: int
    """Days that logs are kept."""

    dead_letter_queue_arn: str | None = None
    """ARN of the queue for events on which the function failed three times. The role may send to it. None drops them,
    and suits a function that nothing invokes asynchronously."""

    description: str = "Checks requests for predictions and invokes the endpoint"
    """Description of the function, up to 256 characters (a Lambda limit)."""

    timeout_seconds: int = 30
    """Time limit of a call, 1 to 900 (a Lambda limit). API Gateway waits 29 seconds."""

    memory_mib: int = 256
    """Memory, 128 to 10,240 MiB (a Lambda limit)."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags in addition to those of the stack."""

    def __post_init__(self) -> None:
        for name, value, least, most in (
            ("timeout_seconds", self.timeout_seconds, 1, 900),
            ("memory_mib", self.memory_mib, 128, 10_240),
            ("function_name", len(self.function_name), 1, 64),
        ):
            if not least <= value <= most:
                raise ValueError(f"{name}: {value} is out of range ({least} to {most})")


class PredictionFunction(pulumi.ComponentResource):
    """A Python function in the network, which checks requests and invokes an endpoint.

    New code is an update. A new configuration replaces the function, which cannot be invoked for some seconds.

    Creates: the function; its encrypted log group.

    Outputs: ``function_name``, ``function_arn``.

    Raises: ValueError outside the limits of Lambda.

    Cost: 0.20 USD per million calls, and 0.0000042 USD per second with 256 MiB.

    Example::

        PredictionFunction("function", PredictionFunctionArgs(
            function_name="fraud--scoring-prod-predict", code=pulumi.FileArchive("function"),
            handler="predict.handler.handle", role_arn=role_arn, variables={"ENDPOINT_NAME": endpoint.endpoint_name},
            subnet_ids=["subnet-1", "subnet-2"], security_group_ids=["sg-1"], key_arn=key_arn,
            log_retention_days=365,
        ))
    """

    function_name: pulumi.Output[str]
    """Name of the function, known once it can be called."""
    function_arn: pulumi.Output[str]
    """ARN of the function."""

    def __init__(self, name: str, args: PredictionFunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:serving:PredictionFunction", name, None, opts)
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"/aws/lambda/{args.function_name}",
            kms_key_id=args.key_arn,
            retention_in_days=args.log_retention_days,
            # SCP-04 denies its deletion, so a destroyed release leaves its logs.
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )
        function = aws.lambda_.Function(
            f"{name}-function",
            name=args.function_name,
            description=args.description,
            runtime=RUNTIME,
            handler=args.handler,
            code=args.code,
            role=args.role_arn,
            timeout=args.timeout_seconds,
            memory_size=args.memory_mib,
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=dict(args.variables)),
            vpc_config=aws.lambda_.FunctionVpcConfigArgs(
                subnet_ids=list(args.subnet_ids), security_group_ids=list(args.security_group_ids)
            ),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="Text", log_group=logs.name),
            dead_letter_config=aws.lambda_.FunctionDeadLetterConfigArgs(target_arn=args.dead_letter_queue_arn)
            if args.dead_letter_queue_arn
            else None,
            tags=dict(args.tags) or None,
            # The name is taken until the old function is deleted.
            opts=pulumi.ResourceOptions(
                parent=self, replace_on_changes=list(REPLACED_WITH), delete_before_replace=True
            ),
        )
        self.function_name, self.function_arn = function.name, function.arn
        self.register_outputs({"function_name": self.function_name, "function_arn": self.function_arn})
