"""Prints how long the tests of each area took, from the JUnit report of a run: ``python -m benchmarks.durations FILE``.

Write the report with ``make test`` and ``PYTEST_ADDOPTS=--junitxml=build/tests.xml``. Times are seconds of the tests,
fixtures included, summed over all workers. A fixture that several tests share counts for the first of them.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Mapping
from fnmatch import fnmatchcase
from operator import itemgetter
from pathlib import Path
from xml.etree import ElementTree

USE_CASES = (
    "packages/plinth-sandbox/tests/executors/*",
    "packages/plinth-sandbox/tests/patches/test_models*",
    "packages/plinth-sandbox/tests/patches/test_serving*",
    "tests/engine/example/test_a_persons_path*",
    "tests/engine/example/test_pushes*",
    "tests/engine/example/test_source_provider*",
    "tests/engine/use_cases/*",
    "tests/templates/*",
    "tests/unit/components/batch/*",
    "tests/unit/components/delivery/*",
    "tests/unit/components/identity/test_use_case_roles*",
    "tests/unit/components/monitoring/*",
    "tests/unit/components/serving/*",
    "tests/unit/runtime/*",
    "tests/unit/selfservice/promotions/*",
    "tests/unit/selfservice/requests/*",
    "tests/unit/selfservice/reviews/*",
    "tests/unit/selfservice/use_cases/*",
    "tests/unit/stacks/use_case/*",
)
"""Tests of use cases: delivery, promotion and serving, templates, and what the sandbox executes for them."""
FOUNDATION_EXECUTORS = ("test_environments", "test_glue_jobs", "test_json_path", "test_queries", "test_shared_registry")
"""Tests of executors that the data lake and the shared accounts need."""
FOUNDATION, USE_CASE = "foundation", "use cases"


def area_of(path: str) -> str:
    """Returns the area of a test by the path of its module, without ending."""
    if path.startswith("packages/plinth-sandbox/tests/executors/") and path.rpartition("/")[2] in FOUNDATION_EXECUTORS:
        return FOUNDATION
    return USE_CASE if any(fnmatchcase(path, pattern) for pattern in USE_CASES) else FOUNDATION


def folder_of(path: str) -> str:
    """Returns the folder by which times are listed: two levels, three below ``unit`` and ``engine``."""
    parts = path.split("/")
    if parts[0] == "packages":
        return "/".join(parts[:-1][1:4])
    return "/".join(parts[:-1][: 3 if parts[1] in ("engine", "unit") else 2])


def seconds_by_module(report: Path) -> Mapping[str, float]:
    """Returns the seconds of the tests of each module, by its path without ending.

    Raises: ValueError if the report contains no test.
    """
    found: defaultdict[str, float] = defaultdict(float)
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        found[_module(case.get("classname", ""))] += float(case.get("time", 0))
    if not found:
        raise ValueError(f"{report} contains no test")
    return found


def _module(classname: str) -> str:
    """Returns the path of a module. A class of tests follows the name of its module, which begins with ``test_``."""
    parts = classname.split(".")
    end = next((number for number, part in enumerate(parts, 1) if part.startswith("test_")), len(parts))
    return "/".join(parts[:end])


def summary(times: Mapping[str, float]) -> list[str]:
    """Returns one line for each area with its share, and below it one for each folder, the longest first."""
    total, lines = sum(times.values()), []
    for area in (FOUNDATION, USE_CASE):
        folders: defaultdict[str, float] = defaultdict(float)
        for path, seconds in times.items():
            if area_of(path) == area:
                folders[folder_of(path)] += seconds
        seconds = sum(folders.values())
        lines.append(f"{seconds:8.0f} s {seconds / total:5.0%}  {area}")
        lines += [
            f"{part:8.0f} s         {folder}"
            for folder, part in sorted(folders.items(), key=itemgetter(1), reverse=True)
        ]
    return [*lines, f"{total:8.0f} s  100%  all"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.durations", description=__doc__)
    parser.add_argument("report", type=Path, help="JUnit report of a test run.")
    print("\n".join(summary(seconds_by_module(parser.parse_args().report))))


if __name__ == "__main__":
    main()
