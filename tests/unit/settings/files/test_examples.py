"""Files of the example organizations."""

from __future__ import annotations

import yaml

from tests.support.workbench import REPOSITORY


def test_the_stacks_of_the_examples_share_one_salt():
    """The engine derives a key for each different salt, which takes longer than the rest of a preview."""
    files = [*(REPOSITORY / "environments").rglob("Pulumi.*.yaml")]
    assert len({yaml.safe_load(file.read_text())["encryptionsalt"] for file in files}) == 1
