"""Rules about logs: encrypted with a key of ours, and kept long enough for an audit."""

from __future__ import annotations

from policies.security.inputs.readers import Unknown, lacks
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, for_each, refuse

LOG_GROUP = ("aws:cloudwatch/logGroup:LogGroup",)

_YEAR, _MONTH = 365, 30


def is_kept_and_encrypted(subject: Subject) -> Verdict:
    if lacks(subject.properties.value("kmsKeyId")):
        return refuse("encrypts with the key of AWS", fix="set kmsKeyId to the environment's key")
    least = _MONTH if subject.surroundings.kind == "experimentation" else _YEAR
    days = subject.properties.number("retentionInDays")
    if isinstance(days, Unknown) or (days is not None and days >= least):
        return None
    return refuse("does not say that its records stay long enough", fix=f"set retentionInDays to {least} or more")


RULES = (
    Rule(
        id="CW-01",
        title="Logs are encrypted and outlive an audit",
        severity="medium",
        sources=("CKV_AWS_66", "CKV_AWS_158", "CKV_AWS_338", "cdk-nag CloudWatchLogGroupEncrypted"),
        remedy="Give the log group a key, and a retention of a year (a month in experimentation).",
        judges=for_each(LOG_GROUP, is_kept_and_encrypted),
    ),
)
