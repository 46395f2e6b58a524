"""Images of Python environments, as pods pull them.

An image contains no files of its environment. It names the folders of this machine that a container sees instead, which
costs neither time nor space.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from plinth_sandbox.engine.image import description_of
from plinth_sandbox.kubernetes.node.oci import Image, Layer, digest_of, image_of

ENVIRONMENT_FILE = "etc/plinth-environment.json"
"""File of an image with the folders. The runtime of the node reads it before a container starts."""

_USER = "1000:1000"
_SYSTEM = Path("/usr")
_LINKED = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")
"""Folders that are links into /usr on most machines, and folders beside it on others."""
_PASSWD = "root:x:0:0:root:/root:/sbin/nologin\napp:x:1000:1000::/tmp:/sbin/nologin\n"
_GROUP = "root:x:0:\napp:x:1000:\n"


def image_of_environment(environment: Path, *further: bytes) -> Image:
    """Returns the image of a Python environment, or of a folder of programs with one and the Pulumi engine, with
    further layers above. Its digest changes with the packages, not with each file."""
    variables = [f"{name}={value}" for name, value in variables_of(environment).items()]
    configuration = {"Env": variables, "Cmd": ["python3"], "User": _USER, "WorkingDir": "/tmp"}
    return image_of([layer_of(environment), *further], configuration)


def variables_of(environment: Path) -> dict[str, str]:
    """Returns the environment variables of containers of such an image."""
    described = description_of(environment)
    search = described.search_path if described else (environment / "bin",)
    variables = {"PATH": ":".join([*map(str, search), "/usr/local/bin", "/usr/bin", "/bin"])}
    if described:
        # The plugins are on the search path, and nothing can be downloaded.
        variables |= {"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true", "PULUMI_SKIP_UPDATE_CHECK": "true"}
    return variables


def layer_of(environment: Path) -> bytes:
    """Returns the layer of such an image, as an archive."""
    layer, folders = Layer(), folders_of_image(environment)
    for name, target in system_links().items():
        layer.link(name, target)
    content = {
        "folders": sorted(str(folder) for folder in folders),
        "packages": _packages(python_environment(environment)),
    }
    for name in ("etc", "proc", "sys", "dev", "var"):
        layer.folder(name)
    layer.folder("tmp", 0o1777)
    layer.link("var/run", "/run")
    layer.folder("run")
    layer.file("etc/passwd", _PASSWD.encode())
    layer.file("etc/group", _GROUP.encode())
    layer.file(ENVIRONMENT_FILE, json.dumps(content, sort_keys=True).encode())
    return layer.content()


def folders_of_image(environment: Path) -> set[Path]:
    """Returns the folders of this machine that containers of a Python environment see, or of a folder of programs with
    one and the Pulumi engine."""
    described = description_of(environment)
    if described is None:
        return _folders_of_environments(environment)
    return {*_folders_of_environments(*described.environments), *described.folders}


def python_environment(environment: Path) -> Path:
    """Returns the Python environment of an image: the given one, or that of a folder of programs."""
    described = description_of(environment)
    return described.environments[0] if described else environment


def _folders_of_environments(*environments: Path) -> set[Path]:
    system = {_SYSTEM, *(path for name in _LINKED if (path := Path("/") / name).is_dir() and not path.is_symlink())}
    return system.union(*(_folders_of(environment) for environment in environments))


def system_links() -> dict[str, str]:
    """Returns the links in the root directory of this machine that lead into its folders of programs."""
    paths = {name: Path("/") / name for name in _LINKED}
    return {name: str(path.readlink()) for name, path in paths.items() if path.is_symlink()}


def keep(folder: Path, image: Image) -> None:
    """Stores the parts of an image, so that it can be pulled as long as the sandbox exists."""
    for digest, content in image.blobs.items():
        path = part_of(folder, digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".draft")
            draft.write_bytes(content)
            draft.replace(path)


def part_of(folder: Path, digest: str) -> Path:
    """Returns the file of a part of an image."""
    return folder / hashlib.sha256(digest.encode()).hexdigest()


def read(folder: Path, digest: str) -> bytes | None:
    """Returns a part of an image, or None if the sandbox does not have it."""
    try:
        content = part_of(folder, digest).read_bytes()
    except FileNotFoundError:
        return None
    return content if digest_of(content) == digest else None


def _folders_of(environment: Path) -> Iterator[Path]:
    """Yields the folders that Python of an environment needs: its own, those of the interpreter to which its program
    leads, and those of projects that are installed as a link to their sources."""
    yield environment
    program = environment / "bin" / "python"
    while program.is_symlink():
        program = program.parent / program.readlink()
        yield from _outside_of_system(program.parent.parent)
    yield from _outside_of_system(program.resolve().parent.parent)
    for file in environment.glob("lib/python*/site-packages/*.pth"):
        for line in file.read_text(errors="replace").splitlines():
            folder = Path(line.strip())
            if folder.is_absolute() and folder.is_dir():
                yield folder
    for file in environment.glob("lib/python*/site-packages/*.dist-info/direct_url.json"):
        # PEP 610. Finders of editable projects lead into this folder too.
        origin = json.loads(file.read_text())
        if origin.get("dir_info", {}).get("editable"):
            yield Path(unquote(urlsplit(origin["url"]).path))


def _outside_of_system(folder: Path) -> Iterator[Path]:
    if not folder.is_relative_to(_SYSTEM) and folder != Path("/"):
        yield folder


def _packages(environment: Path) -> list[str]:
    return sorted(path.name for path in environment.glob("lib/python*/site-packages/*.dist-info"))
