"""Amazon EBS settings for a whole account and region."""

from __future__ import annotations

from plinth_sandbox.provider.functions.network.account_settings import block_public_snapshots, encrypt_volumes
from plinth_sandbox.provider.vocabulary import Call, Resource, Update

ENCRYPTION_BY_DEFAULT = Resource(
    type="aws:ebs/encryptionByDefault:EncryptionByDefault",
    service="ec2",
    create=encrypt_volumes,
    creates=["enabled"],
    read=Call("get_ebs_encryption_by_default", gives={"enabled": "EbsEncryptionByDefault"}),
    update=[Update(encrypt_volumes, carries=["enabled"])],
    delete="disable_ebs_encryption_by_default",
    identifier="{@region}",
    defaults={"enabled": True},
    name=None,
)

SNAPSHOT_BLOCK_PUBLIC_ACCESS = Resource(
    type="aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
    service="ec2",
    create=block_public_snapshots,
    creates=["state"],
    read="get_snapshot_block_public_access_state",
    update=[Update(block_public_snapshots, carries=["state"])],
    delete="disable_snapshot_block_public_access",
    identifier="{@region}",
    name=None,
)

RESOURCES = [ENCRYPTION_BY_DEFAULT, SNAPSHOT_BLOCK_PUBLIC_ACCESS]
