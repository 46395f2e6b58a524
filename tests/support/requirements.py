"""Records which passing tests show which clauses of the ledger of requirements.

As a pytest plugin, this module refuses citations that the ledger does not allow, and records the citing tests that
passed. As a program (`python -m tests.support.requirements`), it prints the ledger with those tests. The program
collects the tests again, so that a test that was deleted or no longer cites a clause shows nothing, whatever its
earlier results.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import json
import os
import re
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest

from tests.support.ledger.citations import LEVEL, MARK, Cited, Level, Standing, best_levels, cited_by_mark
from tests.support.ledger.clauses import LEDGER, Ledger, read_ledger

RESULTS = Path("build/requirements.json")
# With `--dist loadgroup` pytest-xdist appends the group of a test to its node id.
GROUP = re.compile(r"(?<=[\w\]])@[^\]/:]*$")


def cited_by(item: pytest.Item) -> frozenset[Cited]:
    """Returns what a test cites, by its own marks and those of its class and module."""
    marks = (cited_by_mark(mark.args, mark.kwargs, item.nodeid) for mark in item.iter_markers(MARK))
    return frozenset().union(*marks)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Citations(read_ledger(config.rootpath / LEDGER)))
    # The workers of pytest-xdist send their reports to the controller, and only the controller records results.
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Passes(config.rootpath / RESULTS))


@dataclass(eq=False)
class Citations:
    """Plugin that fails the collection of a module if a mark names no clause of the ledger, or an unknown level."""

    ledger: Ledger

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

    def _faults(self, test: pytest.Item) -> Iterator[str]:
        for mark in test.iter_markers(MARK):
            if not mark.args:
                yield f"@pytest.mark.{MARK} names no requirement"
            yield from (f"@pytest.mark.{MARK} has no option {name}" for name in mark.kwargs if name != LEVEL)
            if mark.kwargs.get(LEVEL, Level.RUN) not in list(Level):
                yield f"unknown level {mark.kwargs[LEVEL]}, allowed are {', '.join(Level)}"
            yield from (
                unknown_clause(str(cited), self.ledger) for cited in mark.args if cited not in self.ledger.clauses
            )


def unknown_clause(cited: str, ledger: Ledger) -> str:
    """Returns what to cite instead of an id that is not a clause."""
    if clauses := ledger.requirements.get(cited):
        return f"{cited} has several clauses, cite those that the test shows: {', '.join(clauses)}"
    nearest = difflib.get_close_matches(cited.upper(), ledger.clauses, n=1, cutoff=0)[0]
    return f"unknown requirement {cited}, the nearest is {nearest}"


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

    citations: dict[str, frozenset[Cited]] = field(default_factory=dict)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.citations = {item.nodeid: cited_by(item) for item in session.items}


def collect() -> dict[str, frozenset[Cited]]:
    collection = Collection()
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = pytest.main(["--collect-only", "-q", "-m", MARK], plugins=[collection])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise click.ClickException(f"the tests cannot be collected\n{said.getvalue()}")
    return collection.citations


def passing(citations: Mapping[str, frozenset[Cited]], passes: set[str]) -> dict[Cited, tuple[str, ...]]:
    """Returns the passing tests of each citation. A parametrized test counts if all its citing cases passed."""
    cases: dict[Cited, set[str]] = {}
    for case, cited in citations.items():
        for citation in cited:
            cases.setdefault(citation, set()).add(case)
    shown = {cited: _shown(of_it, passes) for cited, of_it in cases.items()}
    return {cited: tests for cited, tests in shown.items() if tests}


def _shown(cases: set[str], passes: set[str]) -> tuple[str, ...]:
    missed = {_function(case) for case in cases - passes}
    return tuple(sorted({_function(case) for case in cases} - missed))


def _function(case: str) -> str:
    return case.split("[", maxsplit=1)[0]


def lines(standing: Standing, tests: Mapping[Cited, tuple[str, ...]]) -> Iterator[str]:
    """Yields clauses with their status and the tests that give it, then what AWS closed and what was taken back."""
    ledger = standing.ledger
    width = max(map(len, ledger.clauses))
    for clause in ledger.clauses:
        status = standing.status(clause)
        first, *others = tests[Cited(clause, standing.levels[clause])] if clause in standing.levels else ["-"]
        yield f"{clause:{width}}  {status:10}  {first}"
        yield from (f"{'':{width}}  {'':10}  {test}" for test in others)
    for closed in ledger.closed:
        yield f"closed by AWS since {closed.since}: {closed.service} ({', '.join(closed.clauses)}). {closed.instead}"
    yield from (f"taken back: {clause}: {reason}" for clause, reason in ledger.taken_back.items())


def summary_of(standing: Standing) -> str:
    """Returns how many requirements are shown in all their clauses, and how many clauses have each status."""
    whole = sum(map(standing.is_whole, standing.ledger.requirements))
    count = Counter(map(standing.status, standing.ledger.clauses))
    clauses = ", ".join(f"{count[status]} {status}" for status in (*Level, "open", "closed"))
    return f"{whole} of {len(standing.ledger.requirements)} requirements shown in all clauses; clauses: {clauses}"


@click.command()
@click.option("--summary", is_flag=True, help="Print the last line only.")
def main(summary: bool) -> None:
    """Print each clause with its level and the tests that passed, from the results of the runs so far."""
    tests = passing(collect(), read_passes(RESULTS))
    standing = Standing(read_ledger(LEDGER), best_levels(tests))
    for line in lines(standing, tests) if not summary else ():
        click.echo(line)
    click.echo(summary_of(standing))


if __name__ == "__main__":
    main()
