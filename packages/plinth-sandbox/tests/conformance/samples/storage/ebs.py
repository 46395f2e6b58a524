"""Samples of Amazon EBS settings for a whole account."""

from __future__ import annotations

from conformance.sample import Aws, Kept, Sample


def _encryption(aws: Aws, it: Kept) -> bool:
    return bool(aws("ec2").get_ebs_encryption_by_default()["EbsEncryptionByDefault"])


def _snapshots(aws: Aws, it: Kept) -> str:
    return str(aws("ec2").get_snapshot_block_public_access_state()["State"])


SAMPLES = [
    Sample(
        type="aws:ebs/encryptionByDefault:EncryptionByDefault",
        inputs={"enabled": True},
        look=_encryption,
        seen=True,
        change={"enabled": False},
        seen_changed=False,
        drift=lambda aws, it: aws("ec2").disable_ebs_encryption_by_default(),
        drifts="enabled",
    ),
    Sample(
        type="aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
        inputs={"state": "block-all-sharing"},
        look=_snapshots,
        seen="block-all-sharing",
        change={"state": "unblocked"},
        seen_changed="unblocked",
        drift=lambda aws, it: aws("ec2").disable_snapshot_block_public_access(),
        drifts="state",
    ),
]
