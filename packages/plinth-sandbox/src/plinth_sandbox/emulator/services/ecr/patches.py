"""The digest of an image in ECR is that of its manifest. moto would compute one from its layers, or a random one.

Source: Amazon ECR API, PutImage, and OCI Image Format Specification, "Descriptors" (read 2026-12-01).
"""

from __future__ import annotations

from typing import Any

from moto.ecr.models import Image

from plinth_sandbox.kubernetes.node.oci import digest_of


def patch_moto() -> None:
    """Makes moto compute digests of manifests."""

    def create_digest(self: Any) -> None:
        self._image_digest = digest_of(str(self.image_manifest).encode())

    Image._create_digest = create_digest
