"""Settings that are a state in the properties, and two operations in EC2."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_OFF = "unblocked"


def block_public_images(caller: Caller, known: Properties) -> None:
    """Whether images may be shared with everybody."""
    if known["state"] == _OFF:
        caller.aws("disable_image_block_public_access")
    else:
        caller.aws("enable_image_block_public_access", ImageBlockPublicAccessState=known["state"])


def block_public_snapshots(caller: Caller, known: Properties) -> None:
    """Whether snapshots may be shared with everybody."""
    if known["state"] == _OFF:
        caller.aws("disable_snapshot_block_public_access")
    else:
        caller.aws("enable_snapshot_block_public_access", State=known["state"])


def encrypt_volumes(caller: Caller, known: Properties) -> None:
    """Whether new volumes are encrypted."""
    caller.aws(f"{'enable' if known['enabled'] else 'disable'}_ebs_encryption_by_default")
