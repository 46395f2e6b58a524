"""Leaves out files of tests that passed on exactly the same code (`--leave-out-passed`).

A file of tests is remembered once all its tests have passed, with a fingerprint of all that its room sees: the
product, the locks, the examples, its own room of `tests/` and those it imports from; documents only where tests run
without engine and sandbox. A skipped test passed nothing. A clone starts without memory; so does whoever deletes
`build/passed.json`.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

import pytest

OPTION = "--leave-out-passed"
MEMORY = Path("build/passed.json")
REACHES_NO_DOCUMENTS = frozenset({"engine", "sandbox"})
"""Rooms whose tests run programs, none of which reads a document."""

_IMPORT = re.compile(r"^\s*(?:from|import) tests\.(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Sources:
    """The files of a checkout that are, or are about to be, under version control."""

    root: Path

    @cached_property
    def digests(self) -> Mapping[PurePosixPath, str]:
        """The digest of each file; it is read once, so one object stands for one moment."""
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=self.root, capture_output=True, text=True, check=True).stdout
        paths = sorted({PurePosixPath(name) for name in names.split("\0") if name and (self.root / name).is_file()})
        return {path: _digest_of(self.root / path) for path in paths}

    @cached_property
    def _imports(self) -> Mapping[str, frozenset[str]]:
        """The rooms of tests that each room imports from."""
        found: dict[str, set[str]] = {}
        for path in self.digests:
            room = room_of(path)
            if room and path.suffix == ".py":
                found.setdefault(room, set()).update(_IMPORT.findall((self.root / path).read_text(encoding="utf-8")))
        return {room: frozenset(imported) for room, imported in found.items()}

    def fingerprint(self, room: str) -> str:
        """What the tests of a room saw: as long as it is the same, so are they."""
        rooms = self._rooms_behind(room)
        seen = "\n".join(f"{path} {digest}" for path, digest in self.digests.items() if _sees(room, rooms, path))
        return hashlib.sha256(f"{platform.python_version()} {platform.platform()}\n{seen}".encode()).hexdigest()

    def _rooms_behind(self, room: str) -> set[str]:
        behind: set[str] = set()
        ahead = {room}
        while ahead:
            behind |= ahead
            ahead = {other for known in ahead for other in self._imports.get(known, ())} - behind
        return behind


def _sees(room: str, rooms_behind: set[str], path: PurePosixPath) -> bool:
    if path.suffix == ".md" or path.parts[0] == "docs":
        return room not in REACHES_NO_DOCUMENTS
    other = room_of(path)
    return other is None or other in rooms_behind


def _digest_of(file: Path) -> str:
    state = file.stat()
    return _digest(file, (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns))


@cache
def _digest(file: Path, _state: tuple[int, ...]) -> str:
    """Read again only when the file system says that the file is another one: a run asks for each file of tests."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def room_of(path: PurePosixPath) -> str | None:
    """The folder of `tests/` that a file is in; None for what is in none."""
    return path.parts[1] if path.parts[0] == "tests" and len(path.parts) > 2 else None


def remembered(root: Path) -> dict[str, str]:
    """Files of tests that passed, with the fingerprint that they passed on."""
    try:
        return dict(json.loads((root / MEMORY).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def passed_on(root: Path) -> frozenset[str]:
    """The files of tests that passed on the checkout as it is."""
    sources, memory = Sources(root), remembered(root)
    rooms = {room for file in memory if (room := room_of(PurePosixPath(file)))}
    now = {room: sources.fingerprint(room) for room in rooms}
    return frozenset(file for file, then in memory.items() if now.get(room_of(PurePosixPath(file)) or "") == then)


def remember(root: Path, files: Iterable[str], before: Sources) -> None:
    """Add files whose tests all passed, unless what they saw has changed since ``before``."""
    after, memory = Sources(root), remembered(root)
    for file in files:
        room = room_of(PurePosixPath(file))
        if room and (now := after.fingerprint(room)) == before.fingerprint(room):
            memory[file] = now
    draft = (root / MEMORY).with_suffix(f".{os.getpid()}")
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text(json.dumps(memory, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    draft.replace(root / MEMORY)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, action="store_true", help="leave out files of tests that passed on exactly this code")


def pytest_configure(config: pytest.Config) -> None:
    # Without version control nobody knows what belongs to the code: then everything is tested.
    if not config.getoption(OPTION) or not (config.rootpath / ".git").exists():
        return
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        config.pluginmanager.register(LeftOut(config.rootpath, frozenset(worker["passed before"])))
        return
    if config.getoption("keyword") or config.getoption("markexpr"):
        raise pytest.UsageError(f"{OPTION} is for whole files: leave -k and -m out, or the option")
    passed = passed_on(config.rootpath)
    config.pluginmanager.register(LeftOut(config.rootpath, passed))
    config.pluginmanager.register(Remembering(config.rootpath, passed))


@dataclass(eq=False)
class LeftOut:
    """Keeps pytest from collecting the files that are left out."""

    root: Path
    files: frozenset[str]

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        return True if collection_path.relative_to(self.root).as_posix() in self.files else None


@dataclass(eq=False)
class Remembering:
    """Remembers each file when the last of its tests has passed, so that a run that is killed was not in vain."""

    root: Path
    left_out: frozenset[str]
    waiting: Counter[str] = field(default_factory=Counter)
    spoilt: set[str] = field(default_factory=set)
    before: Sources = field(init=False)

    def __post_init__(self) -> None:
        self.before = Sources(self.root)
        _ = self.before.digests  # read now: the tests see the checkout as it is at the start

    def pytest_report_header(self) -> Iterator[str]:
        if self.left_out:
            yield f"left out: {len(self.left_out)} files of tests that passed on exactly this code (make test-again)"

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: object) -> None:
        """All workers of a run leave out the same, also one that takes a crashed one's place."""
        node.workerinput["passed before"] = sorted(self.left_out)  # type: ignore[attr-defined]

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self.waiting = self.waiting or Counter(map(file_of, ids))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.waiting = self.waiting or Counter(file_of(item.nodeid) for item in session.items)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        file = file_of(report.nodeid)
        if not report.passed:
            self.spoilt.add(file)
        if report.when == "teardown":
            self.waiting[file] -= 1
            if not self.waiting[file] and file not in self.spoilt:
                remember(self.root, [file], self.before)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self.left_out:
            session.exitstatus = pytest.ExitCode.OK


def file_of(node_id: str) -> str:
    return node_id.split("::", maxsplit=1)[0]
