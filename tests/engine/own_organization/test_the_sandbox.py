"""A sandbox is used, stopped and reset as the page says. It is that of the organization, so this runs last."""

from __future__ import annotations

import json

from plinth_sandbox.testing import TokenIssuer
from tests.support.guides.follow import follow
from tests.support.guides.shell import Shell
from tests.support.guides.steps import sections_of
from tests.support.workbench import REPOSITORY, Workbench

PAGE = "docs/guides/sandbox.md"
SECTIONS = ["Architecture", "Add a resource type to the plugin", "Tests by others", "Kubernetes", "Commands"]
"""The sections with commands. ``Commands`` ends with a reset."""


def test_a_sandbox_is_used_stopped_and_reset_as_the_page_says(acme: Workbench, shell: Shell) -> None:
    assert sorted(sections_of(REPOSITORY / PAGE)) == sorted(SECTIONS)
    keys = {"keys": [TokenIssuer("https://token.actions.githubusercontent.com").public_key()]}
    (acme.root / "plinth/keys.json").write_text(json.dumps(keys))
    assert shell.run('eval "$(plinth sandbox env)"')[0] == 0
    for section in SECTIONS:
        follow(PAGE, shell, acme.project, section)
    assert acme.stacks() == []
