"""Samples of Secrets Manager."""

from __future__ import annotations

from conformance.sample import Sample

SAMPLES = [
    Sample(
        type="aws:secretsmanager/secret:Secret",
        needs={"key": ("aws:kms/key:Key", {}), "other": ("aws:kms/key:Key", {})},
        inputs={
            "name": "sample/{n}",
            "description": "Sample",
            "kmsKeyId": "{key.outputs.arn}",
            "recoveryWindowInDays": 30,
        },
        look=lambda aws, it: [
            aws("secretsmanager").describe_secret(SecretId=it.id)[member]
            for member in ("Name", "Description", "KmsKeyId")
        ],
        seen=["sample/{n}", "Sample", "{key.outputs.arn}"],
        change={"description": "Changed", "kmsKeyId": "{other.outputs.arn}"},
        seen_changed=["sample/{n}", "Changed", "{other.outputs.arn}"],
        replace={"name": "sample/{n}-renamed"},
        drift=lambda aws, it: aws("secretsmanager").update_secret(SecretId=it.id, Description="Somebody else's"),
        drifts="description",
        remove=lambda aws, it: aws("secretsmanager").delete_secret(SecretId=it.id, ForceDeleteWithoutRecovery=True),
        not_imported=("recoveryWindowInDays",),
    ),
]
