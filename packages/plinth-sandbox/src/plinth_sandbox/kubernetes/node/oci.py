"""Writes container images in the form of the OCI Image Format Specification 1.1."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plinth_sandbox.engine.recipe import GO_ARCHITECTURES

_TYPE = "application/vnd.oci.image"
MANIFEST_TYPE = f"{_TYPE}.manifest.v1+json"


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Layer:
    """Files of an image. The same files give the same bytes."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._archive = tarfile.open(fileobj=self._buffer, mode="w")  # noqa: SIM115 - closed with the layer

    def folder(self, path: str, mode: int = 0o755) -> None:
        entry = tarfile.TarInfo(path)
        entry.type, entry.mode = tarfile.DIRTYPE, mode
        self._archive.addfile(entry)

    def file(self, path: str, content: bytes, mode: int = 0o644) -> None:
        entry = tarfile.TarInfo(path)
        entry.size, entry.mode = len(content), mode
        self._archive.addfile(entry, io.BytesIO(content))

    def link(self, path: str, target: str) -> None:
        entry = tarfile.TarInfo(path)
        entry.type, entry.linkname = tarfile.SYMTYPE, target
        self._archive.addfile(entry)

    def content(self) -> bytes:
        self._archive.close()
        return self._buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Image:
    """An image with its content by digest."""

    manifest: bytes
    blobs: Mapping[str, bytes] = field(repr=False)
    """Content of the configuration and of the layers, by digest."""

    @property
    def digest(self) -> str:
        return digest_of(self.manifest)

    def write_archive(self, path: Path, name: str) -> None:
        """Writes the image as one file that runtimes import under ``name``."""
        reference = {"io.containerd.image.name": name}
        listed = {"mediaType": MANIFEST_TYPE, "digest": self.digest, "size": len(self.manifest)}
        index = {"schemaVersion": 2, "manifests": [{**listed, "annotations": reference}]}
        layer = Layer()
        layer.file("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        layer.file("index.json", json.dumps(index).encode())
        for digest, content in {**self.blobs, self.digest: self.manifest}.items():
            layer.file(f"blobs/{digest.replace(':', '/')}", content)
        path.write_bytes(layer.content())


def image_of(layers: Sequence[bytes], configuration: Mapping[str, Any]) -> Image:
    """Returns an image with layers, the lowest first. ``configuration`` has the members of the specification's
    ``config``."""
    content = {
        "architecture": GO_ARCHITECTURES[platform.machine().lower()],
        "os": "linux",
        "config": dict(configuration),
        "rootfs": {"type": "layers", "diff_ids": [digest_of(layer) for layer in layers]},
    }
    described = json.dumps(content, sort_keys=True).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": _descriptor("config.v1+json", described),
        "layers": [_descriptor("layer.v1.tar", layer) for layer in layers],
    }
    blobs = {digest_of(blob): blob for blob in (described, *layers)}
    return Image(json.dumps(manifest, sort_keys=True).encode(), blobs)


def _descriptor(kind: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": f"{_TYPE}.{kind}", "digest": digest_of(content), "size": len(content)}


def layers_of(manifest: Mapping[str, Any]) -> Sequence[str]:
    """Returns the digests of everything that a manifest refers to."""
    return [str(descriptor["digest"]) for descriptor in (manifest["config"], *manifest["layers"])]
