"""Headless Chromium for tests of the portal: a browser for each person, the rules of accessibility, and pictures."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from plinth_sandbox.waiting import LONGEST_SECONDS

PICTURES = "PLINTH_PICTURES"
"""Variable with a folder for pictures of pages. Without it, tests take none."""
_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
_MILLISECONDS = 1_000.0


@dataclass
class Visit:
    """A person in front of a page. What the browser complains about is an error of the page."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Opens another address of the same portal."""
        self.page.goto(path)

    def click(self, name: str) -> None:
        """Presses the button, or follows the link, with this name, and waits for the page to which it leads."""
        wanted = self.page.get_by_role("button", name=name, exact=True)
        with self.page.expect_navigation():
            wanted.or_(self.page.get_by_role("link", name=name, exact=True)).first.click()

    def fill(self, values: Mapping[str, str]) -> None:
        """Enters values into fields of a form, by the names of the fields."""
        for name, value in values.items():
            self.page.fill(f"#field-{name}", value)

    def text(self) -> str:
        return self.page.inner_text("main")

    def text_now(self) -> str:
        """Reads the page again, and returns its text."""
        self.page.reload()
        return self.text()

    def wait_for(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def refuse_barriers(self) -> None:
        """Fails if the page breaks a rule of axe, is wider than its window, or the browser has complained."""
        found = Axe().run(self.page).response["violations"]
        broken = {rule["id"]: [node["target"] for node in rule["nodes"]] for rule in found}
        assert broken == {}, self.page.url
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{self.page.url} is {wide} pixels wider than the window"
        assert self.complaints == []

    def take_picture(self, name: str) -> None:
        """Takes a picture of the window if somebody wants pictures."""
        if folder := os.environ.get(PICTURES):
            self.page.screenshot(path=Path(folder) / f"{name}.png")


@dataclass(frozen=True)
class People:
    """The browsers of all people."""

    browser: Browser
    address: str

    def visit(self, **options: Any) -> Visit:
        """Opens a browser of its own, which knows nothing of the others, on the portal's first page."""
        context = self.browser.new_context(base_url=self.address, **options)
        context.set_default_timeout(LONGEST_SECONDS * _MILLISECONDS)
        visit = Visit(context.new_page())
        visit.page.on("console", lambda message: _complain(visit, message.type, message.text))
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        return visit


def _complain(visit: Visit, kind: str, text: str) -> None:
    # The browser also reports each answer that is an error, which may be the right one.
    if kind == "error" and not text.startswith("Failed to load resource"):
        visit.complaints.append(text)


@contextmanager
def browsers(address: str, *, on_this_machine: str = "") -> Iterator[People]:
    """Yields browsers for a portal, which find a host name on this machine. Skips the test if this machine has no
    Chromium and cannot get one."""
    program = _chromium()
    options = list(_OPTIONS)
    if on_this_machine:
        options.append(f"--host-resolver-rules=MAP {on_this_machine} 127.0.0.1")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=options)
        yield People(started, address)
        started.close()


def _chromium() -> str:
    if shutil.which("chromium") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "--quiet", *words], check=False, capture_output=True, env=environment)
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("there is no chromium, and only root can install the Debian package")
    return found
