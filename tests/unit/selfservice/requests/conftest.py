"""A table of requests as the stack ``tooling`` creates it, in an emulated account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from selfservice.requests.request_table import RequestTable
from settings.data.request_layout import OPEN, PARTITION, QUEUE, SORT, TABLE
from tests.support.emulated_table import emulated_table


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with emulated_table(monkeypatch, TABLE, (PARTITION, SORT), {OPEN: QUEUE}) as client:
        yield client


@pytest.fixture
def table(dynamodb: Any) -> RequestTable:
    return RequestTable(dynamodb)
