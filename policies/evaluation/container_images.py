"""Names of container images in private registries of ECR."""

from __future__ import annotations

import re

REGISTRY_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/[^@:]+(?::[^@]+)?"
    r"(?P<digest>@sha256:[0-9a-f]{64})?"
)
"""Name of an image with its account and, if it is pinned, its digest (Amazon ECR User Guide, "Private registries")."""
