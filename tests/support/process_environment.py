"""Plugin of pytest that keeps tests of different files apart: no fixture changes variables for the rest of a session.

All files that a worker runs share its environment. A fixture with the scope of a session or package that changed a
variable would change the results of other files, depending on the order in which the worker runs them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

_WIDE = ("session", "package")


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object]) -> Iterator[None]:
    before = dict(os.environ) if fixturedef.scope in _WIDE else None
    result = yield
    if before is not None and (changed := {name for name, _ in before.items() ^ os.environ.items()}):
        names = ", ".join(sorted(changed))
        pytest.fail(f"the fixture {fixturedef.argname} changes {names} for all tests of the {fixturedef.scope}")
    return result
