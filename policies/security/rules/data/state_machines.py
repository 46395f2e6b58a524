"""Rules about state machines: everything they did can be told, and nothing of what they worked on is left about."""

from __future__ import annotations

from policies.security.inputs.readers import lacks
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, for_each, refuse

STATE_MACHINE = ("aws:sfn/stateMachine:StateMachine",)

_OWN_KEY = "CUSTOMER_MANAGED_KMS_KEY"


def tells_what_it_did_and_no_more(subject: Subject) -> Verdict:
    properties = subject.properties
    if properties.value("tracingConfiguration", "enabled") in (None, False):
        return refuse("is not traced", fix="set tracingConfiguration.enabled to true")
    if properties.value("encryptionConfiguration", "type") in (None, "AWS_OWNED_KEY") or lacks(
        properties.value("encryptionConfiguration", "kmsKeyId")
    ):
        return refuse("encrypts with the key of AWS", fix=f"set type to {_OWN_KEY} and kmsKeyId to the own key")
    if properties.value("loggingConfiguration", "includeExecutionData") is True:
        return refuse("writes what it worked on to its log", fix="set includeExecutionData to false")
    if properties.value("loggingConfiguration", "level") in (None, "OFF", "ERROR", "FATAL"):
        return refuse("does not log all that it did", fix="set loggingConfiguration.level to ALL")
    return None


RULES = (
    Rule(
        id="SF-01",
        title="State machines are encrypted, traced, and log every step without its data",
        severity="medium",
        sources=("FSBP StepFunctions.1", "CKV_AWS_284", "CKV_AWS_285", "cdk-nag SF1", "cdk-nag SF2"),
        remedy="Log at the level ALL without execution data, trace, and encrypt with the environment's key.",
        judges=for_each(STATE_MACHINE, tells_what_it_did_and_no_more),
        exceptions={"experimentation": "advisory"},
    ),
)
