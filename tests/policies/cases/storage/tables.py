"""Cases of policies/security/rules/storage/tables.py."""

from __future__ import annotations

from tests.policies.case import ABSENT, OWN_ACCOUNT, Case, Situation, but, stack_context

KEY = f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/0f6d2d3e"

CASES = [
    Case(
        rule="DD-01",
        type=type_,
        compliant=Situation(
            inputs={
                "deletionProtectionEnabled": True,
                "pointInTimeRecovery": {"enabled": True},
                "serverSideEncryption": {"enabled": True, "kmsKeyArn": KEY},
            },
            context=stack_context(kind="governance"),
        ),
        refused={
            "is not encrypted": but({"serverSideEncryption.enabled": False}),
            "has an empty key": but({"serverSideEncryption.kmsKeyArn": ""}),
            "cannot be restored": but({"pointInTimeRecovery.enabled": False}),
            "is not protected": but({"deletionProtectionEnabled": False}),
            "is not protected in tooling": but({"deletionProtectionEnabled": False}, kind="tooling"),
        },
        accepted={"goes with its environment": but({"deletionProtectionEnabled": ABSENT}, kind="production")},
    )
    for type_ in ("aws:dynamodb/table:Table",)
]
