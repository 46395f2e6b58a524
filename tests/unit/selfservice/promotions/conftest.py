"""The tooling account that the tests share. Each starts executions of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plinth_sandbox.testing import EmulatedAws
from tests.unit.selfservice.promotions.site import Site


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with EmulatedAws(tmp_path_factory.mktemp("aws"), schedules="manual") as aws:
        yield Site(aws)
