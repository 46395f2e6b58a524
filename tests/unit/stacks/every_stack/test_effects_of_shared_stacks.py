"""Programs of shared stacks hold no settings of teams that they do nothing with, so a change affects few stacks."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from selfservice.fingerprints.effects import effects_before_and_now
from tests.support.workbench import REPOSITORY

SHARED = ("data-lake", "tooling")
"""Stacks whose names of buckets wait for the id of their account."""


def test_a_budget_of_a_team_changes_nothing_of_shared_stacks_that_do_not_read_it(tmp_path: Path) -> None:
    before, now = tmp_path / "before", tmp_path / "now"
    for project in (before, now):
        project.mkdir()
        shutil.copy(REPOSITORY / "Pulumi.yaml", project)
        shutil.copytree(REPOSITORY / "environments", project / "environments")
    file = now / "environments" / "Pulumi.fraud.yaml"
    settings = yaml.safe_load(file.read_text())
    settings["config"]["plinth:team"]["monthly_budget_usd"] += 1
    file.write_text(yaml.safe_dump(settings))
    then, later = effects_before_and_now(REPOSITORY, before, now, SHARED)
    assert [effect.unseen for effect in (*then.values(), *later.values())] == [""] * 4
    assert {stack: effect.digest for stack, effect in later.items()} == {
        stack: effect.digest for stack, effect in then.items()
    }
