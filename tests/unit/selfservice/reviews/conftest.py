"""A project whose change is on a branch, beside the protected branch ``main``."""

from __future__ import annotations

import pytest

from tests.support.small_project import SmallProject


@pytest.fixture
def project(tmp_path):
    small = SmallProject.create(tmp_path)
    small.add_policy_pack("pass")
    small.git("init", "--quiet", "--initial-branch", "main")
    small.commit("First")
    small.git("switch", "--quiet", "--create", "change")
    return small
