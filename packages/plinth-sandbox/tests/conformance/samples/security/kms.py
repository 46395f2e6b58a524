"""Samples of AWS Key Management Service."""

from __future__ import annotations

import json

from conformance.sample import Aws, Kept, Sample


def _policy(sid: str) -> str:
    root = {"AWS": "arn:aws:iam::123456789012:root"}
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Sid": sid, "Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}],
        }
    )


def _key(aws: Aws, it: Kept) -> dict[str, object]:
    kms = aws("kms")
    tags = kms.list_resource_tags(KeyId=it.id)["Tags"]
    return {
        "description": kms.describe_key(KeyId=it.id)["KeyMetadata"]["Description"],
        "enabled": kms.describe_key(KeyId=it.id)["KeyMetadata"]["Enabled"],
        "rotates": kms.get_key_rotation_status(KeyId=it.id)["KeyRotationEnabled"],
        "every": kms.get_key_rotation_status(KeyId=it.id).get("RotationPeriodInDays"),
        "sid": json.loads(kms.get_key_policy(KeyId=it.id, PolicyName="default")["Policy"])["Statement"][0]["Sid"],
        "tags": {tag["TagKey"]: tag["TagValue"] for tag in tags},
    }


SAMPLES = [
    Sample(
        type="aws:kms/key:Key",
        inputs={
            "description": "before",
            "enableKeyRotation": True,
            "rotationPeriodInDays": 180,
            "policy": _policy("Before"),
            "deletionWindowInDays": 7,
            "tags": {"own": "1", "dropped": "1"},
        },
        look=_key,
        seen={
            "description": "before",
            "enabled": True,
            "rotates": True,
            "every": 180,
            "sid": "Before",
            "tags": {"from": "provider", "own": "1", "dropped": "1"},
        },
        change={
            "description": "after",
            "isEnabled": False,
            "rotationPeriodInDays": 200,
            "policy": _policy("After"),
            "tags": {"own": "2", "more": "3"},
        },
        seen_changed={
            "description": "after",
            "enabled": False,
            "rotates": True,
            "every": 200,
            "sid": "After",
            "tags": {"from": "provider", "own": "2", "more": "3"},
        },
        replace={"multiRegion": True},
        drift=lambda aws, it: aws("kms").disable_key_rotation(KeyId=it.id),
        drifts="enableKeyRotation",
        remove=lambda aws, it: aws("kms").schedule_key_deletion(KeyId=it.id),
        not_imported=("deletionWindowInDays",),
    ),
    Sample(
        type="aws:kms/alias:Alias",
        needs={"key": ("aws:kms/key:Key", {}), "other": ("aws:kms/key:Key", {})},
        inputs={"name": "alias/sample-{n}", "targetKeyId": "{key.id}"},
        look=lambda aws, it: aws("kms").describe_key(KeyId=it.id)["KeyMetadata"]["KeyId"],
        seen="{key.id}",
        change={"targetKeyId": "{other.id}"},
        seen_changed="{other.id}",
        replace={"name": "alias/sample-{n}-renamed"},
        drift=lambda aws, it: aws("kms").update_alias(AliasName=it.id, TargetKeyId=it.known["other"].id),
        drifts="targetKeyId",
        remove=lambda aws, it: aws("kms").delete_alias(AliasName=it.id),
    ),
]
