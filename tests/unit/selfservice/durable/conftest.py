"""The databases of workflows: a SQLite file for each run, or PostgreSQL."""

from collections.abc import Iterator

import pytest

from selfservice.durable.workflow import URL_VARIABLE, sqlite_fault
from tests.support.postgres import PostgresServer, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The connection string of an empty PostgreSQL database, which runs use; empty for SQLite."""
    url = ""
    if request.param == "sqlite" and (fault := sqlite_fault()):
        pytest.skip(fault)
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").create()
    monkeypatch.setenv(URL_VARIABLE, url)
    return url
