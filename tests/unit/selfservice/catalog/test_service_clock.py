"""The time by which delays of requests count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from plinth_sandbox.testing import EmulatedAws
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems

NEARLY = timedelta(minutes=5)
"""How slowly a busy machine may answer."""


def test_delays_count_by_the_time_of_the_service_and_not_by_the_clock_of_the_machine(tmp_path: Path) -> None:
    with EmulatedAws(tmp_path) as aws:
        client = aws.client("dynamodb")
        requests = ChangeRequests(CatalogItems.at(client))
        assert abs(requests.now() - datetime.now(UTC)) < NEARLY, "nothing was asked yet"
        client.list_tables()
        assert abs(requests.now() - datetime.now(UTC)) < NEARLY
        aws.advance(hours=24)
        client.list_tables()
        ahead = requests.now() - datetime.now(UTC)
        assert timedelta(hours=24) - NEARLY < ahead < timedelta(hours=24) + NEARLY
