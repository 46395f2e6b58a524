"""Records which files and folders a Python process reads, and whether it does what no record shows.

Python imports a module of this name at startup when its folder is on ``PYTHONPATH``. The worker puts it there for the
engine, so that programs, policy packs and plugins in Python are recorded from their first import on, without any code
of theirs. Each process appends to a file of its own, at once: the engine ends packs and plugins with a signal. A policy
pack is first offered to the worker, which has imported its rules.

Uses the standard library alone, and imports nothing of the project.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

VARIABLE = "PLINTH_RECORDING"
"""Names the folder of the records; without it nothing is recorded."""

SETTINGS_VARIABLE = "PLINTH_RECORDING_LEAVES_OUT"
"""Names the folder of the settings files, which are not recorded: the fingerprint compares them by itself."""

PROGRAM_RUNNER = "pulumi-language-python-exec"
"""The SDK's script that runs a program, which tells a program from packs and plugins."""

PROCESS, FILE, FOLDER, OPAQUE = "process", "file", "folder", "opaque"
"""Kinds of lines: what was started, a path that was opened or asked for, a listed folder, and what cannot be seen."""

_IGNORED = ("/proc/", "/sys/", "/dev/")
_UNSEEN = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "socket.connect"})
_LISTINGS = frozenset({"os.listdir", "os.scandir"})


class _Recorder:
    """Appends each path once. Its methods are called in the middle of any Python code, so they never raise."""

    def __init__(self, folder: str, *, program: bool) -> None:
        file = os.path.join(folder, f"{os.getpid()}.jsonl")  # noqa: PTH118 - pathlib would be recorded itself
        self._descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._seen: set[tuple[str, str]] = set()
        self._is_program = program
        settings = os.environ.get(SETTINGS_VARIABLE)
        self._left_out = (f"{settings}/Pulumi.", f"{settings}/pulumi.") if settings else ()
        self._add(PROCESS, PROGRAM_RUNNER if self._is_program else " ".join(sys.orig_argv))

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take an audit event: https://docs.python.org/3/library/audit_events.html."""
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and _reads(flags):
                self.add_path(FILE, path)
        elif event == "import" and arguments[1]:  # an extension module, which is loaded without being opened
            self.add_path(FILE, arguments[1])
        elif event in _LISTINGS:
            # The import system lists each folder of the search path; what an import finds is recorded when opened.
            if "importlib" not in sys._getframe(1).f_code.co_filename:
                self.add_path(FOLDER, arguments[0] or ".")
        elif event in _UNSEEN and self._is_program:
            self._add(OPAQUE, event)

    def add_path(self, kind: str, path: object) -> None:
        """Record a path as an absolute one, compiled code as its source."""
        if isinstance(path, int):
            return
        with contextlib.suppress(Exception):
            absolute = os.path.abspath(os.fsdecode(path))  # type: ignore[arg-type] # noqa: PTH100
            if not absolute.startswith((*_IGNORED, *self._left_out)):
                self._add(kind, _source_of(absolute))

    def _add(self, kind: str, text: str) -> None:
        if (kind, text) not in self._seen:
            self._seen.add((kind, text))
            with contextlib.suppress(OSError):
                os.write(self._descriptor, json.dumps([kind, text]).encode() + b"\n")


def _reads(flags: int) -> bool:
    """Whether a file is opened for what it holds: not to write, nor as a new one, such as a temporary file."""
    return flags & os.O_ACCMODE != os.O_WRONLY and not flags & os.O_EXCL


def _source_of(path: str) -> str:
    folder, _, name = path.rpartition("/__pycache__/")
    return f"{folder}/{name.partition('.')[0]}.py" if folder and name.endswith(".pyc") else path


def _recording(ask: Callable[..., os.stat_result], recorder: _Recorder) -> Callable[..., os.stat_result]:
    """``os.stat`` with a record of what was asked for: whether a file exists is an input too, and no audit event."""

    def asked(path: Any, *arguments: Any, **named: Any) -> os.stat_result:
        recorder.add_path(FILE, path)
        return ask(path, *arguments, **named)

    return asked


def _give_way() -> None:
    """Import the ``sitecustomize`` that this one hides, if there is one."""
    here = str(Path(__file__).parent)
    sys.path[:] = [entry for entry in sys.path if entry != here]
    hiding = sys.modules.pop(__name__, None)
    try:
        __import__(__name__)
    except ImportError:
        if hiding is not None:
            sys.modules[__name__] = hiding


def start(folder: str, *, program: bool, imported: Iterable[ModuleType] = ()) -> None:
    """Record this process from now on, whether it runs a program, and what it has ``imported`` before."""
    recorder = _Recorder(folder, program=program)
    for module in imported:
        if file := getattr(module, "__file__", None):
            recorder.add_path(FILE, file)
    sys.addaudithook(recorder.hear)
    os.stat = _recording(os.stat, recorder)
    os.lstat = _recording(os.lstat, recorder)


if __name__ == "sitecustomize":
    if os.environ.get("PLINTH_PACK_SOCKET"):
        import plinth_pack_launch  # type: ignore[import-not-found] # this module's folder is on the path

        plinth_pack_launch.hand_over(os.environ[plinth_pack_launch.VARIABLE])
    if os.environ.get(VARIABLE):
        start(os.environ[VARIABLE], program=any(word.endswith(PROGRAM_RUNNER) for word in sys.orig_argv))
    _give_way()
