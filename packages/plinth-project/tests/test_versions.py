"""The version that a repository pins, compared with the installed one."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from plinth_project.build.command import main as build
from plinth_project.deployment.command import main as deployment
from plinth_project.documents import ProjectError
from plinth_project.versions import NAME, refuse_other_version

OWN = version(NAME)
MAJOR, REST = OWN.split(".", 1)
NEXT_MINOR, NEXT_MAJOR = f"{MAJOR}.{int(REST.split('.')[0]) + 1}.0", f"{int(MAJOR) + 1}.0.0"


def pinning(folder: Path, pinned: str) -> Path:
    (folder / "requirements.txt").write_text(f"pluggy==1.0\n{NAME}=={pinned} \\\n    --hash=sha256:0\n")
    return folder


def test_the_pinned_version_and_a_repository_without_a_pin_are_accepted(tmp_path: Path) -> None:
    refuse_other_version(tmp_path)
    refuse_other_version(pinning(tmp_path, OWN))
    (tmp_path / "requirements.txt").write_text(f"other-{NAME}==9.0\n")
    refuse_other_version(tmp_path)
    with pytest.raises(ProjectError, match=f"pins {NAME} 9.0"):
        refuse_other_version(pinning(tmp_path, "9.0"))


@pytest.mark.parametrize("pinned", [NEXT_MINOR, NEXT_MAJOR])
def test_a_build_repository_runs_with_the_version_that_it_pins_alone(
    tmp_path: Path, pinned: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        build(pinning(tmp_path, pinned), ["render"])
    said = capsys.readouterr().err
    assert said.startswith(f"requirements.txt: pins {NAME} {pinned}, and {OWN} is installed; install it: uv pip ")


def test_a_deployment_repository_runs_with_another_version_of_the_same_first_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refuse_other_version(pinning(tmp_path, NEXT_MINOR), major=True)
    with pytest.raises(ProjectError):
        refuse_other_version(tmp_path)
    with pytest.raises(SystemExit):
        deployment(pinning(tmp_path, NEXT_MAJOR), ["render"])
    assert f"pins {NAME} {NEXT_MAJOR}" in capsys.readouterr().err
