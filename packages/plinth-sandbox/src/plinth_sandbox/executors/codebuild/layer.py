"""Environment that a build adds to the one that stands for its image, as a container adds a layer to its image."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from plinth_sandbox.executors.environments import PIP
from plinth_sandbox.layout import INSTALLATION

_SITE = "import sysconfig; print(sysconfig.get_path('purelib'))"
_AWS = """#!{python} -P
import sys
sys.path.insert(0, {installation!r})
from plinth_sandbox.executors.codebuild.aws_command import main
main()
"""
_DOCKER = """#!{python} -P
import sys
sys.path.insert(0, {installation!r})
from plinth_sandbox.executors.docker.command import main
main({images!r}, {built!r}, engine={engine})
"""


def layer_over(environment: Path, folder: Path, images: Path, *, privileged: bool) -> Path:
    """Creates an environment in ``folder`` over that of an image, and returns it. It has the image's packages, pip, the
    AWS CLI if this machine has none, and a client of Docker, which finds an engine in ``privileged`` builds only. What
    a build installs stays in it. ``images`` is the sandbox's file of environments that stand for images."""
    image = environment / "bin" / "python"
    subprocess.run([image, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    below, own = (_site(program) for program in (image, python))
    (own / "image.pth").write_text(f"import site; site.addsitedir({str(below)!r})\n")
    if not (below / "pip").exists():
        pip = importlib.util.find_spec("pip")
        if pip is not None and pip.origin:
            (own / "pip").symlink_to(Path(pip.origin).parent)
    _write(folder / "bin" / "pip", PIP.format(python=python))
    if shutil.which("aws") is None:
        _write(folder / "bin" / "aws", _AWS.format(python=sys.executable, installation=INSTALLATION))
    built = str(folder / "built.json")
    given = {"installation": INSTALLATION, "images": str(images), "built": built, "engine": privileged}
    _write(folder / "bin" / "docker", _DOCKER.format(python=sys.executable, **given))
    return folder


def _site(python: Path) -> Path:
    return Path(subprocess.run([python, "-c", _SITE], capture_output=True, text=True, check=True).stdout.strip())


def _write(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)
