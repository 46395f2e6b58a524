"""A folder that all worker processes of a test run share, for what takes longer to make than to read."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

RUN = "PYTEST_XDIST_TESTRUNUID"
"""Variable that xdist sets in its worker processes, with the same value in all of a run."""


@cache
def folder_of_this_run() -> Path:
    """Returns the folder. The process that started the workers removes it, or this one if there are none."""
    run = os.environ.get(RUN)
    if run is None:
        folder = Path(tempfile.mkdtemp(prefix="plinth-tests-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return folder
    folder = shared_folder(run)
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def shared_folder(run: str) -> Path:
    """Returns the folder of a test run with worker processes."""
    return Path(tempfile.gettempdir()) / f"plinth-tests-{run}"
