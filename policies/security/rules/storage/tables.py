"""Rules about tables of DynamoDB: encrypted with a key of ours, and not lost by a mistake."""

from __future__ import annotations

from policies.security.inputs.readers import lacks
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, for_each, refuse

TABLE = ("aws:dynamodb/table:Table",)

DURABLE = frozenset({"governance", "tooling"})
"""Kinds whose tables are of value by themselves; in an environment they go with it."""


def is_kept_and_encrypted(subject: Subject) -> Verdict:
    properties = subject.properties
    encrypted = properties.value("serverSideEncryption", "enabled")
    if encrypted in (None, False) or lacks(properties.value("serverSideEncryption", "kmsKeyArn")):
        return refuse("is encrypted with the key of AWS", fix="set serverSideEncryption.kmsKeyArn to the own key")
    if properties.value("pointInTimeRecovery", "enabled") in (None, False):
        return refuse("cannot be restored to a point in time", fix="set pointInTimeRecovery.enabled to true")
    kept = properties.value("deletionProtectionEnabled") not in (None, False)
    if subject.surroundings.kind in DURABLE and not kept:
        return refuse("can be deleted with one call", fix="set deletionProtectionEnabled to true")
    return None


RULES = (
    Rule(
        id="DD-01",
        title="Tables are encrypted with an own key, can be restored, and stay where they are of lasting value",
        severity="high",
        sources=("FSBP DynamoDB.2", "FSBP DynamoDB.6", "CKV_AWS_28", "CKV_AWS_119"),
        remedy="Give the table the key of its account and point-in-time recovery; in governance and tooling also "
        "protection against deletion.",
        judges=for_each(TABLE, is_kept_and_encrypted),
    ),
)
