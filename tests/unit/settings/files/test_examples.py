"""The examples as files."""

from __future__ import annotations

import yaml

from tests.support.workbench import REPOSITORY


def test_the_stacks_of_the_examples_share_one_salt():
    """The engine derives a key for each salt that it meets, which costs it more than the rest of a preview."""
    files = [*(REPOSITORY / "environments").rglob("Pulumi.*.yaml")]
    assert len({yaml.safe_load(file.read_text())["encryptionsalt"] for file in files}) == 1
