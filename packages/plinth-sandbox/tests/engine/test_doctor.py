import pytest

from plinth_sandbox import engine
from plinth_sandbox.setup import virtual_environment


@pytest.fixture
def nothing_installed(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(virtual_environment, "PYTHON", tmp_path / "python")


def by_name() -> dict[str, engine.Component]:
    return {part.component: part for part in engine.report()}


def test_a_machine_that_was_set_up_has_every_part_with_its_version_and_origin():
    engine.provide()
    parts = by_name()
    for name in ("python", "pulumi engine", "python language host", "policy pack host", "moto", "disk space"):
        assert parts[name].ok, parts[name]
        assert parts[name].version != "none"
        assert parts[name].origin
        assert parts[name].fix == ""


def test_the_report_of_a_bare_machine_has_a_fix_for_each_missing_part(nothing_installed):
    parts = by_name()
    for name in ("virtual environment", "go", "pulumi engine", "python language host", "aws provider plugin"):
        assert not parts[name].ok, parts[name]
        assert parts[name].fix
    assert parts["go"].fix.startswith("install Go")
    assert parts["pulumi engine"].fix == "run `make up`"


def test_go_is_not_required_if_an_engine_is_ready(tmp_path, monkeypatch):
    engine.provide()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert by_name()["go"].ok


@pytest.mark.parametrize(
    ("prints", "version"), [("echo go version go1.26.8 linux/amd64", "1.26.8"), ("exit 1", "does not run")]
)
def test_the_version_of_a_program_is_in_its_output(prints, version, tmp_path, monkeypatch):
    program = tmp_path / "aws"
    program.write_text(f"#!/bin/sh\n{prints}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert by_name()["aws cli"].version == version


def test_a_full_disk_is_reported(monkeypatch):
    usage = type("Usage", (), {"free": 1 << 30})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    disk = by_name()["disk space"]
    assert (disk.ok, disk.version, disk.fix) == (False, "1 GiB free", "free some space")
