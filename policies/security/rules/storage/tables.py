"""Rules about DynamoDB tables: encrypted with a customer managed key, and protected against loss."""

from __future__ import annotations

from policies.evaluation.readers import is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation

TABLE = ("aws:dynamodb/table:Table",)

DURABLE = frozenset({"governance", "tooling"})
"""Kinds whose tables must outlive their stack. An environment's tables are deleted with it."""


def is_recoverable_and_encrypted(resource: Resource) -> Violation | None:
    properties = resource.properties
    encrypted = properties.value("serverSideEncryption", "enabled")
    if encrypted in (None, False) or is_missing(properties.value("serverSideEncryption", "kmsKeyArn")):
        return violation(
            "is not encrypted with a customer managed key",
            fix="set serverSideEncryption.kmsKeyArn to the account's key",
        )
    if properties.value("pointInTimeRecovery", "enabled") in (None, False):
        return violation("has no point-in-time recovery", fix="set pointInTimeRecovery.enabled to true")
    kept = properties.value("deletionProtectionEnabled") not in (None, False)
    if resource.context.kind in DURABLE and not kept:
        return violation("has no deletion protection", fix="set deletionProtectionEnabled to true")
    return None


RULES = (
    Rule(
        id="DD-01",
        title="Tables use a customer managed key, point-in-time recovery and, in durable kinds, deletion protection",
        severity="high",
        sources=("FSBP DynamoDB.2", "FSBP DynamoDB.6", "CKV_AWS_28", "CKV_AWS_119"),
        remedy="Give the table the key of its account and point-in-time recovery, and in governance and tooling also "
        "deletion protection.",
        checks=for_each(TABLE, is_recoverable_and_encrypted),
    ),
)
