"""What `make test` leaves out, and what it never does."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.memory import MEMORY, OPTION

ROOT = Path(__file__).parents[2]
FILES = {
    "product.py": "LIMIT = 1\n",
    "docs/page.md": "A page.\n",
    ".gitignore": "build/\n__pycache__/\n.pytest_cache/\nrunpytest-*\nstdout\nstderr\n",
    "tests/support/shared.py": "",
    "tests/unit/test_limit.py": "import product\ndef test_limit(): assert product.LIMIT < 3\ndef test_one(): pass\n",
    "tests/unit/test_other.py": "from tests.support import shared\ndef test_other(): pass\n",
    "tests/engine/test_engine.py": "from tests.unit import test_other\ndef test_engine(): pass\n",
    "tests/sandbox/test_sandbox.py": "def test_sandbox(): pass\n",
}


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", f"{pytester.path}{os.pathsep}{ROOT}")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    # Two versions of a file within one second may have the same size; compiled code cannot tell them apart.
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    pytester.makeini("[pytest]\naddopts = -p xdist -p plugged --import-mode=importlib\ntestpaths = tests")
    # The folder that is under test here is called as the one that the plugin is in.
    (pytester.path / "plugged.py").write_bytes((ROOT / "tests/support/memory.py").read_bytes())
    for name, text in FILES.items():
        write(pytester, name, text)
    subprocess.run(["git", "init", "-q"], check=True)
    return pytester


def write(project: pytest.Pytester, name: str, text: str) -> None:
    path = project.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def files_run(project: pytest.Pytester, *options: str) -> set[str]:
    """The files of tests that ran, by their last word."""
    done = project.runpytest_subprocess(OPTION, "-v", *options)
    return {line.split("::")[0].rpartition("test_")[2].removesuffix(".py") for line in done.outlines if "::" in line}


EVERY = {"limit", "other", "engine", "sandbox"}


@pytest.mark.parametrize("workers", [(), ("--numprocesses", "2")], ids=["one process", "workers"])
def test_a_second_run_on_the_same_code_leaves_everything_out(project: pytest.Pytester, workers: Sequence[str]):
    project.runpytest_subprocess(OPTION, *workers).assert_outcomes(passed=5)
    again = project.runpytest_subprocess(OPTION, *workers)
    again.assert_outcomes()
    assert again.ret == pytest.ExitCode.OK
    again.stdout.fnmatch_lines(["left out: 4 files*"])


@pytest.mark.parametrize(
    ("changed", "text", "tested"),
    [
        ("product.py", "LIMIT = 2\n", EVERY),
        ("new.py", "", EVERY),
        ("tests/support/shared.py", "x = 1\n", {"other", "limit", "engine"}),
        ("docs/page.md", "Another page.\n", {"limit", "other"}),
        ("tests/unit/test_other.py", "def test_other(): assert True\n", {"limit", "other", "engine"}),
        ("tests/sandbox/test_sandbox.py", "def test_sandbox(): assert True\n", {"sandbox"}),
        ("build/log", "not under version control\n", set()),
    ],
)
def test_what_a_room_sees_decides_whether_it_is_tested_again(project: pytest.Pytester, changed, text, tested):
    assert files_run(project) == EVERY
    write(project, changed, text)
    assert files_run(project) == tested
    assert files_run(project) == set()


def test_what_failed_or_was_skipped_is_tested_again(project: pytest.Pytester):
    write(project, "product.py", "LIMIT = 3\n")
    write(project, "tests/sandbox/test_sandbox.py", "import pytest\ndef test_sandbox(): pytest.skip('no engine')\n")
    assert files_run(project) == EVERY
    assert files_run(project) == {"limit", "sandbox"}


def test_what_is_changed_while_it_is_tested_is_tested_again(project: pytest.Pytester):
    write(project, "tests/sandbox/test_sandbox.py", "from pathlib import Path\n" + WRITES)
    assert "sandbox" in files_run(project)
    assert "sandbox" in files_run(project)


WRITES = """
def test_sandbox():
    product = Path(__file__).parents[2] / "product.py"
    product.write_text(product.read_text() + "# more\\n")
"""


def test_a_part_of_a_file_is_not_the_file(project: pytest.Pytester):
    done = project.runpytest_subprocess(OPTION, "-k", "limit")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([f"*{OPTION} is for whole files*"])


def test_without_the_option_everything_is_tested_and_nothing_remembered(project: pytest.Pytester):
    assert files_run(project) == EVERY
    before = (project.path / MEMORY).read_text()
    project.runpytest_subprocess().assert_outcomes(passed=5)
    assert (project.path / MEMORY).read_text() == before


def test_an_interrupted_run_was_not_in_vain(project: pytest.Pytester):
    write(project, "tests/unit/test_other.py", "import os\ndef test_other(): os._exit(1)\n")
    project.runpytest_subprocess(OPTION)
    assert set(json.loads((project.path / MEMORY).read_text())) >= {"tests/engine/test_engine.py"}


def test_without_version_control_everything_is_tested(project: pytest.Pytester):
    (project.path / ".git").rename(project.path / "elsewhere")
    assert files_run(project) == EVERY
    assert files_run(project) == EVERY
