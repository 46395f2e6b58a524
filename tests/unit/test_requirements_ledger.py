import json
import os
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.support.docs.ledger_status import cited, standing_of
from tests.support.ledger.citations import Cited, Level, Standing, best_levels
from tests.support.ledger.clauses import LEDGER, Ledger, parse_ledger, read_ledger
from tests.support.requirements import RESULTS, passing

ROOT = Path(__file__).parents[2]
SAMPLE_LEDGER = """\
areas:
  DEV:
    title: development
    requirements:
      DEV-01: Pipelines are started by CI.
      DEV-02:
        a: There is no way out.
        b: A rule refuses one.
  NET:
    title: network
    requirements:
      NET-01: Every service has an endpoint.
"""
WHO_MAY = "permissions: [DEV-01]\n"
SHOWN_NONE = "0 of 3 requirements shown in all clauses; clauses: 0 run, 0 declared, 0 permission, 4 open, 0 closed"
SHOWN_ONE = "1 of 3 requirements shown in all clauses; clauses: 0 run, 1 declared, 0 permission, 3 open, 0 closed"


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project of its own with the plugin and a ledger of three requirements with four clauses."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]\naddopts = -p xdist -p tests.support.requirements\nmarkers = requirement(*ids)")
    (pytester.path / LEDGER).parent.mkdir(parents=True)
    (pytester.path / LEDGER).write_text(SAMPLE_LEDGER)
    return pytester


def passes_of(project: pytest.Pytester) -> list[str]:
    return json.loads((project.path / RESULTS).read_text())


def printed_by(project: pytest.Pytester, *options: str) -> list[str]:
    return project.run(sys.executable, "-m", "tests.support.requirements", *options).outlines


def sample(head: str = "", requirements: str = "{DEV-01: It works.}") -> Ledger:
    return parse_ledger(f"{head}areas: {{DEV: {{title: development, requirements: {requirements}}}}}")


@pytest.mark.parametrize(
    ("head", "requirements", "fault"),
    [
        ("", "{DEV-01: It works., DEV-03: It works.}", "DEV-03 where DEV-02 is next"),
        ("", "{DEV-01: {a: It works.}}", "DEV-01: clauses are two or more"),
        ("", "{DEV-01: {a: It works., c: It ends.}}", "DEV-01: clauses are two or more, and lettered a, b, c"),
        ("", "{DEV-01: It works}", "DEV-01: not a sentence"),
        ("permissions: [DEV-02]\n", "{DEV-01: It works.}", "DEV-02 is not in the ledger"),
        ("taken back: {DEV-01.a: It fails.}\n", "{DEV-01: It works.}", r"DEV-01\.a is not in the ledger"),
    ],
)
def test_a_ledger_with_gaps_or_names_of_nothing_is_refused(head: str, requirements: str, fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        sample(head, requirements)


def test_an_id_listed_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="DEV-01 is listed twice"):
        sample(requirements="{DEV-01: It works., DEV-01: It ends.}")


def test_nothing_that_was_taken_back_is_shown() -> None:
    assert list(standing_of(read_ledger(ROOT / LEDGER), cited()).wrongly_taken_back()) == []
    standing = Standing(sample("taken back: {DEV-01: Nothing runs.}\n"), {"DEV-01": Level.DECLARED})
    assert list(standing.wrongly_taken_back()) == ["DEV-01"]


def test_a_requirement_is_whole_only_if_each_clause_is_shown() -> None:
    ledger = parse_ledger(SAMPLE_LEDGER)
    half = Standing(ledger, {"DEV-02.a": Level.RUN})
    assert (half.is_whole("DEV-02"), half.missing("DEV-02")) == (False, ["DEV-02.b"])
    assert Standing(ledger, {"DEV-02.a": Level.RUN, "DEV-02.b": Level.DECLARED}).is_whole("DEV-02")


def test_permissions_show_only_a_clause_that_says_who_may_do_what() -> None:
    levels = {"DEV-01": Level.PERMISSION}
    assert not Standing(parse_ledger(SAMPLE_LEDGER), levels).is_whole("DEV-01")
    assert Standing(parse_ledger(WHO_MAY + SAMPLE_LEDGER), levels).is_whole("DEV-01")


def test_a_clause_that_no_test_shows_is_closed_if_aws_closed_its_service() -> None:
    closed = "closed by AWS: [{service: Debugger, since: 2026-07-30, instead: Nothing., clauses: [DEV-02]}]\n"
    standing = Standing(parse_ledger(closed.replace("2026-07-30", "'2026-07-30'") + SAMPLE_LEDGER), {})
    assert [standing.status(clause) for clause in standing.ledger.clauses] == ["open", "closed", "closed", "open"]
    assert Standing(standing.ledger, {"DEV-02.a": Level.RUN}).status("DEV-02.a") == "run"


def test_the_best_level_of_a_clause_counts() -> None:
    shown = [Cited("DEV-01", level) for level in (Level.DECLARED, Level.RUN, Level.PERMISSION)]
    assert best_levels(shown) == {"DEV-01": Level.RUN}


def test_a_test_that_passes_is_printed_beside_each_clause_it_cites(project: pytest.Pytester):
    project.makepyfile(
        test_network="""
        import pytest

        @pytest.mark.requirement("DEV-02.a", "NET-01")
        def test_no_way_out(): pass

        @pytest.mark.requirement("NET-01")
        def test_endpoints(): pass

        @pytest.mark.requirement("DEV-02.b", level="run")
        def test_rule(): pass
    """
    )
    project.runpytest()
    summary = "2 of 3 requirements shown in all clauses; clauses: 1 run, 2 declared, 0 permission, 1 open, 0 closed"
    assert printed_by(project) == [
        "DEV-01    open        -",
        "DEV-02.a  declared    test_network.py::test_no_way_out",
        "DEV-02.b  run         test_network.py::test_rule",
        "NET-01    declared    test_network.py::test_endpoints",
        "                      test_network.py::test_no_way_out",
        summary,
    ]
    assert printed_by(project, "--summary") == [summary]


def test_what_aws_closed_and_what_was_taken_back_is_printed(project: pytest.Pytester):
    closed = "closed by AWS: [{service: Debugger, since: '2026-07-30', instead: Own checks., clauses: [NET-01]}]\n"
    (project.path / LEDGER).write_text(f"{closed}taken back: {{DEV-01: Nothing starts.}}\n{SAMPLE_LEDGER}")
    project.makepyfile("def test_it(): pass")
    project.runpytest()
    assert printed_by(project)[3:-1] == [
        "NET-01    closed      -",
        "closed by AWS since 2026-07-30: Debugger (NET-01). Own checks.",
        "taken back: DEV-01: Nothing starts.",
    ]


def test_a_test_in_a_folder_that_evaluates_policies_shows_permissions(project: pytest.Pytester):
    folder = project.path / "tests" / "access"
    folder.mkdir()
    (folder / "test_who.py").write_text("import pytest\n\n@pytest.mark.requirement('NET-01')\ndef test_who(): pass\n")
    project.runpytest()
    assert printed_by(project)[-2:] == [
        "NET-01    permission  tests/access/test_who.py::test_who",
        "0 of 3 requirements shown in all clauses; clauses: 0 run, 0 declared, 1 permission, 3 open, 0 closed",
    ]


def test_an_option_that_a_mark_does_not_have_fails_the_collection(project: pytest.Pytester):
    project.makepyfile("import pytest\n\n@pytest.mark.requirement('DEV-01', levle='run')\ndef test_it(): pass")
    result = project.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*::test_it: @pytest.mark.requirement has no option levle")


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
    assert printed_by(project, "--summary") == [SHOWN_ONE]
    module.write_text(module.read_text().replace("test_it", "test_renamed"))
    assert printed_by(project, "--summary") == [SHOWN_NONE]


def test_a_test_with_a_failing_case_shows_nothing():
    no_way_out, endpoints = Cited("DEV-02.a", Level.RUN), Cited("NET-01", Level.PERMISSION)
    zones = frozenset({no_way_out})
    citations = {"t.py::test_zones[2]": zones, "t.py::test_zones[3]": zones, "t.py::test_other": frozenset({endpoints})}
    shown = passing(citations, set(citations))
    assert shown == {no_way_out: ("t.py::test_zones",), endpoints: ("t.py::test_other",)}
    assert passing(citations, {"t.py::test_zones[2]"}) == {}


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "on two workers"])
def test_an_unknown_id_fails_the_collection_and_names_the_nearest(project: pytest.Pytester, workers: list[str]):
    project.makepyfile("import pytest\n\n@pytest.mark.requirement('DEV-1')\ndef test_it(): pass")
    result = project.runpytest(*workers)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*::test_it: unknown requirement DEV-1, the nearest is DEV-01")


def test_a_requirement_with_several_clauses_cannot_be_cited_as_a_whole(project: pytest.Pytester):
    project.makepyfile("import pytest\n\n@pytest.mark.requirement('DEV-02')\ndef test_it(): pass")
    result = project.runpytest()
    result.assert_outcomes(errors=1)
    fault = "*::test_it: DEV-02 has several clauses, cite those that the test shows: DEV-02.a, DEV-02.b"
    result.stdout.fnmatch_lines(fault)


def test_an_unknown_level_fails_the_collection(project: pytest.Pytester):
    project.makepyfile("import pytest\n\n@pytest.mark.requirement('DEV-01', level='seen')\ndef test_it(): pass")
    result = project.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*::test_it: unknown level seen, allowed are run, declared, permission")


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
    assert printed_by(project)[-1] == SHOWN_ONE


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
