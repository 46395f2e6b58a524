"""`make test` leaves out a run only where nothing that it sees has changed."""

import subprocess
import sys

import pytest

from tests.support import stamp


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


def test_with_a_stamp_of_the_same_files_they_do_not(checkout, monkeypatch, capsys):
    assert answer(monkeypatch, "write") == 0
    assert answer(monkeypatch, "check") == 0
    assert "make test-again" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["product.py", "untracked.py", "docs/guide.md"])
def test_a_changed_or_new_file_makes_them_run(checkout, monkeypatch, name):
    answer(monkeypatch, "write")
    (checkout / name).parent.mkdir(exist_ok=True)
    (checkout / name).write_text("LIMIT = 2\n")
    assert answer(monkeypatch, "check") == 1


def test_a_deleted_file_and_another_interpreter_make_them_run(checkout, monkeypatch):
    answer(monkeypatch, "write")
    monkeypatch.setattr(sys, "version", "4.0")
    assert answer(monkeypatch, "check") == 1
    monkeypatch.undo()
    monkeypatch.chdir(checkout)
    (checkout / "product.py").unlink()
    assert answer(monkeypatch, "check") == 1


def test_files_that_git_ignores_do_not_count(checkout, monkeypatch):
    answer(monkeypatch, "write")
    (checkout / "build" / "report.json").write_text("{}")
    assert answer(monkeypatch, "check") == 0
