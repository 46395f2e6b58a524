"""Python environments that are built from a lock of their own, once per machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from plinth_sandbox.engine.network import network_environment

_ROOT = Path(__file__).parents[2]
TRACKING = _ROOT / "runtime/tracking/requirements.txt"
"""Lock of the tracking server's image."""
CHECKOV = _ROOT / "requirements-checkov.txt"
"""Lock of checkov, which needs other versions of packages than the tests."""


class NoEnvironmentError(Exception):
    """The packages of the lock cannot be installed here."""


def provide(lock: Path) -> Path:
    """Returns the interpreter of the environment. Raises NoEnvironmentError."""
    kind = "tracking" if lock == TRACKING else "checkov"
    cache = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "plinth" / kind
    name = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:12]
    python = cache / name / "bin" / "python"
    if not python.exists():
        _build(cache / name, lock)
    return python


def _build(folder: Path, lock: Path) -> None:
    """Builds the environment beside its place, so that one that is there is whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent))
    own = network_environment()
    uv = str(Path(sys.executable).with_name("uv"))
    try:
        subprocess.run(
            [uv, "venv", "--quiet", "--relocatable", "--python", sys.executable, str(draft)], env=own, check=True
        )
        install = [uv, "pip", "install", "--quiet", "--python", str(draft / "bin" / "python"), "--require-hashes"]
        subprocess.run([*install, "--requirement", str(lock)], env=own, check=True, capture_output=True, text=True)
        draft.rename(folder)
    except (OSError, subprocess.CalledProcessError) as error:
        if not folder.exists():
            raise NoEnvironmentError(f"{error}: {getattr(error, 'stderr', '') or ''}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
