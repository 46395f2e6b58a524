"""Tests wait with one helper, so that none of them fails because a machine is slow."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from plinth_sandbox import waiting
from plinth_sandbox.waiting import LONGEST_SECONDS, eventually

ROOT = Path(__file__).resolve().parents[2]
CLOCKS = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "sleep", "time", "time_ns"}
"""Functions of the module ``time`` that tests do not use, except in these modules."""
OWN_CLOCK = {
    "packages/plinth-sandbox/tests/verified/plugin.py": "shortens the sleeps of tests by others",
    "tests/support/chaos/attack.py": "kills at random moments, which only a benchmark does",
    "tests/support/durations.py": "samples processor time while tests run",
    "tests/support/graph_kills/child.py": "is a program without packages that stands for work",
    "tests/support/graph_kills/graph.py": "writes times to a log for the figures of a benchmark",
    "tests/support/graph_kills/suite.py": "kills after a random delay, which only a benchmark asks for",
}
SHORTEST_SECONDS = 60
"""Tests wait at least this long, except in these modules."""
SHORT = {
    "packages/plinth-sandbox/tests/conformance/test_provider_instance.py": "shows a request that times out",
    "tests/support/alarms.py": "sets an alarm off again and again",
}
WAITS = {"wait": 0, "join": 0, "communicate": 1, "exception": 0, "result": 0, "wait_for": 1}
"""Methods whose argument at this position is a time limit in seconds."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in (ROOT / "tests", *ROOT.glob("packages/*/tests")):
        for path in sorted(folder.rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def clocks(module: ast.Module) -> Iterator[ast.expr | ast.ImportFrom]:
    """Yields where a module reads a clock or sleeps, or imports a function that does."""
    names = {"time"} | {
        alias.asname
        for node in ast.walk(module)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "time" and alias.asname
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (node.value.id in names and node.attr in CLOCKS) or (node.value.id, node.attr) == ("asyncio", "sleep"):
                yield node
        elif isinstance(node, ast.ImportFrom):
            imported = {alias.name for alias in node.names}
            if (node.module == "time" and imported & CLOCKS) or (node.module == "asyncio" and "sleep" in imported):
                yield node


def short_waits(module: ast.Module) -> Iterator[ast.Call]:
    """Yields the calls with a time limit that a slow machine can exceed."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            limits = [keyword.value for keyword in node.keywords if keyword.arg == "timeout"]
            if isinstance(node.func, ast.Attribute) and node.func.attr in WAITS:
                limits += node.args[WAITS[node.func.attr] :][:1]
            numbers = (limit.value for limit in limits if isinstance(limit, ast.Constant))
            if any(isinstance(number, int | float) and number < SHORTEST_SECONDS for number in numbers):
                yield node


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("import time\ntime.sleep(1)", True),
        ("import time as clock\nuntil = clock.monotonic() + 9", True),
        ("from time import perf_counter", True),
        ("import asyncio\nasyncio.sleep(1)", True),
        ("import time\ntime.process_time()", False),
        ("program = 'import time; time.sleep(1)'", False),
    ],
)
def test_uses_of_a_clock_are_found(text: str, is_found: bool) -> None:
    assert bool(list(clocks(ast.parse(text)))) is is_found


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("run(words, timeout=5)", True),
        ("process.wait(5)", True),
        ("process.communicate(b'', 5)", True),
        ("process.communicate(b'')", False),
        ("process.wait(LONGEST_SECONDS)", False),
        ("run(words, timeout=600)", False),
        ("', '.join(words)", False),
    ],
)
def test_short_time_limits_are_found(text: str, is_found: bool) -> None:
    assert bool(list(short_waits(ast.parse(text)))) is is_found


def test_only_declared_modules_read_a_clock_or_sleep() -> None:
    found = {name: [node.lineno for node in clocks(module)] for name, module in modules()}
    assert {name: lines for name, lines in found.items() if lines and name not in OWN_CLOCK} == {}, (
        "wait with plinth_sandbox.waiting.eventually"
    )
    assert [name for name in OWN_CLOCK if not found[name]] == []


def test_only_declared_modules_have_a_short_time_limit() -> None:
    found = {name: [node.lineno for node in short_waits(module)] for name, module in modules()}
    assert {name: lines for name, lines in found.items() if lines and name not in SHORT} == {}, (
        "use plinth_sandbox.waiting.LONGEST_SECONDS"
    )
    assert [name for name in SHORT if not found[name]] == []


def test_the_first_true_result_is_returned() -> None:
    results = iter([None, [], 3])
    assert eventually(lambda: next(results), every_seconds=0) == 3


def test_ignored_exceptions_mean_not_yet_and_others_end_the_wait() -> None:
    results: list[int] = []

    def look() -> int:
        results.append(len(results))
        return 6 // results[-1]

    assert eventually(look, ignored=ZeroDivisionError, every_seconds=0) == 6
    with pytest.raises(ZeroDivisionError):
        eventually(lambda: 1 // 0)


def test_a_failure_names_what_was_awaited_the_last_result_and_the_details(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "LONGEST_SECONDS", 0)
    place = r"test_waiting\.py:\d+\)"
    with pytest.raises(AssertionError, match=rf"<lambda> \(.*{place} returned \[\] after 0 seconds\nthe log"):
        eventually(lambda: [], details=lambda: "the log")
    with pytest.raises(AssertionError, match=r"raised ZeroDivisionError.* after 0 seconds$") as failure:
        eventually(lambda: 1 // 0, ignored=ZeroDivisionError)
    assert isinstance(failure.value.__cause__, ZeroDivisionError)


def test_there_is_a_last_look_after_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stood still for longer than the limit does not fail what has happened meanwhile."""
    times = iter([0, 0, LONGEST_SECONDS + 1])
    clock = SimpleNamespace(monotonic=lambda: next(times), sleep=lambda seconds: None)
    monkeypatch.setattr(waiting, "time", clock)
    results = iter([False, True])
    assert eventually(lambda: next(results))
