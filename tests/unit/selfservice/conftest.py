"""The team catalog as the stack ``governance`` creates it, the table of requests as ``tooling`` does, in an emulated
account; the settings of the example; a source provider; and processes that have ended.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.engine.locks.engine_records import recorded
from selfservice.requests.request_table import RequestTable
from settings.data import catalog_layout as layout
from settings.data import request_layout
from tests.support.emulated_table import emulated_table
from tests.support.forge_server import ForgeServer, forge_server
from tests.support.workbench import REPOSITORY
from tests.unit.selfservice.requests.work import ID, NOW, TEXT


@pytest.fixture
def ended_process() -> int:
    """The id of a process that nobody recorded."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def ended_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """The id of a process that was started here as an engine, and that failed."""
    monkeypatch.setenv("PLINTH_STATE_DIR", str(tmp_path / "operations"))
    with suppress(subprocess.CalledProcessError), recorded(["false"]) as command:
        process = subprocess.Popen(command)
        if process.wait():
            raise subprocess.CalledProcessError(1, command)
    return process.pid


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The example organization in a repository of settings alone."""
    described = yaml.safe_load((REPOSITORY / "Pulumi.yaml").read_text())
    described["main"] = str(REPOSITORY)
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "Pulumi.yaml").write_text(yaml.safe_dump(described))
    shutil.copytree(REPOSITORY / "environments", tmp_path / "acme" / "environments")
    return tmp_path / "acme"


@pytest.fixture
def items(monkeypatch: pytest.MonkeyPatch) -> Iterator[CatalogItems]:
    with emulated_table(
        monkeypatch, layout.TABLE, (layout.PARTITION, layout.SORT), {layout.LOOKUP: layout.LOOKUP}
    ) as client:
        yield CatalogItems(client)


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    keys = (request_layout.PARTITION, request_layout.SORT)
    with emulated_table(monkeypatch, request_layout.TABLE, keys, {request_layout.OPEN: request_layout.QUEUE}) as client:
        yield client


@pytest.fixture
def table(dynamodb: Any) -> RequestTable:
    return RequestTable(dynamodb)


@pytest.fixture
def requests(items: CatalogItems) -> ChangeRequests:
    return ChangeRequests(items)


@pytest.fixture
def asked(requests: ChangeRequests) -> ChangeRequests:
    """The requests of a catalog with one of ada, on which nobody has worked."""
    requests.add("ada", TEXT, id_=ID, now=NOW)
    return requests


@pytest.fixture
def server() -> Iterator[ForgeServer]:
    """A server that speaks as GitHub and GitLab do."""
    with forge_server() as running:
        yield running
