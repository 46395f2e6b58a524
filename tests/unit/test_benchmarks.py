"""Tests of benchmarks: the stacks deployed before a measurement, and the planted faults."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from queue import SimpleQueue

import pytest

from benchmarks.__main__ import STACK, needed_by
from benchmarks.dropped_tokens.tokens import tokens_in
from benchmarks.faults import TABLE, PlantedFault, faults_in, listing, not_copied, result_of
from plinth_sandbox.testing import EmulatedAws
from settings.derived.stack_graph import StackIdentity
from settings.files.loader import load
from tests.support.docs.ledger_status import cited_in
from tests.support.workbench import REPOSITORY


def test_all_that_the_measured_stack_stands_on_is_up_before_and_nothing_that_stands_on_it() -> None:
    foundation = load(REPOSITORY)
    before = needed_by(StackIdentity.parse(STACK), foundation)
    assert {"organization", "fraud"} <= set(before)
    for name in before:
        needs = {stack.name for stack in foundation.stacks[StackIdentity.parse(name)]}
        assert needs <= set(before)
        assert STACK not in {name, *needs}


def test_benchmarks_start_from_a_shell_without_the_paths_of_pytest() -> None:
    folder = REPOSITORY / "benchmarks"
    modules = [path for path in folder.rglob("*.py") if path.parent.name != "peers"]  # whose packages nobody installs
    names = [".".join(module.relative_to(REPOSITORY).with_suffix("").parts) for module in modules]
    subprocess.run([sys.executable, "-c", f"import {', '.join(sorted(names))}"], cwd=REPOSITORY, check=True)


def test_the_cost_of_checks_is_measured_on_every_changing_request(tmp_path: Path) -> None:
    with EmulatedAws(tmp_path) as aws:
        aws.client("kms").create_key()
        aws.client("kms").list_keys()
        aws.client("sns").create_topic(Name="records")
    command = [sys.executable, "-m", "benchmarks.checking", tmp_path]
    ran = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("2 changing requests: ")


@pytest.mark.parametrize(
    ("old", "test", "result"),
    [
        ("+ 1", "test_code.py", "noticed"),
        ("+ 1", "test_code.py::test_nothing", "survived"),
        ("+ 1", "test_other.py", "not run"),
        ("+ 2", "test_code.py", "not run"),
    ],
)
def test_a_planted_fault_is_noticed_or_survives_and_stays_in_its_copy(
    tmp_path: Path, old: str, test: str, result: str
) -> None:
    code, tests = "def more(n):\n    return n + 1\n", "def test_nothing(): ...\n"
    tests = f"from code_of_tests import more\n{tests}def test_more(): assert more(1) == 2\n"
    for folder in ("source", "copy"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "code_of_tests.py").write_text(code)
        (tmp_path / folder / "test_code.py").write_text(tests)
    copies: SimpleQueue[Path] = SimpleQueue()
    copies.put(tmp_path / "copy")
    fault = PlantedFault(file="code_of_tests.py", old=old, new="- 1", test=test)
    assert result_of(fault, tmp_path / "source", copies) == result
    assert [(tmp_path / directory / "code_of_tests.py").read_text() for directory in ("source", "copy")] == [code, code]
    assert copies.get_nowait() == tmp_path / "copy"


def test_a_fault_in_a_package_of_the_repository_is_planted_in_the_package_that_the_test_imports(tmp_path: Path) -> None:
    """The environment has plinth-sandbox installed from the repository, and not from the copy."""
    file = "packages/plinth-sandbox/src/plinth_sandbox/__init__.py"
    for name in ("source", "copy"):
        (tmp_path / name / file).parent.mkdir(parents=True)
        (tmp_path / name / file).write_text("VALUE = 1")
        (tmp_path / name / "test_value.py").write_text(
            "import plinth_sandbox\ndef test():\n    assert plinth_sandbox.VALUE == 1"
        )
    copies: SimpleQueue[Path] = SimpleQueue()
    copies.put(tmp_path / "copy")
    fault = PlantedFault(file=file, old="= 1", new="= 2", test="test_value.py")
    assert result_of(fault, tmp_path / "source", copies) == "noticed"


def test_every_file_with_a_planted_fault_is_in_the_copy() -> None:
    for fault in faults_in(TABLE):
        paths = [REPOSITORY / fault.file, *(REPOSITORY / fault.file).parents]
        parts = [path for path in paths if path.is_relative_to(REPOSITORY) and path != REPOSITORY]
        assert [part for part in parts if not_copied(str(part.parent), [part.name])] == []
    assert not_copied(str(REPOSITORY), ["build", ".git", "benchmarks"]) == {"build", ".git"}


def test_every_planted_fault_changes_one_place_of_today_and_names_tests_that_exist() -> None:
    """A fault whose code has changed meanwhile would be planted nowhere."""
    for fault in faults_in(TABLE):
        assert (REPOSITORY / fault.file).read_text().count(fault.old) == 1, fault
        assert fault.old != fault.new
        for tests in fault.test.split():
            assert (REPOSITORY / tests.partition("::")[0]).exists(), fault


def test_the_test_of_a_fault_that_removes_a_clause_cites_the_clause() -> None:
    removing = [fault for fault in faults_in(TABLE) if fault.clause]
    assert len(removing) >= 10
    for fault in removing:
        file, _, name = fault.test.partition("::")
        module = ast.parse((REPOSITORY / file).read_text())
        (test,) = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == name]
        assert fault.clause in {citation.clause for citation in cited_in(ast.unparse(test), file)}, fault


def test_faults_are_counted_by_area_and_those_left_to_the_night_are_named() -> None:
    fault = {"old": "1", "new": " 2"}
    day, night = "tests/unit/test_benchmarks.py", "tests/engine/test_growth.py"
    faults = [
        PlantedFault(file="stacks/a.py", test=day, **fault),
        PlantedFault(file="stacks/b.py", test=night, **fault),
        PlantedFault(file="packages/iam-evaluator/src/c.py", test=f"{night} {day}", **fault),
    ]
    lines = list(listing(faults, REPOSITORY))
    assert lines[2:5] == ["| `packages/iam-evaluator` | 1 | 1 | 0 |", "| `stacks` | 2 | 1 | 1 |", "| all | 3 | 2 | 1 |"]
    assert lines[5:] == ["", f"- stacks/b.py: `1` changes, noticed by `{night}`"]


def test_the_page_about_benchmarks_shows_the_planted_faults_of_today() -> None:
    page = (REPOSITORY / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert "\n".join(listing(faults_in(TABLE), REPOSITORY)) in page


CODE = """
TYPES = ("aws:s3/bucket:Bucket", *MORE)
PATHS = {"aws:kms/key:Key": "policy", **OTHERS}
RULE = Rule(title="no token", sources=("S3.1",), checks=of("no token", ["Action"]), word=violation("no token"))
"""


def test_tokens_are_the_texts_of_lists_and_mappings_and_no_prose() -> None:
    texts = [text for _, text, _ in tokens_in(ast.parse(CODE))]
    assert texts == [
        "'aws:s3/bucket:Bucket'",
        "'aws:kms/key:Key': 'policy'",
        "value 'policy'",
        "'Action'",
    ]


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (0, "TYPES = (*MORE,)"),
        (1, "PATHS = {**OTHERS}"),
        (2, "PATHS = {'aws:kms/key:Key': 'dropped:nothing', **OTHERS}"),
    ],
)
def test_one_token_is_dropped(number: int, line: str) -> None:
    tree = ast.parse(CODE)
    *_, drop = list(tokens_in(tree))[number]
    drop()
    changed = set(ast.unparse(tree).splitlines()) - set(ast.unparse(ast.parse(CODE)).splitlines())
    assert changed == {line}
