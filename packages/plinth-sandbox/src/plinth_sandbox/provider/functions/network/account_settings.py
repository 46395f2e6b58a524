"""Settings that are one property, but two operations in EC2."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_OFF = "unblocked"


def block_public_images(caller: Caller, known: Properties) -> None:
    """Blocks or allows public sharing of images."""
    if known["state"] == _OFF:
        caller.aws("disable_image_block_public_access")
    else:
        caller.aws("enable_image_block_public_access", ImageBlockPublicAccessState=known["state"])


def block_public_snapshots(caller: Caller, known: Properties) -> None:
    """Blocks or allows public sharing of snapshots."""
    if known["state"] == _OFF:
        caller.aws("disable_snapshot_block_public_access")
    else:
        caller.aws("enable_snapshot_block_public_access", State=known["state"])


def encrypt_volumes(caller: Caller, known: Properties) -> None:
    """Enables or disables encryption of new volumes."""
    caller.aws(f"{'enable' if known['enabled'] else 'disable'}_ebs_encryption_by_default")
