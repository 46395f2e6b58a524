"""The programs and images of a node, without a node: downloads, refusals, and what images name."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.executors import container_images
from plinth_sandbox.kubernetes.node import packages, programs
from plinth_sandbox.kubernetes.node.oci import digest_of, layers_of
from plinth_sandbox.progress import Progress


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def unpacked() -> Path:
    return asyncio.run(packages.unpacked(Progress()))


def stand_in(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_a_machine_without_the_tools_is_told_which_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "apt-get" else f"/usr/bin/{name}")
    with pytest.raises(SetUpError, match=r"^apt-get cannot be found, so there is no container runtime"):
        unpacked()


def test_a_refused_download_is_one_message_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(tmp_path / "bin", "apt-get", "echo 'E: Unable to locate package containerd'; exit 100")
    stand_in(tmp_path / "bin", "dpkg-deb", "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    with pytest.raises(
        SetUpError, match=r"apt-get does not provide the container runtime: E: Unable to locate package"
    ):
        unpacked()
    assert packages.cached() is None
    assert not list((tmp_path / "cache" / "plinth" / "container-runtime").iterdir())


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="this machine has no dpkg-deb")
def test_packages_are_unpacked_with_an_index_of_their_own_if_the_machine_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "package"
    (package / "DEBIAN").mkdir(parents=True)
    (package / "DEBIAN" / "control").write_text(
        "Package: containerd\nVersion: 1.2\nArchitecture: all\nMaintainer: a <a@b.example>\nDescription: a\n"
    )
    (package / "usr").mkdir()
    (package / "usr" / "file").write_text("content")
    archive = tmp_path / "containerd_1.2_all.deb"
    subprocess.run(["dpkg-deb", "--build", str(package), str(archive)], check=True, capture_output=True)
    calls = tmp_path / "calls"
    script = (
        f'echo "$@" >> {calls}\n'
        'case "$*" in *update*) exit 0 ;; *Dir::State::lists*) ;; *) exit 100 ;; esac\n'
        f"cp {archive} ."
    )
    stand_in(tmp_path / "bin", "apt-get", script)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    root = unpacked()
    assert (root / "usr" / "file").read_text() == "content"
    assert json.loads((root / "packages.json").read_text()) == [archive.name]
    assert packages.cached() == root == unpacked()
    assert [("update" in line, "Dir::State::lists" in line) for line in calls.read_text().splitlines()] == [
        (False, False),
        (True, True),
        (False, True),
    ]


def test_another_system_or_user_is_refused_before_anything_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(SetUpError, match=r"^pods do not run: a node needs root"):
        programs.provide()
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SetUpError, match=r"^pods do not run: a node needs Linux, and this is darwin"):
        programs.provide()


def environment(folder: Path) -> Path:
    """Returns an environment with a package, a linked project, and an interpreter elsewhere."""
    site = folder / "environment" / "lib" / "python3.11" / "site-packages"
    (site / "first-1.0.dist-info").mkdir(parents=True)
    (folder / "project").mkdir()
    (site / "project.pth").write_text(f"{folder / 'project'}\nimport something\n")
    (folder / "interpreter" / "bin").mkdir(parents=True)
    (folder / "interpreter" / "bin" / "python3").touch()
    (folder / "environment" / "bin").mkdir()
    (folder / "environment" / "bin" / "python").symlink_to(folder / "interpreter" / "bin" / "python3")
    return folder / "environment"


def test_the_image_of_an_environment_names_its_folders_and_changes_with_its_packages(tmp_path: Path) -> None:
    made = environment(tmp_path)
    image = container_images.image_of_environment(made)
    assert image.digest == container_images.image_of_environment(made).digest
    assert sorted(layers_of(json.loads(image.manifest))) == sorted(image.blobs)
    content = b"".join(image.blobs.values()).decode(errors="replace")
    for folder in (made, tmp_path / "project", tmp_path / "interpreter", Path("/usr")):
        assert json.dumps(str(folder)) in content
    (made / "lib" / "python3.11" / "site-packages" / "second-2.0.dist-info").mkdir()
    assert container_images.image_of_environment(made).digest != image.digest


def test_parts_of_images_are_read_by_their_digest_only_while_they_are_whole(tmp_path: Path) -> None:
    image = container_images.image_of_environment(environment(tmp_path))
    container_images.keep(tmp_path / "parts", image)
    for digest, content in image.blobs.items():
        assert container_images.read(tmp_path / "parts", digest) == content
        container_images.part_of(tmp_path / "parts", digest).write_bytes(b"spoiled")
        assert container_images.read(tmp_path / "parts", digest) is None
    assert container_images.read(tmp_path / "parts", digest_of(b"other")) is None
