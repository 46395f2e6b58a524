"""Instance families of SageMaker, and which of them bring local storage that the hardware encrypts.

SageMaker takes no customer key for the volumes of those (SageMaker API, CreateEndpointConfig: "You can't request a
KmsKeyId when using an instance type with local storage"; ResourceConfig says the same of training). Which they are: EC2
User Guide, "Instance store temporary block storage", of the types that the API of SageMaker takes as of botocore 1.44.
"""

from __future__ import annotations

import re

_D_FOR_DISK = re.compile(r"[a-z]+\d+[a-z]*d[a-z]*")
"""c5d, m6gd, g4dn, p4de: a ``d`` behind the generation (EC2 User Guide, "Instance type naming conventions")."""
_BY_FAMILY = frozenset(
    {
        "dl1", "g5", "g6", "g6e", "g7", "g7e", "gr6", "i3en", "p5", "p5e", "p5en", "p6-b200", "p6-b300", "p6e-gb200",
        "trn1", "trn1n", "trn2",
    }
)  # fmt: skip
"""Those whose names do not say it."""


def has_local_storage(instance_type: str) -> bool:
    """Whether an instance such as ``ml.g5.xlarge`` keeps its data on disks of its own, under a key of the hardware."""
    family = instance_type.removeprefix("ml.").partition(".")[0]
    return family in _BY_FAMILY or _D_FOR_DISK.fullmatch(family) is not None
