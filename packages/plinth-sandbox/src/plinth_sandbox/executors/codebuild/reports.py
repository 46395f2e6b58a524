"""Test reports in JUnit's format and coverage reports in Cobertura's, as CodeBuild shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from plinth_sandbox.executors.codebuild.buildspec import FORMATS

MAXIMUM_CASES = 500
"""Test cases of a report (CodeBuild User Guide, "Quotas", read 2026-11-22). A report with more is truncated."""
_MESSAGE_LENGTH = 5000
_BRANCHES = re.compile(r"\((\d+)/(\d+)\)")


class ReportError(Exception):
    """A file is not a report of the format that the buildspec names."""


def read(form: str, files: Iterable[Path], root: Path) -> dict[str, Any]:
    """Returns the members of a report and its details. Raises: ReportError."""
    roots = [_root(file) for file in files]
    return _tests(roots) if FORMATS[form] == "TEST" else _coverage(roots, root)


def _root(file: Path) -> ElementTree.Element:
    try:
        # The build wrote the file, and this process is part of the build. expat bounds the expansion of entities.
        return ElementTree.parse(file).getroot()
    except ElementTree.ParseError as error:
        raise ReportError(f"{file.name}: {error}") from error


def _tests(roots: Iterable[ElementTree.Element]) -> dict[str, Any]:
    cases = [
        _case(case, str(suite.get("name", "")))
        for root in roots
        for suite in ([root] if root.tag == "testsuite" else root.iter("testsuite"))
        for case in suite.findall("testcase")
    ]
    counts = dict.fromkeys(("ERROR", "FAILED", "SKIPPED", "SUCCEEDED", "UNKNOWN"), 0)
    for case in cases:
        counts[case["status"]] += 1
    failed = counts["ERROR"] + counts["FAILED"]
    return {
        "type": "TEST",
        "status": "FAILED" if failed else "SUCCEEDED",
        "truncated": len(cases) > MAXIMUM_CASES,
        "summary": {
            "total": len(cases),
            "statusCounts": counts,
            "durationInNanoSeconds": sum(case["durationInNanoSeconds"] for case in cases),
        },
        "details": cases[:MAXIMUM_CASES],
    }


def _case(case: ElementTree.Element, suite: str) -> dict[str, Any]:
    status, message = "SUCCEEDED", ""
    for tag, meaning in (("error", "ERROR"), ("failure", "FAILED"), ("skipped", "SKIPPED")):
        if (found := case.find(tag)) is not None:
            status, message = meaning, str(found.get("message") or found.text or "")
            break
    return {
        "prefix": str(case.get("classname", "")),
        "name": str(case.get("name", "")),
        "status": status,
        "durationInNanoSeconds": round(float(case.get("time") or 0) * 1e9),
        "message": message[:_MESSAGE_LENGTH],
        "testSuiteName": suite,
    }


def _coverage(roots: Iterable[ElementTree.Element], folder: Path) -> dict[str, Any]:
    files = [_file(found, folder) for root in roots for found in root.iter("class")]
    covered, missed = (sum(file[name] for file in files) for name in ("linesCovered", "linesMissed"))
    taken, untaken = (sum(file[name] for file in files) for name in ("branchesCovered", "branchesMissed"))
    return {
        "type": "CODE_COVERAGE",
        "status": "SUCCEEDED",
        "truncated": False,
        "summary": {**_share("line", covered, missed), **_share("branch", taken, untaken)},
        "details": files,
    }


def _file(found: ElementTree.Element, folder: Path) -> dict[str, Any]:
    lines = found.findall("lines/line")
    covered = sum(int(line.get("hits", 0)) > 0 for line in lines)
    branches = [match for line in lines if (match := _BRANCHES.search(line.get("condition-coverage", "")))]
    taken = sum(int(match[1]) for match in branches)
    untaken = sum(int(match[2]) for match in branches) - taken
    path = str(found.get("filename", ""))
    return {
        "filePath": str(folder / path),
        **_share("line", covered, len(lines) - covered),
        **_share("branch", taken, untaken),
    }


def _share(noun: str, covered: int, missed: int) -> dict[str, Any]:
    """Returns the members about lines or branches. Nothing to cover counts as covered."""
    plural = "lines" if noun == "line" else "branches"
    total = covered + missed
    percentage = round(100 * covered / total, 2) if total else 100.0
    return {
        f"{noun}CoveragePercentage": percentage,
        f"{plural}Covered": covered,
        f"{plural}Missed": missed,
    }
