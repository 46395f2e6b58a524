"""An environment that stands for an image is installed once for each lock and set of programs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.executors import environments
from plinth_sandbox.executors.environments import environment_from


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "requirements.txt"
    file.write_text("a==1\n")
    return file


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    found: list[Path] = []

    def install(folder: Path, lock: Path, wheels: Path | None) -> None:
        assert not folder.exists()
        (folder / "bin").mkdir(parents=True)
        found.append(folder)

    monkeypatch.setattr(environments, "_install", install)
    return found


def test_each_lock_and_each_program_has_an_environment_of_its_own(lock: Path, installed: list[Path]) -> None:
    program = lock.with_name("train")
    program.write_text("#!/bin/sh\n")
    first, with_program = environment_from(lock), environment_from(lock, [program])
    assert environment_from(lock) == first
    assert (with_program / "bin" / "train").read_text() == "#!/bin/sh\n"
    lock.write_text("a==2\n")
    assert installed == [first, with_program, environment_from(lock)]


def test_an_interrupted_installation_is_done_again(lock: Path, installed: list[Path]) -> None:
    (environment_from(lock) / "complete").unlink()
    environment_from(lock)
    assert len(installed) == 2


def test_pip_installs_what_uv_cannot_and_both_get_the_network_of_this_machine(
    tmp_path: Path, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[str, str]] = []
    links: list[bool] = []

    def run(command: list[str], *, env: dict[str, str], **_: object) -> SimpleNamespace:
        ran.append((Path(command[0]).name, env["SSL_CERT_FILE"]))
        links.append(command[-2:] == ["--find-links", str(tmp_path)])
        (tmp_path / "cache").mkdir(exist_ok=True)
        return SimpleNamespace(returncode=int(command[0].endswith("uv")), stderr="invalid peer certificate")

    monkeypatch.setenv("SSL_CERT_FILE", "/company.pem")
    monkeypatch.setattr(environments.shutil, "which", lambda *_, **__: "/bin/uv")
    monkeypatch.setattr(environments.subprocess, "run", run)
    environments._install(tmp_path / "made", lock, tmp_path)
    assert ran[0][0] == "uv"
    assert {bundle for _, bundle in ran} == {"/company.pem"}
    assert links == [False, False, True]


def test_a_failed_installation_says_what_the_installer_said(lock: Path) -> None:
    lock.write_text("not a requirement\n")
    with pytest.raises(SetUpError, match="not a requirement"):
        environment_from(lock)
