"""`make test` leaves out a run only where nothing that it sees has changed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import stamp

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("build/\n")
    (tmp_path / "product.py").write_text("LIMIT = 1\n")
    subprocess.run(["git", "-C", tmp_path, "add", "."], check=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def answer(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["stamp", *arguments])
    return stamp.main()


def test_without_a_stamp_the_tests_run(checkout, monkeypatch):
    assert answer(monkeypatch, "check") == 1


def pass_all_tests(monkeypatch):
    answer(monkeypatch, "check")
    return answer(monkeypatch, "write")


def test_with_a_stamp_of_the_same_files_they_do_not(checkout, monkeypatch, capsys):
    assert pass_all_tests(monkeypatch) == 0
    assert answer(monkeypatch, "check") == 0
    assert "make test-again" in capsys.readouterr().out


def test_a_file_that_changes_while_the_tests_run_makes_them_run_again(checkout, monkeypatch, capsys):
    answer(monkeypatch, "check")
    (checkout / "product.py").write_text("LIMIT = 2\n")
    assert answer(monkeypatch, "write") == 0
    assert "A file changed" in capsys.readouterr().out
    assert answer(monkeypatch, "check") == 1


def test_a_run_that_nothing_announced_leaves_no_stamp(checkout, monkeypatch):
    answer(monkeypatch, "write")
    assert answer(monkeypatch, "check") == 1


def test_make_ignores_options_of_the_shell_that_select_tests(tmp_path):
    """A stamp after ``PYTEST_ADDOPTS='-k one' make test`` would hide the failures of all other tests."""
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text() + "\nshow:\n\t@echo [$$PYTEST_ADDOPTS]\n")
    told = os.environ | {"PYTEST_ADDOPTS": "-k one"}
    said = subprocess.run(
        ["make", "--no-print-directory", "show"], cwd=tmp_path, env=told, capture_output=True, text=True, check=True
    ).stdout
    assert said.strip() == "[]"


@pytest.mark.parametrize("name", ["product.py", "untracked.py", "docs/guide.md"])
def test_a_changed_or_new_file_makes_them_run(checkout, monkeypatch, name):
    pass_all_tests(monkeypatch)
    (checkout / name).parent.mkdir(exist_ok=True)
    (checkout / name).write_text("LIMIT = 2\n")
    assert answer(monkeypatch, "check") == 1


def test_a_deleted_file_and_another_interpreter_make_them_run(checkout, monkeypatch):
    pass_all_tests(monkeypatch)
    monkeypatch.setattr(sys, "version", "4.0")
    assert answer(monkeypatch, "check") == 1
    monkeypatch.undo()
    monkeypatch.chdir(checkout)
    (checkout / "product.py").unlink()
    assert answer(monkeypatch, "check") == 1


def test_files_that_git_ignores_do_not_count(checkout, monkeypatch):
    pass_all_tests(monkeypatch)
    (checkout / "build" / "report.json").write_text("{}")
    assert answer(monkeypatch, "check") == 0
