"""Example organizations whose clusters have a node that runs pods."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.kubernetes import provision
from tests.support.cluster_example import obstacle_to_pods
from tests.support.workbench import REPOSITORY, Workbench


def need_control_plane() -> None:
    """Skips the test where the control plane of Kubernetes cannot be built."""
    try:
        provision.provide()
    except SetUpError as error:
        pytest.skip(f"no control plane: {error.cause}")


@contextmanager
def bench_with_node(root: Path, *, teams: tuple[str, ...] = ()) -> Iterator[Workbench]:
    """Yields the example with these teams, and nothing deployed, in a sandbox that is up. Skips the test where pods do
    not run."""
    need_control_plane()
    if obstacle := obstacle_to_pods():
        pytest.skip(obstacle)
    bench = Workbench.of_example(root, teams=teams)
    bench.checkpoints = False
    bench.sandbox("up", "--nodes")
    try:
        bench.sandbox("up")
        yield bench
    finally:
        bench.sandbox("down")


@contextmanager
def folder_of_containers() -> Iterator[Path]:
    """Yields a folder that containers see. They have a volume at /tmp, where temporary folders of tests are."""
    (REPOSITORY / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=REPOSITORY / "build") as folder:
        yield Path(folder)


def fill_with_python(folder: Path, environment: Path) -> None:
    """Makes a folder that stands for an image: Python with the packages of an environment, and this project."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    folder.chmod(0o755)
    own, packages = (Path(sysconfig.get_path("purelib", vars={"base": str(base)})) for base in (folder, environment))
    (own / "plinth.pth").write_text(f"{packages}\n{REPOSITORY}\n")


def serves(pod: Mapping[str, Any]) -> bool:
    """Returns whether a pod is ready, and nobody has deleted it."""
    ready = (condition for condition in pod["status"].get("conditions", ()) if condition["type"] == "Ready")
    return "deletionTimestamp" not in pod["metadata"] and any(condition["status"] == "True" for condition in ready)
