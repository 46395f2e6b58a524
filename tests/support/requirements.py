"""Records which passing tests show which requirements of docs/requirements.md.

As a pytest plugin, this module refuses ids that the ledger does not list, and records the citing tests that passed. As
a program (`python -m tests.support.requirements`), it prints the ledger with those tests. The program collects the
tests again, so that a test that was deleted or no longer cites an id shows nothing, whatever its earlier results.
"""

import contextlib
import difflib
import io
import json
import os
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest

LEDGER = Path("docs/requirements.md")
RESULTS = Path("build/requirements.json")
MARK = "requirement"
ENTRY = re.compile(r"^\| (?P<id>[A-Z0-9]+-\d{2}) \| (?P<text>\S.*\S) \|$", re.MULTILINE)
# With `--dist loadgroup` pytest-xdist appends the group of a test to its node id.
GROUP = re.compile(r"(?<=[\w\]])@[^\]/:]*$")


def read_ledger(path: Path) -> dict[str, str]:
    """Returns the requirements by id, in the order of the document."""
    ledger: dict[str, str] = {}
    for entry in ENTRY.finditer(path.read_text(encoding="utf-8")):
        if entry["id"] in ledger:
            raise ValueError(f"{path}: {entry['id']} is listed twice")
        ledger[entry["id"]] = entry["text"]
    return ledger


def ids_of(item: pytest.Item) -> list[str]:
    """Returns the ids that a test cites, by its own marks and those of its class and module."""
    return [str(requirement) for mark in item.iter_markers(MARK) for requirement in mark.args]


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Citations(read_ledger(config.rootpath / LEDGER)))
    # The workers of pytest-xdist send their reports to the controller, and only the controller records results.
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Passes(config.rootpath / RESULTS))


@dataclass(eq=False)
class Citations:
    """Plugin that fails the collection of a module if a test cites an unknown id, or has the mark without an id."""

    ledger: Mapping[str, str]

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        tests = [node for node in report.result or () if isinstance(node, pytest.Item)]
        faults = [f"{test.nodeid}: {fault}" for test in tests for fault in self._faults(test)]
        if faults:
            report.outcome = "failed"
            report.longrepr = "\n".join(faults)
            report.result = []
        return report

    def _faults(self, test: pytest.Item) -> list[str]:
        faults = [
            f"unknown requirement {cited}, the nearest is {self._nearest(cited)}"
            for cited in ids_of(test)
            if cited not in self.ledger
        ]
        if any(not mark.args for mark in test.iter_markers(MARK)):
            faults.append(f"@pytest.mark.{MARK} names no requirement")
        return faults

    def _nearest(self, cited: str) -> str:
        return difflib.get_close_matches(cited.upper(), self.ledger, n=1, cutoff=0)[0]


@dataclass(eq=False)
class Passes:
    """Plugin that records the node ids of citing tests that passed. A run updates only the results of its own tests."""

    path: Path
    phases: dict[str, list[bool]] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # A test that is expected to fail shows nothing, even if it passes. The report of a crashed worker has no
        # keywords, so it counts as not passed.
        passed = report.passed and MARK in report.keywords and not hasattr(report, "wasxfail")
        self.phases.setdefault(GROUP.sub("", report.nodeid), []).append(passed)

    def pytest_sessionfinish(self) -> None:
        if self.phases:
            passed = {test for test, phases in self.phases.items() if all(phases)}
            write_passes(self.path, (read_passes(self.path) - self.phases.keys()) | passed)


def read_passes(path: Path) -> set[str]:
    return set(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else set()


def write_passes(path: Path, passes: set[str]) -> None:
    """Replaces the file atomically, so that an interrupt leaves the earlier results intact."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps(sorted(passes), indent=1) + "\n", encoding="utf-8")
    temporary.replace(path)


@dataclass(eq=False)
class Collection:
    """Plugin that records the cited ids of each collected test, by node id."""

    citations: dict[str, list[str]] = field(default_factory=dict)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.citations = {item.nodeid: ids_of(item) for item in session.items}


def collect() -> dict[str, list[str]]:
    collection = Collection()
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = pytest.main(["--collect-only", "-q", "-m", MARK], plugins=[collection])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise click.ClickException(f"the tests cannot be collected\n{said.getvalue()}")
    return collection.citations


def shown_by(
    ledger: Mapping[str, str], citations: Mapping[str, Sequence[str]], passes: set[str]
) -> dict[str, list[str]]:
    """Returns the tests that show each requirement. A parametrized test counts if all its citing cases passed."""
    shown: dict[str, list[str]] = {}
    for requirement in ledger:
        cases = [case for case, cited in citations.items() if requirement in cited]
        missed = {_function(case) for case in cases if case not in passes}
        shown[requirement] = sorted({_function(case) for case in cases} - missed)
    return shown


def _function(case: str) -> str:
    return case.split("[", maxsplit=1)[0]


def lines(shown: Mapping[str, Sequence[str]]) -> Iterator[str]:
    width = max(map(len, shown))
    for requirement, tests in shown.items():
        first, *others = tests or ["-"]
        yield f"{requirement:{width}}  {first}"
        yield from (f"{'':{width}}  {test}" for test in others)


@click.command()
@click.option("--summary", is_flag=True, help="Print the last line only.")
def main(summary: bool) -> None:
    """Print each requirement with the passing tests that show it, from the results of the runs so far."""
    shown = shown_by(read_ledger(LEDGER), collect(), read_passes(RESULTS))
    for line in lines(shown) if not summary else ():
        click.echo(line)
    click.echo(f"{sum(map(bool, shown.values()))} of {len(shown)} shown")


if __name__ == "__main__":
    main()
