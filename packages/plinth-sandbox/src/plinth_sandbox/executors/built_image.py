"""Images that builds have made: the layers over the folders of this machine that stand for their base image."""

from __future__ import annotations

import io
import json
import os
import stat
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plinth_sandbox.executors import container_images
from plinth_sandbox.executors.image_root import ImageRoot, changed
from plinth_sandbox.kubernetes.node.oci import Image, image_of
from plinth_sandbox.layout import IMAGES_FOLDER

ENVIRONMENT_LABEL = "plinth.sandbox/environment"
"""Label of built images with the Python environment that stands for their base image."""
_WHITEOUT = ".wh."
"""Prefix of a file of a layer that removes another one (OCI Image Format Specification 1.1, "Layer Filesystem
Changeset")."""
_OPAQUE = ("user.overlay.opaque", "trusted.overlay.opaque")


@dataclass(frozen=True, kw_only=True, slots=True)
class Configuration:
    """How containers of an image start."""

    variables: Mapping[str, str] = field(default_factory=dict)
    directory: str = "/"
    user: str = ""
    entry_point: Sequence[str] = ()
    command: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    def described(self, environment: Path) -> dict[str, object]:
        """Returns the members of the specification's ``config``."""
        return {
            "Env": [f"{name}={value}" for name, value in self.variables.items()],
            "WorkingDir": self.directory,
            "User": self.user,
            "Entrypoint": list(self.entry_point),
            "Cmd": list(self.command),
            "Labels": {**self.labels, ENVIRONMENT_LABEL: str(environment)},
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class BuiltImage:
    """An image of the emulated ECR whose content the sandbox has."""

    environment: Path
    """The Python environment that stands for the base image."""
    configuration: Configuration
    layers: Sequence[bytes] = field(repr=False)
    """The archives of the layers over that of the base image, the lowest first."""

    @classmethod
    def read(cls, manifest: str, parts: Path) -> BuiltImage | None:
        """Returns the image of a manifest, or None if the sandbox has not built it."""
        try:
            named = json.loads(manifest)
            described = container_images.read(parts, named["config"]["digest"])
            config = json.loads(described or b"{}")["config"]
            environment = Path(config["Labels"][ENVIRONMENT_LABEL])
        except (KeyError, TypeError, ValueError):
            return None
        layers = [container_images.read(parts, layer["digest"]) for layer in named["layers"][1:]]
        if any(layer is None for layer in layers):
            return None
        configuration = Configuration(
            variables=dict(variable.split("=", 1) for variable in config["Env"]),
            directory=config["WorkingDir"] or "/",
            user=config["User"],
            entry_point=config["Entrypoint"],
            command=config["Cmd"],
            labels=config["Labels"],
        )
        return cls(environment=environment, configuration=configuration, layers=[layer for layer in layers if layer])

    @property
    def image(self) -> Image:
        """The image as it is pushed."""
        base = container_images.layer_of(self.environment)
        return image_of([base, *self.layers], self.configuration.described(self.environment))

    def unpack(self, folder: Path) -> None:
        """Unpacks each layer into a folder of its own below ``folder``."""
        for number, layer in enumerate(self.layers):
            place = folder / f"{number:03}"
            place.mkdir(parents=True)
            _unpack(layer, place)


def unpacked_layers(folder: Path) -> list[Path]:
    """Returns the folders of unpacked layers, the uppermost first."""
    return sorted(folder.iterdir(), reverse=True)


def pulled(image: str, manifests: Mapping[str, str], images: Path) -> BuiltImage | None:
    """Returns the image that a build of the sandbox pushed, or None if an environment stands for the image.

    ``images`` is the sandbox's file of such environments.
    """
    return BuiltImage.read(manifests.get(image, ""), images.with_name(IMAGES_FOLDER))


def finds(root: ImageRoot, program: str, search: str) -> bool:
    """Returns whether a container with this root directory has a program on its search path."""
    for folder in (part for part in search.split(os.pathsep) if part.startswith("/")):
        inside = f"{folder.strip('/')}/{program}"
        for layer in root.layers:
            if (layer / inside).is_symlink() or (layer / inside).exists():
                if not _is_whiteout(layer / inside):
                    return True
                break
        else:
            path = Path("/") / inside
            if any(path.is_relative_to(base_folder) for base_folder in root.folders) and path.exists():
                return True
    return False


def layer_of_changes(kept: Path) -> bytes:
    """Returns the archive of what the containers of a build have changed."""
    return _packed(changed(kept))


def layer_of_files(folder: Path) -> bytes:
    """Returns the archive of a folder with the files of a layer by their path."""
    return _packed([("", folder)])


def _packed(folders: Iterable[tuple[str, Path]]) -> bytes:
    """Returns the archive of folders by their path in the container. The same files give the same bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for inside, folder in folders:
            _add(archive, inside, folder)
    return packed.getvalue()


def whiteout(path: Path) -> None:
    """Lets a layer remove a file. Everybody may create such a node (Linux 5.8)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mknod(path, stat.S_IFCHR, 0)


def _add(archive: tarfile.TarFile, inside: str, folder: Path) -> None:
    for path, is_folder in _walked(folder):
        name = f"{inside}/{path.relative_to(folder)}".strip("/")
        if _is_whiteout(path):
            archive.addfile(_entry(_removal(name)))
            continue
        entry = archive.gettarinfo(path, name)
        if entry.islnk():
            entry.type, entry.size = tarfile.REGTYPE, path.stat().st_size
        entry.uid = entry.gid = entry.mtime = 0
        entry.uname = entry.gname = ""
        if entry.isreg():
            with path.open("rb") as content:
                archive.addfile(entry, content)
        elif entry.issym() or (is_folder and not (Path("/") / name).is_dir()):
            # A folder that the base image has needs no entry.
            archive.addfile(entry)
        if is_folder and _is_opaque(path):
            below = Path("/") / name
            hidden = (
                {child.name for child in below.iterdir()} - {child.name for child in path.iterdir()}
                if below.is_dir()
                else ()
            )
            for hidden_name in sorted(hidden):
                archive.addfile(_entry(_removal(f"{name}/{hidden_name}")))


def _walked(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Yields everything in a folder in the order of names, and whether it is a folder."""
    for path in sorted(folder.iterdir()):
        is_folder = path.is_dir() and not path.is_symlink()
        yield path, is_folder
        if is_folder:
            yield from _walked(path)


def _removal(name: str) -> str:
    parent, _, last = name.rpartition("/")
    return f"{parent}/{_WHITEOUT}{last}".lstrip("/")


def _entry(name: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.mode = 0o644
    return entry


def _unpack(layer: bytes, folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        archive.extraction_filter = getattr(tarfile, "tar_filter", None)  # since Python 3.11.4
        for entry in archive:
            parent, _, last = entry.name.rpartition("/")
            if last.startswith(_WHITEOUT):
                whiteout(folder / parent / last.removeprefix(_WHITEOUT))
            else:
                archive.extract(entry, folder)


def _is_whiteout(path: Path) -> bool:
    found = path.lstat()
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == 0


def _is_opaque(path: Path) -> bool:
    return any(name in os.listxattr(path, follow_symlinks=False) for name in _OPAQUE)
