"""The deployed example with a portal, and people of the directory who open it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.engine.deployed_example import deployed_example
from tests.support.browser import People, Visit, browsers
from tests.support.git import begin_repository
from tests.support.platform_team import add_people, join_platform_team
from tests.support.workbench import COMMANDS, Workbench

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
PLATFORM_TEAM = ("grace", "heidi")


@dataclass
class ServedPortal:
    """A portal as `plinth portal` serves it, without credentials of its own."""

    bench: Workbench
    address: str = ""
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Starts it, at the same address as before."""
        port = self.address.rpartition(":")[2] or "0"
        self.process = subprocess.Popen(
            [COMMANDS / "plinth", "portal", "--port", port],
            cwd=self.bench.project,
            env=self.bench.environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        found = _ADDRESS.search(self.process.stdout.readline())
        assert found is not None
        self.address = found[0]

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.communicate()


@dataclass
class Portal:
    """The portal, and the browsers of people."""

    bench: Workbench
    server: ServedPortal
    people: People

    def signed_in(self, user: str, **options: object) -> Visit:
        """Opens a browser, and signs in with the password of the directory."""
        visit = self.people.visit(**options)
        visit.open("/")
        self.sign_in(visit, user)
        return visit

    def sign_in(self, visit: Visit, user: str) -> None:
        visit.page.fill("#user", user)
        visit.page.fill("#password", self.bench.sandbox("user", user).stdout.strip())
        visit.click("Sign in")


@pytest.fixture(scope="package")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with deployed_example(tmp_path_factory) as bench:
        add_people(bench, "ana", "eve")
        join_platform_team(bench, *PLATFORM_TEAM)
        begin_repository(bench.project)
        with _served(bench) as server, browsers(server.address) as people:
            yield Portal(bench, server, people)


@contextmanager
def _served(bench: Workbench) -> Iterator[ServedPortal]:
    server = ServedPortal(bench)
    server.start()
    try:
        yield server
    finally:
        server.kill()
