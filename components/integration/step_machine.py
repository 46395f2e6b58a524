"""State machines with the foundation's settings: encrypted, traced, and logged without execution data."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws


def step_machine(
    name: str,
    *,
    label: str,
    role_arn: pulumi.Input[str],
    definition: pulumi.Input[str],
    key_arn: pulumi.Input[str],
    journal_arn: pulumi.Input[str],
    parent: pulumi.Resource,
) -> aws.sfn.StateMachine:
    """Creates a standard state machine, which processes each execution exactly once (SF-01)."""

    return aws.sfn.StateMachine(
        name,
        name=label,
        type="STANDARD",
        role_arn=role_arn,
        definition=definition,
        encryption_configuration=aws.sfn.StateMachineEncryptionConfigurationArgs(
            type="CUSTOMER_MANAGED_KMS_KEY", kms_key_id=key_arn, kms_data_key_reuse_period_seconds=300
        ),
        logging_configuration=aws.sfn.StateMachineLoggingConfigurationArgs(
            level="ALL", include_execution_data=False, log_destination=journal_arn
        ),
        tracing_configuration=aws.sfn.StateMachineTracingConfigurationArgs(enabled=True),
        opts=pulumi.ResourceOptions(parent=parent),
    )
