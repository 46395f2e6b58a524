"""Runs the tests that a change can affect: ``python -m tests.support.selection``."""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

import click

from benchmarks.faults import TABLE, faults_in
from tests.support.durations import RESULTS
from tests.support.selection.graph import ImportGraph, import_graph
from tests.support.selection.select import (
    Selection,
    modules_of_tests,
    planted_fault_tests,
    seconds_of_modules,
    select,
)

MEASURED = ("settings/", "components/", "stacks/", "policies/", "selfservice/", "runtime/", "packages/")
PARALLEL_FROM_SECONDS = 20.0
"""Processor time from which two worker processes are faster than one process."""


def changed_files(root: Path, base: str | None) -> list[str]:
    """Returns the files that differ from a commit, committed or not; by default from where the branch left main."""
    if base is None:
        base = next(
            (found for branch in ("origin/main", "main") if (found := _git(root, "merge-base", branch, "HEAD"))), "HEAD"
        )
    listed = (
        _git(root, "diff", "--name-only", "--no-renames", base),
        _git(root, "ls-files", "--others", "--exclude-standard"),
    )
    return sorted({file for output in listed for file in output.splitlines() if (root / file).is_file()})


def _git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False).stdout.strip()


@click.command()
@click.option("--base", help="Commit to compare with. Default: where the branch left main.")
@click.option("--measure", is_flag=True, help="Print what a change of each module would run, and run nothing.")
def main(base: str | None, measure: bool) -> None:
    """Run the tests nearest to the changed files. `make test` runs all others that import them."""
    root = Path.cwd()
    graph = import_graph(root)
    tests, seconds = modules_of_tests(graph, root), seconds_of_modules(root / RESULTS)
    if measure:
        print_measures(graph, tests, seconds)
        return
    try:
        selections = [select(file, graph, tests, seconds) for file in changed_files(root, base)]
    except LookupError as error:
        raise click.ClickException(str(error)) from None
    for selection in selections:
        left = f"; {selection.left} more are left to `make test`" if selection.left else ""
        click.echo(f"{selection.file}: {len(selection.chosen)} test modules{left}")
    chosen = list(dict.fromkeys(test for selection in selections for test in selection.chosen))
    chosen += planted_fault_tests([selection.file for selection in selections], faults_in(TABLE))
    sources = [selection.file for selection in selections if selection.file.endswith(".py")]
    if sources and subprocess.run([_tool("ruff"), "check", "--quiet", *sources], check=False).returncode:
        sys.exit(1)
    if not chosen:
        click.echo("No test imports or reads a changed file.")
        return
    long = sum(seconds.get(test, 0.0) for test in chosen) > PARALLEL_FROM_SECONDS
    workers = ["--numprocesses", "2", "--no-loadscope-reorder"] if long else []
    sys.exit(subprocess.run([_tool("pytest"), "--quiet", *workers, *chosen], check=False).returncode)


def print_measures(graph: ImportGraph, tests: list[str], seconds: dict[str, float]) -> None:
    files = [file for file in sorted(graph.importers) if file.startswith(MEASURED) and "/tests/" not in file]
    found: list[tuple[float, Selection]] = []
    for file in files:
        selected = select(file, graph, tests, seconds)
        found.append((sum(seconds.get(test, 0.0) for test in selected.chosen), selected))
    used = [cost for cost, _ in found]
    click.echo(
        f"{len(files)} modules: {statistics.median(used):.1f} processor seconds in the median, {max(used):.1f} at most"
    )
    counts = [len(selection.chosen) for _, selection in found]
    click.echo(f"{statistics.median(counts):.0f} test modules in the median, {max(counts)} at most")
    click.echo(f"{sum(not selection.chosen for _, selection in found)} modules that no test imports")


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


if __name__ == "__main__":
    main()
