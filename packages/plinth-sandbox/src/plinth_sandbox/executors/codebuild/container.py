"""The container of a build: its environment on this machine, or the root directory of an image that a build pushed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plinth_sandbox.environment import AUTHORITIES_VARIABLES
from plinth_sandbox.executors.built_image import BuiltImage, pulled, unpacked_layers
from plinth_sandbox.executors.codebuild.layer import layer_over
from plinth_sandbox.executors.image_root import ImageRoot, are_possible
from plinth_sandbox.executors.images import environment_of
from plinth_sandbox.layout import INSTALLATION

_HOME, _TEMPORARY = "/root", "/tmp"


@dataclass(frozen=True, slots=True)
class BuildContainer:
    """Environments and image that the commands of a build see."""

    layer: Path
    """Environment that the build adds to that of its image."""
    environment: Path
    """Environment that stands for the image, or for the base of a built one."""
    image: BuiltImage | None = None
    """The image that a build has pushed; None if an environment stands for it."""

    @classmethod
    def of(
        cls, image: str, folder: Path, images: Path, *, manifests: Mapping[str, str], privileged: bool
    ) -> BuildContainer:
        """Returns the container of an image, with ``folder`` as its layer. Where this machine cannot compose a root
        directory, an environment stands in for a built image.

        Raises: NoEnvironmentError.
        """
        built = pulled(image, manifests, images) if are_possible() else None
        environment = built.environment if built else environment_of(image, images)
        return cls(layer_over(environment, folder, images, privileged=privileged), environment, built)

    def variables(self, given: Mapping[str, str]) -> dict[str, str]:
        """Returns the variables of the shell: those of a built image, and those ``given`` by the build, which win. The
        search path, home directory and temporary directory are those of the image, not of this machine."""
        if self.image is None:
            return dict(given)
        own = dict(self.image.configuration.variables)
        path = os.pathsep.join(filter(None, (str(self.layer / "bin"), own.get("PATH", os.defpath))))
        return {**own, **given, "PATH": path, "HOME": _HOME, "TMPDIR": _TEMPORARY}

    def words(self, program: str, folder: Path, images: Path) -> Sequence[str]:
        """Returns the command that starts a shell in ``folder``. In the root directory of a built image, the shell also
        sees the folder of the build, to which ``folder`` belongs, and what the programs of the layer read. ``images``
        is the sandbox's file of environments that stand for images."""
        if self.image is None:
            return [program]
        work = folder.parent
        place, layers = work / "root", work / "layers"
        place.mkdir()
        self.image.unpack(layers)
        root = ImageRoot(environment=self.environment, place=place, layers=unpacked_layers(layers))
        read = (images.parent, Path(INSTALLATION), *_authorities())
        seen = [work, *(path for path in read if not _is_within(path, root.folders))]
        return replace(root, shown={str(path): path for path in seen}).words(str(folder), [program])


def _authorities() -> list[Path]:
    """Returns the files of this machine with the authorities that clients of the sandbox trust."""
    return [Path(os.environ[name]) for name in AUTHORITIES_VARIABLES if name in os.environ]


def _is_within(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)
