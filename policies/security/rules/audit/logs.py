"""Rules about log groups: encrypted with a customer managed key, and retained long enough for an audit."""

from __future__ import annotations

from policies.evaluation.readers import Unknown, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation

LOG_GROUP = ("aws:cloudwatch/logGroup:LogGroup",)

_YEAR, _MONTH = 365, 30


def is_retained_and_encrypted(resource: Resource) -> Violation | None:
    if is_missing(resource.properties.value("kmsKeyId")):
        return violation("is encrypted with an AWS owned key", fix="set kmsKeyId to the environment's key")
    least = _MONTH if resource.context.kind == "experimentation" else _YEAR
    days = resource.properties.number("retentionInDays")
    if isinstance(days, Unknown) or (days is not None and days >= least):
        return None
    return violation("does not retain its records long enough", fix=f"set retentionInDays to {least} or more")


RULES = (
    Rule(
        id="CW-01",
        title="Log groups are encrypted and retained long enough for an audit",
        severity="medium",
        sources=("CKV_AWS_66", "CKV_AWS_158", "CKV_AWS_338", "cdk-nag CloudWatchLogGroupEncrypted"),
        remedy="Set a KMS key, and a retention of at least one year (one month in experimentation).",
        checks=for_each(LOG_GROUP, is_retained_and_encrypted),
    ),
)
