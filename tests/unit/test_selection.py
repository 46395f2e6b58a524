"""Which tests `make test-changed` runs."""

from __future__ import annotations

import subprocess

import pytest

from benchmarks.faults import PlantedFault
from tests.support.selection.declared import IMPORTED_BY_NAME, TESTS_BY_FILE, declared_tests
from tests.support.selection.graph import ImportGraph, import_graph
from tests.support.selection.select import (
    BUDGET_SECONDS,
    PLANTED_FAULTS,
    modules_of_tests,
    planted_fault_tests,
    select,
)
from tests.support.workbench import REPOSITORY

NETWORK, TEST = "components/network/private_network.py", "tests/unit/components/network/test_private_network.py"
FAR = "tests/unit/stacks/network/test_network.py"
SMALL = ImportGraph(
    {
        NETWORK: frozenset({TEST, "stacks/network/stack.py"}),
        "stacks/network/stack.py": frozenset({FAR}),
        "components/studio/__init__.py": frozenset(),
        TEST: frozenset(),
        FAR: frozenset(),
    }
)
TESTS = [TEST, FAR]


@pytest.fixture(scope="module")
def graph() -> ImportGraph:
    return import_graph(REPOSITORY)


def test_the_tests_that_import_a_module_are_selected_the_nearest_first() -> None:
    assert select(NETWORK, SMALL, TESTS, {}).chosen == (TEST, FAR)


def test_the_budget_leaves_the_farthest_tests_and_says_how_many() -> None:
    found = select(NETWORK, SMALL, TESTS, {TEST: BUDGET_SECONDS * 2, FAR: 1.0})
    assert (found.chosen, found.left) == ((TEST,), 1)


def test_a_changed_test_module_is_selected_itself_also_if_it_is_nightly() -> None:
    assert select("tests/engine/test_growth.py", SMALL, TESTS, {}).chosen == ("tests/engine/test_growth.py",)


def test_a_change_of_a_file_with_a_planted_fault_runs_the_test_of_the_table() -> None:
    fault = PlantedFault(file=NETWORK, old="a", new="b", test=TEST)
    assert planted_fault_tests([NETWORK, FAR], [fault]) == [PLANTED_FAULTS]
    assert planted_fault_tests([FAR], [fault]) == []
    module, _, name = PLANTED_FAULTS.partition("::")
    assert f"def {name}(" in (REPOSITORY / module).read_text()


def test_a_file_that_a_module_reads_selects_the_tests_of_its_package() -> None:
    assert SMALL.owner_of("components/studio/lifecycle/git.sh") == "components/studio/__init__.py"
    with pytest.raises(LookupError, match=r"new/kind.txt: no test imports this file; declare its tests in"):
        select("new/kind.txt", SMALL, TESTS, {})


def test_every_file_of_the_repository_has_importers_or_declared_tests(graph: ImportGraph) -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    files = [file for file in listed.splitlines() if (REPOSITORY / file).is_file()]
    known = set(graph.importers)
    unknown = [
        file for file in files if file not in known and declared_tests(file) is None and graph.owner_of(file) is None
    ]
    assert len(files) > 2000
    assert unknown == []


def test_every_module_with_code_selects_a_test(graph: ImportGraph) -> None:
    tests = modules_of_tests(graph, REPOSITORY)
    modules = [file for file in graph.importers if "tests/" not in file and not file.endswith("/__init__.py")]
    assert [file for file in modules if not select(file, graph, tests, {}).chosen] == []


def test_a_component_selects_its_own_tests_and_none_of_another_kind(graph: ImportGraph) -> None:
    tests = modules_of_tests(graph, REPOSITORY)
    chosen = select(NETWORK, graph, tests, {}).chosen
    assert chosen[0].startswith("tests/unit/components/network/")
    assert "tests/unit/settings/files/test_loader.py" not in chosen


def test_declared_tests_and_importers_exist() -> None:
    tests = {test for _, tests in TESTS_BY_FILE for test in tests}
    assert [path for path in sorted(tests) if not (REPOSITORY / path).exists()] == []
    assert [importer for _, importer in IMPORTED_BY_NAME if not (REPOSITORY / importer).exists()] == []
