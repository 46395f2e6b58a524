"""The image of the process that holds the namespaces of a pod."""

from __future__ import annotations

from pathlib import Path

from plinth_sandbox.kubernetes.node.oci import Layer, image_of

PAUSE_NAME = "sandbox.plinth.example/pause:1"
"""Name of the image in the runtime. No registry has it."""
_USER = "65535:65535"


def write(path: Path, programs: Path) -> Path:
    """Writes the image as an archive that the runtime imports, and returns its path."""
    layer = Layer()
    layer.file("pause", (programs / "pause").read_bytes(), 0o755)
    image_of([layer.content()], {"Entrypoint": ["/pause"], "User": _USER}).write_archive(path, PAUSE_NAME)
    return path
