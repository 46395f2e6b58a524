"""Runs a failed test on the real engine once more, and lists the tests that passed only then.

Such a test is a defect: of the test, or of what it tests. The list is printed at the end of a run, and is the file
``build/unstable.txt``, which is empty if all tests passed at the first time. Other tests are never repeated.

How a test failed at first is printed too, also if it failed again: a repetition starts from what the first attempt has
left, so it often fails for another reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.nightly import ENGINE

RESULTS = Path("build/unstable.txt")


def pytest_collection_modifyitems(config: pytest.Config, items: Iterable[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(config.rootpath / ENGINE):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Unstable(config.rootpath / RESULTS))


@dataclass(eq=False)
class Unstable:
    """Plugin that records the tests that failed and then passed."""

    path: Path
    repeated: dict[str, str] = field(default_factory=dict)
    """How each repeated test failed at first."""
    failed: set[str] = field(default_factory=set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome == "rerun":
            self.repeated[report.nodeid] = report.longreprtext
        elif report.failed:
            self.failed.add(report.nodeid)

    @property
    def found(self) -> list[str]:
        return sorted(self.repeated.keys() - self.failed)

    def pytest_sessionfinish(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("".join(f"{test}\n" for test in self.found), encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for test, failure in sorted(self.repeated.items()):
            terminalreporter.write_sep("_", f"first failure of {test}")
            terminalreporter.write_line(failure)
        for test in self.found:
            terminalreporter.write_line(f"unstable: {test}", yellow=True)
