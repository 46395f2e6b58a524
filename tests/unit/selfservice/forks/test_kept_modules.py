"""Forked programs and policy packs take over modules while their files are the imported ones."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

from selfservice.forks import kept_modules

KEPT = frozenset({"kept"})
NAMES = ("kept", "kept.values", "other_module")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose settings are the package ``kept``; they and another module are imported."""
    (tmp_path / "kept").mkdir()
    for name in ("kept/__init__.py", "kept/values.py", "other_module.py"):
        (tmp_path / name).write_text("VALUE = 1\n")
    monkeypatch.setattr(kept_modules, "_DISCOVERED", {"kept"})
    monkeypatch.setattr(kept_modules, "_PROGRAM_ROOT", tmp_path)
    monkeypatch.setattr(kept_modules, "_versions", {})
    monkeypatch.syspath_prepend(tmp_path)
    for name in NAMES:
        import_module(name)
    monkeypatch.setattr(kept_modules, "OF_PROGRAMS", KEPT)
    kept_modules.note_imports()
    yield tmp_path
    for name in NAMES:
        sys.modules.pop(name, None)


def imported() -> set[str]:
    return {name for name in NAMES if name in sys.modules}


def test_settings_stay_and_other_modules_are_imported_anew(project: Path) -> None:
    kept_modules.forget(KEPT)
    assert imported() == {"kept", "kept.values"}


@pytest.mark.parametrize("change", ["longer", "later", "gone"])
def test_settings_with_a_changed_file_are_imported_anew(project: Path, change: str) -> None:
    file = project / "kept" / "values.py"
    if change == "longer":
        file.write_text("VALUE = 22\n")
    elif change == "later":
        file.touch()
    else:
        file.unlink()
    kept_modules.forget(KEPT)
    assert imported() == set()


def test_modules_that_are_found_by_listing_are_imported_anew_when_one_is_added(project: Path) -> None:
    (project / "kept" / "__pycache__").mkdir(exist_ok=True)
    (project / "kept" / "added.py").write_text("")
    kept_modules.forget(KEPT)
    assert imported() == set()


def test_settings_of_which_a_module_has_no_known_version_are_imported_anew(project: Path) -> None:
    (project / "kept" / "late.py").write_text("")
    import_module("kept.late")
    kept_modules.forget(KEPT)
    assert imported() == set()
    assert "kept.late" not in sys.modules
