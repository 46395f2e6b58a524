"""Rules about state machines: traced, encrypted, and logged without execution data."""

from __future__ import annotations

from policies.evaluation.readers import is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation

STATE_MACHINE = ("aws:sfn/stateMachine:StateMachine",)

_CUSTOMER_MANAGED = "CUSTOMER_MANAGED_KMS_KEY"


def is_traced_encrypted_and_logged(resource: Resource) -> Violation | None:
    properties = resource.properties
    if properties.value("tracingConfiguration", "enabled") in (None, False):
        return violation("is not traced", fix="set tracingConfiguration.enabled to true")
    if properties.value("encryptionConfiguration", "type") in (None, "AWS_OWNED_KEY") or is_missing(
        properties.value("encryptionConfiguration", "kmsKeyId")
    ):
        return violation(
            "is encrypted with an AWS owned key",
            fix=f"set type to {_CUSTOMER_MANAGED} and kmsKeyId to the account's key",
        )
    if properties.value("loggingConfiguration", "includeExecutionData") is True:
        return violation("logs its input and output", fix="set includeExecutionData to false")
    if properties.value("loggingConfiguration", "level") in (None, "OFF", "ERROR", "FATAL"):
        return violation("does not log every step", fix="set loggingConfiguration.level to ALL")
    return None


RULES = (
    Rule(
        id="SF-01",
        title="State machines are encrypted, traced, and log every step without execution data",
        severity="medium",
        sources=("FSBP StepFunctions.1", "CKV_AWS_284", "CKV_AWS_285", "cdk-nag SF1", "cdk-nag SF2"),
        remedy="Log at level ALL without execution data, enable tracing, and encrypt with the environment's key.",
        checks=for_each(STATE_MACHINE, is_traced_encrypted_and_logged),
        exceptions={"experimentation": "advisory"},
    ),
)
