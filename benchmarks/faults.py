"""Plants faults one at a time and lists those that no test notices: ``python -m benchmarks.faults``.

``faults.yaml`` contains the faults: a file (``in``), the code to replace (``old``), the fault (``new``), and the test
that fails with it (``by``). A fault may name the clause of the requirements that it removes (``clause``), which its
test cites. The code occurs once in the file. Faults are planted in copies of the repository, so the
working tree never changes. With ``--list``, no test runs: the command prints the number of faults by area, and those
whose tests only ``make test-all`` runs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Literal

import yaml

from tests.support.nightly import is_nightly

REPOSITORY = Path(__file__).resolve().parent.parent
TABLE = Path(__file__).with_suffix(".yaml")
Result = Literal["noticed", "survived", "not run"]
_RESULTS: dict[int, Result] = {0: "survived", 1: "noticed"}
"""Results by exit status of pytest. Any other means that the test did not run."""


def not_copied(folder: str, names: Collection[str]) -> set[str]:
    """Returns what of a folder is not copied: in the root, hidden files and ``build``, which also names a template."""
    return {name for name in names if name.startswith(".") or name == "build"} if Path(folder) == REPOSITORY else set()


@dataclass(frozen=True, kw_only=True, slots=True)
class PlantedFault:
    """A small change of the code with which a test fails."""

    file: str
    old: str
    new: str
    test: str
    """Path or node id of pytest, or several of them with spaces in between."""
    clause: str = ""
    """Clause of the requirements that the fault removes. Empty if it removes less than a clause."""

    def plant(self, root: Path) -> None:
        """Changes the file below ``root``. Raises ValueError if the code to replace does not occur exactly once."""
        file = root / self.file
        text = file.read_text(encoding="utf-8")
        if (times := text.count(self.old)) != 1:
            raise ValueError(f"{self.file} contains {times} times {self.old!r}; renew the fault")
        file.write_text(text.replace(self.old, self.new), encoding="utf-8")

    def __str__(self) -> str:
        removes = f"{self.clause}: " if self.clause else ""
        return f"{removes}{self.file}: {self.old.strip()!r} -> {self.new.strip()!r}"


def faults_in(table: Path) -> list[PlantedFault]:
    """Returns the faults of a table."""
    rows = yaml.safe_load(table.read_text(encoding="utf-8"))
    return [
        PlantedFault(file=row["in"], old=row["old"], new=row["new"], test=row["by"], clause=row.get("clause", ""))
        for row in rows
    ]


def left_to_the_night(faults: Collection[PlantedFault], root: Path) -> list[PlantedFault]:
    """Returns the faults whose tests only ``make test-all`` runs."""
    return [fault for fault in faults if all(is_nightly(test, root) for test in fault.test.split())]


def area_of(fault: PlantedFault) -> str:
    """Returns the folder of a fault: the first one of its path, or a distribution below ``packages``."""
    parts = Path(fault.file).parts
    return "/".join(parts[: 2 if parts[0] == "packages" else 1])


def listing(faults: Collection[PlantedFault], root: Path) -> Iterator[str]:
    """Yields the lines of a Markdown table of the faults by area, and of a list of those left to ``make test-all``."""
    left = left_to_the_night(faults, root)
    planted, nightly = Counter(map(area_of, faults)), Counter(map(area_of, left))
    rows = [(f"`{area}`", number, nightly[area]) for area, number in sorted(planted.items())]
    yield "| faults in | planted | noticed by `make test` | left to `make test-all` |"
    yield "|---|---:|---:|---:|"
    for name, number, later in (*rows, ("all", len(faults), len(left))):
        yield f"| {name} | {number} | {number - later} | {later} |"
    if left:
        yield ""
        yield from (f"- {fault.file}: `{fault.old.strip()}` changes, noticed by `{fault.test}`" for fault in left)


def result_of(fault: PlantedFault, source: Path, copies: SimpleQueue[Path]) -> Result:
    """Plants a fault in a free copy of ``source``, runs its test, and removes the fault again."""
    copy = copies.get()
    try:
        fault.plant(copy)
        return _RESULTS.get(exit_status(fault.test.split(), copy), "not run")
    except ValueError as error:
        print(error, file=sys.stderr)
        return "not run"
    finally:
        shutil.copy2(source / fault.file, copy / fault.file)
        copies.put(copy)


def exit_status(tests: Collection[str], root: Path, *, keeps_bytecode: bool = False) -> int:
    """Returns the exit status of pytest.

    Runs with a fault keep no bytecode: Python compares the time of a change in whole seconds, so that a later run could
    use the bytecode of a fault of the same length.
    """
    command = [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider", *tests]
    environment = {
        **os.environ,
        # The environment has the packages of the repository installed, not those of the copy. Commands that a test
        # starts look here too.
        "PYTHONPATH": os.pathsep.join(map(str, [root, *sorted(root.glob("packages/*/src"))])),
        "PYTHONDONTWRITEBYTECODE": "" if keeps_bytecode else "1",
        "PYTEST_ADDOPTS": "",
    }
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, check=False).returncode


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--table", type=Path, default=TABLE, help="Default: benchmarks/faults.yaml.")
    parser.add_argument("--workers", type=int, default=2, help="Faults at the same time. Default: 2.")
    parser.add_argument("--clauses", action="store_true", help="Plant only the faults that remove a clause.")
    parser.add_argument("--list", action="store_true", help="Run nothing, and print the faults by area.")
    options = parser.parse_args()
    faults = [fault for fault in faults_in(options.table) if fault.clause or not options.clauses]
    if options.list:
        print(*listing(faults, REPOSITORY), sep="\n")
        return
    copies: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="plinth-faults-") as directory:
        first = Path(shutil.copytree(REPOSITORY, Path(directory) / "copy", ignore=not_copied))
        if exit_status({test for fault in faults for test in fault.test.split()}, first, keeps_bytecode=True):
            sys.exit("the tests fail without a fault; mend them first")
        for number in range(options.workers):
            copies.put(Path(shutil.copytree(first, Path(directory) / str(number))))
        with ThreadPoolExecutor(options.workers) as pool:
            results = pool.map(partial(result_of, source=REPOSITORY, copies=copies), faults)
            counted: Counter[Result] = Counter()
            for fault, result in zip(faults, results, strict=True):
                counted[result] += 1
                print(f"{result:<9} {fault}", flush=True)
    print(", ".join(f"{number} {result}" for result, number in sorted(counted.items())))
    for fault in left_to_the_night(faults, REPOSITORY):
        print(f"only `make test-all` notices {fault}")
    sys.exit(0 if counted.keys() == {"noticed"} else 1)


if __name__ == "__main__":
    main()
