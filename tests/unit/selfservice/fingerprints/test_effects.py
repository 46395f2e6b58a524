"""Tests of the effect that settings have on the programs of this repository."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from selfservice.fingerprints.effects import effects_before_and_now
from tests.support.workbench import REPOSITORY, Workbench

STACKS = ["data-lake", "network"]


@pytest.mark.nightly
def test_settings_change_the_effect_of_the_stacks_whose_program_does_something_with_them(tmp_path: Path) -> None:
    before = Workbench.of_example(tmp_path / "before", teams=())
    shutil.copytree(before.root, tmp_path / "now")
    now = Workbench(tmp_path / "now")
    now.change_organization(lake={"log_retention_days": 400})
    then, later = effects_before_and_now(REPOSITORY, before.project, now.project, STACKS)
    assert then["data-lake"].digest != later["data-lake"].digest
    assert then["network"].digest == later["network"].digest is not None
