"""Cases of policies/security/rules/data/state_machines.py."""

from __future__ import annotations

from tests.policies.case import OWN_ACCOUNT, Case, Situation, but

KEY = f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/0f6d2d3e"

CASES = [
    Case(
        rule="SF-01",
        type=type_,
        compliant=Situation(
            inputs={
                "encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": KEY},
                "loggingConfiguration": {"level": "ALL", "includeExecutionData": False},
                "tracingConfiguration": {"enabled": True},
            }
        ),
        optional=frozenset({"loggingConfiguration.includeExecutionData"}),
        refused={
            "is not traced": but({"tracingConfiguration.enabled": False}),
            "says that AWS encrypts": but({"encryptionConfiguration.type": "AWS_OWNED_KEY"}),
            "has an empty key": but({"encryptionConfiguration.kmsKeyId": ""}),
            "logs what it worked on": but({"loggingConfiguration.includeExecutionData": True}),
            "logs nothing": but({"loggingConfiguration.level": "OFF"}),
            "logs errors alone": but({"loggingConfiguration.level": "ERROR"}),
            "logs what was fatal alone": but({"loggingConfiguration.level": "FATAL"}),
        },
    )
    for type_ in ("aws:sfn/stateMachine:StateMachine",)
]
