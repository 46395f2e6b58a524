"""Recordings of deployed stacks that all worker processes of a test run share: recording one takes longer than reading
it."""

from __future__ import annotations

import fcntl
import os
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from tests.support.recorder import Recorder

RUN = "PYTEST_XDIST_TESTRUNUID"
"""Variable that xdist sets in its worker processes, with the same value in all of a run."""


def shared_folder(run: str) -> Path:
    """Returns the folder with the recordings of a test run."""
    return Path(tempfile.gettempdir()) / f"plinth-recordings-{run}"


def shared(deployment: str, stack: str, record: Callable[[], Recorder]) -> Recorder:
    """Returns the recording of a stack of a named deployment. The first process that asks makes it; others wait."""
    run = os.environ.get(RUN)
    if run is None:
        return record()
    folder = shared_folder(run)
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / quote(f"{deployment} {stack}", safe=" ")
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            draft = file.with_suffix(f".{os.getpid()}")
            draft.write_bytes(pickle.dumps(record()))
            draft.replace(file)
    recording = pickle.loads(file.read_bytes())
    assert isinstance(recording, Recorder)
    return recording
