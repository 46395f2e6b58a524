"""SageMaker instance families with local storage, which the hardware encrypts.

SageMaker accepts no customer managed key for their volumes (SageMaker API, CreateEndpointConfig: "You can't request a
KmsKeyId when using an instance type with local storage"; ResourceConfig has the same rule for training). Source of the
list: EC2 User Guide, "Instance store temporary block storage", limited to the types in the SageMaker API of botocore
1.44.
"""

from __future__ import annotations

import re

_D_FOR_DISK = re.compile(r"[a-z]+\d+[a-z]*d[a-z]*")
"""c5d, m6gd, g4dn, p4de: a ``d`` after the generation (EC2 User Guide, "Instance type naming conventions")."""
_BY_FAMILY = frozenset(
    {
        "dl1", "g5", "g6", "g6e", "g7", "g7e", "gr6", "i3en", "p5", "p5e", "p5en", "p6-b200", "p6-b300", "p6e-gb200",
        "trn1", "trn1n", "trn2",
    }
)  # fmt: skip
"""Families with local storage whose names have no ``d``."""


def has_local_storage(instance_type: str) -> bool:
    """Returns whether an instance type such as ``ml.g5.xlarge`` has local storage, encrypted with a hardware key."""
    family = instance_type.removeprefix("ml.").partition(".")[0]
    return family in _BY_FAMILY or _D_FOR_DISK.fullmatch(family) is not None
