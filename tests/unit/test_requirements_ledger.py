import json
import os
import sys
from itertools import groupby
from pathlib import Path

import pytest

from tests.support.requirements import LEDGER, RESULTS, Cited, evidence, read_ledger

ROOT = Path(__file__).parents[2]
SAMPLE_LEDGER = """\
| id | requirement |
| --- | --- |
| DEV-01 | Pipelines are started by CI. |
| DEV-03 | There is no way out. |
| NET-01 | Every service has an endpoint. |
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project of its own with the plugin and a ledger of three requirements."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]\naddopts = -p xdist -p tests.support.requirements\nmarkers = requirement(*ids)")
    (pytester.path / LEDGER).parent.mkdir()
    (pytester.path / LEDGER).write_text(SAMPLE_LEDGER)
    return pytester


def passes_of(project: pytest.Pytester) -> list[str]:
    return json.loads((project.path / RESULTS).read_text())


def printed_by(project: pytest.Pytester, *options: str) -> list[str]:
    return project.run(sys.executable, "-m", "tests.support.requirements", *options).outlines


def test_the_ledger_lists_each_group_without_a_gap_or_a_duplicate():
    ids = [requirement.split("-") for requirement in read_ledger(ROOT / LEDGER)]
    for group, members in groupby(ids, key=lambda parts: parts[0]):
        numbers = [int(number) for _, number in members]
        assert numbers == list(range(1, len(numbers) + 1)), group


def test_every_row_of_the_ledger_is_an_id_and_a_sentence():
    rows = [line for line in (ROOT / LEDGER).read_text().splitlines() if line.startswith("|")]
    entries = [row for row in rows if row not in ("| id | requirement |", "| --- | --- |")]
    ledger = read_ledger(ROOT / LEDGER)
    assert entries == [f"| {requirement} | {text} |" for requirement, text in ledger.items()]
    assert all(text.endswith(".") and "|" not in text for text in ledger.values())


def test_an_id_listed_twice_is_refused(tmp_path: Path):
    ledger = tmp_path / "requirements.md"
    ledger.write_text(SAMPLE_LEDGER + "| DEV-03 | There is no way in. |\n")
    with pytest.raises(ValueError, match="DEV-03 is listed twice"):
        read_ledger(ledger)


def test_a_test_that_passes_is_printed_beside_each_id_it_cites(project: pytest.Pytester):
    project.makepyfile(
        test_network="""
        import pytest

        @pytest.mark.requirement("DEV-03", "NET-01")
        def test_no_way_out(): pass

        @pytest.mark.requirement("NET-01")
        def test_endpoints(): pass
    """
    )
    project.runpytest()
    assert printed_by(project) == [
        "DEV-01  not               -",
        "DEV-03  shown             test_network.py::test_no_way_out",
        "NET-01  shown             test_network.py::test_endpoints",
        "                          test_network.py::test_no_way_out",
        "2 of 3 shown, 0 permissions only, 1 not",
    ]
    assert printed_by(project, "--summary") == ["2 of 3 shown, 0 permissions only, 1 not"]


def test_a_requirement_whose_tests_show_only_permissions_is_counted_apart(project: pytest.Pytester):
    project.makepyfile(
        test_access="""
        import pytest

        @pytest.mark.requirement("DEV-03", "NET-01", permissions=True)
        def test_who_may(): pass

        @pytest.mark.requirement("NET-01")
        def test_that_it_works(): pass
    """
    )
    project.runpytest()
    assert printed_by(project) == [
        "DEV-01  not               -",
        "DEV-03  permissions only  test_access.py::test_who_may",
        "NET-01  shown             test_access.py::test_that_it_works",
        "1 of 3 shown, 1 permissions only, 1 not",
    ]


def test_an_option_that_a_mark_does_not_have_fails_the_collection(project: pytest.Pytester):
    project.makepyfile("import pytest\n\n@pytest.mark.requirement('DEV-01', permision=True)\ndef test_it(): pass")
    result = project.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*::test_it: @pytest.mark.requirement has no option permision")


@pytest.mark.parametrize(
    "body",
    [
        "def test_it(): assert False",
        "def test_it(): pytest.skip('no engine')",
        "@pytest.mark.xfail\ndef test_it(): assert False",
        "@pytest.mark.xfail\ndef test_it(): pass",
        "@pytest.fixture\ndef broken(): assert False\n\ndef test_it(broken): pass",
        "@pytest.fixture\ndef broken():\n    yield\n    assert False\n\ndef test_it(broken): pass",
    ],
    ids=["failed", "skipped", "failed as expected", "passed unexpectedly", "setup failed", "teardown failed"],
)
def test_a_test_that_does_not_pass_shows_nothing(project: pytest.Pytester, body: str):
    project.makepyfile(f"import pytest\n\npytestmark = pytest.mark.requirement('DEV-01')\n\n{body}")
    project.runpytest()
    assert passes_of(project) == []


def test_a_run_changes_only_what_is_known_of_the_tests_it_ran(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    project.makepyfile(
        test_moods="""
        import os, pytest

        @pytest.mark.requirement("DEV-01")
        def test_steady(): pass

        @pytest.mark.requirement("DEV-01")
        def test_calm(): assert "STORM" not in os.environ

        def test_citing_nothing(): pass
    """
    )
    project.runpytest()
    assert passes_of(project) == ["test_moods.py::test_calm", "test_moods.py::test_steady"]
    monkeypatch.setenv("STORM", "1")
    project.runpytest("-k", "calm")
    assert passes_of(project) == ["test_moods.py::test_steady"]


def test_a_test_that_no_longer_exists_shows_nothing(project: pytest.Pytester):
    module = project.makepyfile("import pytest\n\n@pytest.mark.requirement('DEV-01')\ndef test_it(): pass")
    project.runpytest()
    assert printed_by(project, "--summary") == ["1 of 3 shown, 0 permissions only, 2 not"]
    module.write_text(module.read_text().replace("test_it", "test_renamed"))
    assert printed_by(project, "--summary") == ["0 of 3 shown, 0 permissions only, 3 not"]


def test_a_test_with_a_failing_case_shows_nothing():
    zones, other = Cited(frozenset({"DEV-03"})), Cited(permissions=frozenset({"NET-01"}))
    citations = {"t.py::test_zones[2]": zones, "t.py::test_zones[3]": zones, "t.py::test_other": other}
    ledger = ["DEV-03", "NET-01"]
    shown = evidence(ledger, citations, set(citations))
    assert (shown["DEV-03"].behaviour, shown["NET-01"].permissions) == (("t.py::test_zones",), ("t.py::test_other",))
    assert {of_it.status for of_it in evidence(ledger, citations, {"t.py::test_zones[2]"}).values()} == {"not"}


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "on two workers"])
def test_an_unknown_id_fails_the_collection_and_names_the_nearest(project: pytest.Pytester, workers: list[str]):
    project.makepyfile("import pytest\n\n@pytest.mark.requirement('DEV-3')\ndef test_it(): pass")
    result = project.runpytest(*workers)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*::test_it: unknown requirement DEV-3, the nearest is DEV-03")


def test_a_mark_without_an_id_fails_the_collection(project: pytest.Pytester):
    project.makepyfile("import pytest\n\n@pytest.mark.requirement()\ndef test_it(): pass")
    result = project.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*::test_it: @pytest.mark.requirement names no requirement")


def test_the_report_refuses_tests_that_cannot_be_collected(project: pytest.Pytester):
    project.makepyfile("import a_module_that_does_not_exist")
    result = project.run(sys.executable, "-m", "tests.support.requirements")
    assert result.ret == 1
    result.stderr.fnmatch_lines("Error: the tests cannot be collected")
    result.stderr.fnmatch_lines("*No module named 'a_module_that_does_not_exist'")


def test_workers_of_xdist_report_to_one_file(project: pytest.Pytester):
    project.makepyfile(
        test_many="""
        import pytest

        @pytest.mark.requirement("NET-01")
        @pytest.mark.parametrize("number", range(6))
        def test_number(number): assert number != 4

        @pytest.mark.requirement("DEV-01")
        def test_other(): pass
    """
    )
    project.runpytest("-n", "2").assert_outcomes(passed=6, failed=1)
    assert passes_of(project) == [
        *(f"test_many.py::test_number[{number}]" for number in (0, 1, 2, 3, 5)),
        "test_many.py::test_other",
    ]
    assert printed_by(project)[-1] == "1 of 3 shown, 0 permissions only, 2 not"


def test_a_test_of_an_xdist_group_is_known_by_its_own_name(project: pytest.Pytester):
    project.makepyfile(
        test_groups="""
        import pytest

        @pytest.mark.xdist_group("engine")
        @pytest.mark.requirement("NET-01")
        @pytest.mark.parametrize("owner", ["owner@acme.example"])
        def test_owner(owner): pass

        @pytest.mark.xdist_group("engine")
        @pytest.mark.requirement("DEV-01")
        def test_other(): pass
    """
    )
    project.runpytest("-n", "2", "--dist", "loadgroup")
    assert passes_of(project) == ["test_groups.py::test_other", "test_groups.py::test_owner[owner@acme.example]"]


def test_a_crashed_worker_takes_back_what_its_test_had_shown(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    project.makepyfile(
        test_crash="""
        import os, pytest

        @pytest.mark.requirement("DEV-01")
        def test_it():
            if "STORM" in os.environ:
                os._exit(1)
    """
    )
    project.runpytest("-n", "1")
    assert passes_of(project) == ["test_crash.py::test_it"]
    monkeypatch.setenv("STORM", "1")
    project.runpytest("-n", "1")
    assert passes_of(project) == []


def test_unit_tests_see_no_account_engine_or_sandbox_of_the_shell(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    project.makeconftest((ROOT / "tests/conftest.py").read_text())
    names = {"AWS_ENDPOINT_URL", "PULUMI_BACKEND_URL", "PLINTH_SANDBOX_DIR"}
    for name in names:
        monkeypatch.setenv(name, "x")
    expectations = {"unit": f"not {names} & os.environ.keys()", "engine": f"{names} <= os.environ.keys()"}
    for folder, expected in expectations.items():
        module = project.mkpydir(folder) / f"test_{folder}.py"
        module.write_text(f"import os\n\ndef test_it(): assert {expected}")
    # A process of its own: another test of this worker may have imported modules named like these.
    project.runpytest_subprocess().assert_outcomes(passed=2)
