"""Cases of policies/security/rules/audit/logs.py."""

from __future__ import annotations

from tests.policies.case import OWN_ACCOUNT, Case, Situation, but

CASES = [
    Case(
        rule="CW-01",
        type=type_,
        compliant=Situation(
            inputs={"kmsKeyId": f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/0f6d2d3e", "retentionInDays": 365}
        ),
        refused={
            "has an empty key": but({"kmsKeyId": ""}),
            "is kept for a day less than a year": but({"retentionInDays": 364}),
            "has a retention of 0 days": but({"retentionInDays": 0}),
            "is kept for less than a month in experimentation": but({"retentionInDays": 14}, kind="experimentation"),
        },
        accepted={"is kept for a month in experimentation": but({"retentionInDays": 30}, kind="experimentation")},
    )
    for type_ in ("aws:cloudwatch/logGroup:LogGroup",)
]
