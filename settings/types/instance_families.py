"""SageMaker instance types: those of Studio, and families with local storage, which the hardware encrypts.

SageMaker accepts no customer managed key for their volumes (SageMaker API, CreateEndpointConfig: "You can't request a
KmsKeyId when using an instance type with local storage"; ResourceConfig has the same rule for training). Source of the
list: EC2 User Guide, "Instance store temporary block storage", limited to the types in the SageMaker API of botocore
1.44.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

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


_SIZES = {
    "t3": "micro small medium large xlarge 2xlarge",
    "m5 m5d r5": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge",
    "c5": "large xlarge 2xlarge 4xlarge 9xlarge 12xlarge 18xlarge 24xlarge",
    "m6i c6i r6i m6id c6id r6id": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge",
    "m7i c7i r7i": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
    "g4dn": "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
    "g5 g6 g6e": "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
    "g7 g7e": "2xlarge 4xlarge 8xlarge 12xlarge 24xlarge 48xlarge",
    "p3": "2xlarge 8xlarge 16xlarge",
    "p3dn p4d p4de": "24xlarge",
    "p5": "4xlarge 48xlarge",
    "p5en p6-b200": "48xlarge",
    "trn1": "2xlarge 32xlarge",
    "trn1n": "32xlarge",
    "geospatial": "interactive",
}
"""Sizes of the families on which Studio apps run (SageMaker API, AppInstanceType, botocore 1.44)."""
STUDIO_INSTANCE_TYPES = frozenset(
    f"ml.{family}.{size}" for families, sizes in _SIZES.items() for family in families.split() for size in sizes.split()
)


def nearest_studio_instance_type(text: str) -> str:
    """Returns the instance type whose name is most similar, or the default one."""
    near = get_close_matches(text.lower(), sorted(STUDIO_INSTANCE_TYPES), n=1, cutoff=0.6)
    return near[0] if near else "ml.t3.medium"
