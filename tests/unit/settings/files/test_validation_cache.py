"""Validated settings load from the cache, and the cache never hides a fault."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.derived.validated_foundation import ValidatedFoundation
from settings.files import loader, validation_cache
from settings.files.cache_directory import code_digest
from settings.files.loader import load, load_with
from settings.files.validation_cache import load_cached
from settings.files.yaml_file import read_document
from settings.types.errors import SettingsError
from tests.support.every_stack import Deployment
from tests.support.recorder import Recorder
from tests.support.workbench import REPOSITORY
from tests.unit.settings.files.test_bad_input import CASES
from tests.unit.settings.project import Project


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("PLINTH_CACHE_DIR", str(directory))
    loader._VALID_FILES.clear()
    return directory


def example(name: str) -> Path:
    return REPOSITORY if name == "large" else REPOSITORY / "environments" / name


def remembered(directory: Path) -> Foundation:
    """Loads the foundation twice, the second time from the cache."""
    load_cached(directory)
    foundation = load_cached(directory)
    assert isinstance(foundation, ValidatedFoundation)
    return foundation


@pytest.mark.parametrize("name", ["small", "medium", "large"])
def test_cached_settings_equal_uncached_settings(name: str):
    whole, known = load(example(name)), remembered(example(name))
    assert known.overview == whole.overview
    assert list(known.stacks.items()) == list(whole.stacks.items())
    for field in Foundation.model_fields:
        if field != "organization":
            assert list(getattr(known, field).items()) == list(getattr(whole, field).items())
    assert known.organization == whole.organization
    assert known.accounts == whole.accounts
    assert known.relaxed_rules == whole.relaxed_rules
    assert known.has_pushed_data == whole.has_pushed_data
    assert known.has_deliveries == whole.has_deliveries
    for stack in whole.stacks:
        assert known.account_of_stack(stack) == whole.account_of_stack(stack)
        assert known.tags_of(stack) == whole.tags_of(stack)
    for team in whole.teams:
        assert known.datasets_of(team) == whole.datasets_of(team)


STACKS = ("organization", "identity", "data-lake", "fraud", "fraud-development", "data-lake--card-payments")


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_registers_the_same_resources_with_cached_settings(stack: str):
    whole, known = (
        Deployment(foundation, preview=True, reuse=False) for foundation in (load(REPOSITORY), remembered(REPOSITORY))
    )
    assert registered(known[stack]) == registered(whole[stack])


def registered(recorder: Recorder) -> list[str]:
    """Returns the resources of a stack as text, with unknown values replaced by their type."""
    return sorted(json.dumps(asdict(record), sort_keys=True, default=_as_text) for record in recorder.records)


def _as_text(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else type(value).__name__


def test_only_files_whose_settings_are_read_are_parsed(project: Project, monkeypatch: pytest.MonkeyPatch):
    project.team().team("churn", cidr="10.1.32.0/19").environment("fraud-development", zones=3)
    foundation = remembered(project.directory)
    parsed: list[str] = []
    read = validation_cache.ProjectReader.stack_file
    monkeypatch.setattr(
        validation_cache.ProjectReader,
        "stack_file",
        lambda self, name, text: (parsed.append(name), read(self, name, text)),
    )
    assert foundation.environments["fraud-development"].zones == 3
    assert foundation.account_of_stack(StackIdentity("development", "fraud")).label == "fraud-development"
    assert foundation.teams["fraud"] is foundation.teams["fraud"]
    assert parsed == ["Pulumi.fraud-development.yaml", "Pulumi.fraud.yaml"]
    assert "zebra" not in foundation.teams
    with pytest.raises(KeyError):
        foundation.teams["zebra"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.number}-{case.name}".encode("unicode_escape").decode())
def test_bad_input_is_refused_alike_after_valid_settings_were_cached(project: Project, case):
    project.team()
    load_cached(project.directory)
    faults = case.change(project).faults()
    for _ in range(2):
        with pytest.raises(SettingsError) as refused:
            load_cached(project.directory)
        assert refused.value.faults == faults


CHANGES: dict[str, Callable[[Project], object]] = {
    "a value": lambda project: project.team(monthly_budget_usd=6000),
    "a new file": lambda project: project.team("churn", cidr="10.1.32.0/19"),
    "a file that is gone": lambda project: (project.directory / "environments/Pulumi.fraud-development.yaml").unlink(),
    "a file under another name": lambda project: (
        (project.directory / "environments/Pulumi.fraud-development.yaml").rename(
            project.directory / "environments/Pulumi.fraud-production.yaml"
        )
    ),
    "the project file": lambda project: project.organization(owner="other@acme.example"),
    "another directory": lambda project: (
        shutil.copytree(project.directory / "environments", project.directory / "others"),
        project.write("others/Pulumi.fraud-development.yaml", "config: {}\n"),
        project.write(
            "Pulumi.yaml",
            (project.directory / "Pulumi.yaml").read_text().replace("ConfigDir: environments", "ConfigDir: others"),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_of_a_file_is_detected(project: Project, change: str):
    project.team().environment("fraud-development", zones=3)
    remembered(project.directory)
    CHANGES[change](project)
    assert not isinstance(load_cached(project.directory), ValidatedFoundation)
    known, whole = load_cached(project.directory), load(project.directory)
    assert isinstance(known, ValidatedFoundation)
    assert known.organization == whole.organization
    assert list(known.teams.items()) == list(whole.teams.items())
    assert list(known.environments.items()) == list(whole.environments.items())


SALT = b"encryptionsalt: v1:lzvaZrVkMOM=:v1:jYqRU+Zn8ur4Fbn2:E2AA2HtF367O7jr/PRybf7VGW7l3qA==\n"


def salted(project: Project, stack: str) -> None:
    """Adds a salt to a stack file, as the engine does when it creates a stack."""
    file = project.directory / f"environments/Pulumi.{stack}.yaml"
    file.write_bytes((file.read_bytes() if file.exists() else b"") + SALT)


@pytest.mark.parametrize("stack", ["fraud", "fraud-development", "fraud-production", "fraud-data", "organization"])
def test_keys_added_by_the_engine_keep_the_cache_valid(project: Project, stack: str):
    project.team().environment("fraud-development", zones=3)
    remembered(project.directory)
    salted(project, stack)
    for _ in range(2):
        known = load_cached(project.directory)
        assert isinstance(known, ValidatedFoundation)
        assert known.environments["fraud-development"].zones == 3
        assert list(known.environments.items()) == list(load(project.directory).environments.items())
    project.environment("fraud-development", zones=2)
    assert load_cached(project.directory).environments["fraud-development"].zones == 2


def test_keys_added_by_the_engine_hide_no_fault(project: Project):
    remembered(project.team().directory)
    salted(project, "fraud")
    salted(project, "zebra-development")
    with pytest.raises(SettingsError, match="zebra is not a team"):
        load_cached(project.directory)
    (project.directory / "environments/Pulumi.zebra-development.yaml").unlink()
    (project.directory / "environments/Pulumi.fraud.yaml").unlink()
    salted(project, "fraud")
    with pytest.raises(SettingsError, match="plinth:team"):
        load_cached(project.directory)


def test_settings_are_validated_again_by_changed_code(project: Project, monkeypatch: pytest.MonkeyPatch):
    remembered(project.team().directory)
    monkeypatch.setattr(validation_cache, "code_digest", lambda: b"other rules")
    assert not isinstance(load_cached(project.directory), ValidatedFoundation)


def test_the_code_digest_covers_the_whole_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    package = Path(sys.modules["settings"].__path__[0])
    copy = shutil.copytree(package, tmp_path / "settings", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(sys.modules["settings"], "__path__", [str(copy)])
    before = code_digest()
    rule = next(copy.rglob("addresses.py"))
    rule.write_text(rule.read_text() + "\n")
    assert code_digest() != before


@pytest.mark.parametrize("spoil", [b"", b"\n", b"{}", b"\xff\xfe"])
def test_a_cache_that_cannot_be_read_is_replaced(project: Project, cache: Path, spoil: bytes):
    remembered(project.team().directory)
    files = sorted(cache.rglob("*.json"))
    assert [file.suffixes for file in files] == [[".json"], [".files", ".json"], [".json"]]
    digest = files[2].read_bytes().partition(b"\n")[0]
    for content in (spoil, digest + b"\n" + spoil):
        for file in files:
            file.write_bytes(content)
        loader._VALID_FILES.clear()
        assert load_cached(project.directory) == load(project.directory)
        assert isinstance(load_cached(project.directory), ValidatedFoundation)


def test_settings_are_validated_each_time_without_a_writable_cache(project: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PLINTH_CACHE_DIR", "/dev/null")
    project.team()
    for _ in range(2):
        assert not isinstance(load_cached(project.directory), ValidatedFoundation)


@pytest.fixture
def new_process(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[bytes]]:
    """Returns a function that forgets what this process knows, and returns the files that are parsed from then on."""

    def begin() -> list[bytes]:
        loader._VALID_FILES.clear()
        parsed: list[bytes] = []

        def read(content: bytes) -> object:
            parsed.append(content)
            return read_document(content)

        monkeypatch.setattr(loader, "read_document", read)
        return parsed

    return begin


def test_another_process_parses_only_the_files_that_changed(
    project: Project, new_process: Callable[[], list[bytes]]
) -> None:
    project.team().team("churn", cidr="10.1.32.0/19").environment("fraud-development", zones=3)
    new_process()
    load_with(project.directory)
    parsed = new_process()
    draft = (project.directory / "environments" / "Pulumi.churn.yaml").read_bytes().replace(b"5000", b"6000")
    changed = load_with(project.directory, {"Pulumi.churn.yaml": draft})
    assert parsed[1:] == [draft]  # after the file of the project
    assert changed.teams["churn"].monthly_budget_usd == 6000
    assert changed.teams["fraud"] == load(project.directory).teams["fraud"]
    assert changed.environments == load(project.directory).environments


@pytest.mark.parametrize("name", ["small", "medium", "large"])
def test_settings_that_another_process_read_equal_those_in_the_files(
    name: str, new_process: Callable[[], list[bytes]]
) -> None:
    new_process()
    load_with(example(name))
    parsed = new_process()
    known = load_with(example(name))
    assert len(parsed) == 1
    loader._VALID_FILES.clear()
    whole = load(example(name))
    for field in Foundation.model_fields:
        assert getattr(known, field) == getattr(whole, field)


def test_a_rule_across_files_names_the_line_of_a_file_that_another_process_read(
    project: Project, new_process: Callable[[], list[bytes]]
) -> None:
    project.team().team("churn", cidr="10.1.32.0/19")
    new_process()
    load_with(project.directory)
    churn = project.directory / "environments" / "Pulumi.churn.yaml"
    draft = churn.read_bytes().replace(b"10.1.32.0/19", b"10.1.0.0/19")
    new_process()
    with pytest.raises(SettingsError) as refused:
        load_with(project.directory, {churn.name: draft})
    churn.write_bytes(draft)
    assert refused.value.faults == project.faults()


def test_changed_values_in_the_cache_are_validated(
    project: Project, cache: Path, new_process: Callable[[], list[bytes]]
) -> None:
    project.team()
    new_process()
    load_with(project.directory)
    (file,) = (cache / "parsed-settings").glob("*.json")
    kept = file.read_text()
    for old, new in (("5000", "-5"), ('"monthly_budget_usd"', '"budget"'), ("5000", "[]")):
        wrong = kept.replace(old, new)
        assert wrong != kept
        file.write_text(wrong)
        new_process()
        assert load_with(project.directory) == load(project.directory)
