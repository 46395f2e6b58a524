"""Records which passing tests show which requirements of docs/requirements.md.

As a pytest plugin, this module refuses ids that the ledger does not list, and records the citing tests that passed. As
a program (`python -m tests.support.requirements`), it prints the ledger with those tests. The program collects the
tests again, so that a test that was deleted or no longer cites an id shows nothing, whatever its earlier results.

A test shows behaviour or, with ``permissions=True`` in its mark, only who may do something. A requirement whose
passing tests show nothing but permissions is listed apart, because nobody may be able to do it yet.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import io
import json
import operator
import os
import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest

LEDGER = Path("docs/requirements.md")
RESULTS = Path("build/requirements.json")
MARK = "requirement"
PERMISSIONS = "permissions"
SHOWN, PERMISSIONS_ONLY, NOT_SHOWN = "shown", "permissions only", "not"
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


@dataclass(frozen=True)
class Cited:
    """Ids that a test cites: those whose behaviour it shows, and those of which it shows only the permissions."""

    behaviour: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()

    def __or__(self, other: Cited) -> Cited:
        return Cited(self.behaviour | other.behaviour, self.permissions | other.permissions)

    @classmethod
    def by(cls, ids: Iterable[object], keywords: Mapping[str, object]) -> Cited:
        """Returns what a mark with these arguments cites."""
        cited = frozenset(map(str, ids))
        return cls(permissions=cited) if keywords.get(PERMISSIONS) else cls(behaviour=cited)


def cited_by(item: pytest.Item) -> Cited:
    """Returns what a test cites, by its own marks and those of its class and module."""
    marks = (Cited.by(mark.args, mark.kwargs) for mark in item.iter_markers(MARK))
    return functools.reduce(operator.or_, marks, Cited())


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
        cited = cited_by(test)
        faults = [
            f"unknown requirement {unknown}, the nearest is {self._nearest(unknown)}"
            for unknown in sorted((cited.behaviour | cited.permissions) - self.ledger.keys())
        ]
        for mark in test.iter_markers(MARK):
            if not mark.args:
                faults.append(f"@pytest.mark.{MARK} names no requirement")
            faults += [f"@pytest.mark.{MARK} has no option {name}" for name in mark.kwargs if name != PERMISSIONS]
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
    """Plugin that records what each collected test cites, by node id."""

    citations: dict[str, Cited] = field(default_factory=dict)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.citations = {item.nodeid: cited_by(item) for item in session.items}


def collect() -> dict[str, Cited]:
    collection = Collection()
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = pytest.main(["--collect-only", "-q", "-m", MARK], plugins=[collection])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise click.ClickException(f"the tests cannot be collected\n{said.getvalue()}")
    return collection.citations


@dataclass(frozen=True)
class Evidence:
    """Passing tests of a requirement: those that show its behaviour, and those that show only its permissions."""

    behaviour: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        return SHOWN if self.behaviour else PERMISSIONS_ONLY if self.permissions else NOT_SHOWN


def evidence(ledger: Iterable[str], citations: Mapping[str, Cited], passes: set[str]) -> dict[str, Evidence]:
    """Returns the tests that show each requirement. A parametrized test counts if all its citing cases passed."""
    return {
        requirement: Evidence(
            _shown({case for case, cited in citations.items() if requirement in cited.behaviour}, passes),
            _shown({case for case, cited in citations.items() if requirement in cited.permissions}, passes),
        )
        for requirement in ledger
    }


def _shown(cases: set[str], passes: set[str]) -> tuple[str, ...]:
    missed = {_function(case) for case in cases - passes}
    return tuple(sorted({_function(case) for case in cases} - missed))


def _function(case: str) -> str:
    return case.split("[", maxsplit=1)[0]


def lines(found: Mapping[str, Evidence]) -> Iterator[str]:
    """Yields three columns: requirement, status, and the tests that give it this status."""
    width = max(map(len, found))
    for requirement, of_it in found.items():
        first, *others = of_it.behaviour or of_it.permissions or ["-"]
        yield f"{requirement:{width}}  {of_it.status:{len(PERMISSIONS_ONLY)}}  {first}"
        yield from (f"{'':{width}}  {'':{len(PERMISSIONS_ONLY)}}  {test}" for test in others)


def summary_of(found: Mapping[str, Evidence]) -> str:
    count = Counter(of_it.status for of_it in found.values())
    return f"{count[SHOWN]} of {len(found)} shown, {count[PERMISSIONS_ONLY]} {PERMISSIONS_ONLY}, {count[NOT_SHOWN]} not"


@click.command()
@click.option("--summary", is_flag=True, help="Print the last line only.")
def main(summary: bool) -> None:
    """Print each requirement with its status and the tests that passed, from the results of the runs so far."""
    found = evidence(read_ledger(LEDGER), collect(), read_passes(RESULTS))
    for line in lines(found) if not summary else ():
        click.echo(line)
    click.echo(summary_of(found))


if __name__ == "__main__":
    main()
