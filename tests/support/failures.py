"""Writes how tests fail to ``build/failures.txt`` as soon as they do, because pytest prints it at the end of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

RESULTS = Path("build/failures.txt")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Failures(config.rootpath / RESULTS))


@dataclass(frozen=True)
class Failures:
    """Plugin that keeps the file of a run."""

    path: Path

    def pytest_sessionstart(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("", encoding="utf-8")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed or report.outcome == "rerun":
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{report.nodeid} failed in its {report.when}:\n{report.longreprtext}\n\n")
