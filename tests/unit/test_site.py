"""The documentation site, as `make docs` writes it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.workbench import REPOSITORY

SITE = REPOSITORY / "build" / "site"
LOADED = re.compile(r"<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=[\"']?(?:https?:)?//")


@pytest.fixture(scope="module")
def site() -> Path:
    if shutil.which("npm") is None:
        pytest.skip("make docs needs npm")
    written = subprocess.run(["make", "docs"], cwd=REPOSITORY, capture_output=True, text=True)
    assert written.returncode == 0, written.stdout + written.stderr
    return SITE


@pytest.mark.nightly
def test_every_component_has_a_page_with_its_arguments_and_its_example(site: Path) -> None:
    created = re.compile(r"^class (\w+)\(pulumi\.ComponentResource\):$", re.MULTILINE)
    components = {
        module.relative_to(REPOSITORY).with_suffix(""): found[1]
        for module in (REPOSITORY / "components").rglob("*.py")
        if (found := created.search(module.read_text(encoding="utf-8")))
    }
    assert len(components) > 100
    for path, name in components.items():
        page = (site / path / "index.html").read_text(encoding="utf-8")
        module = ".".join(path.parts)
        assert f'id="{module}.{name}"' in page
        assert f'id="{module}.{name}Args"' in page or f"{name}Args" not in page
        assert "<strong>Example:</strong>" in page, path
        assert ":class:" not in page


@pytest.mark.nightly
def test_pages_load_nothing_from_other_hosts_and_link_no_file_that_is_no_page(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 250
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert [found for found in LOADED.findall(text) if 'rel="canonical"' not in found] == [], page
        assert re.findall(r'href="[^":]*\.(?:py|yaml|toml|md)(?:#[^"]*)?"', text) == [], page
    front = (site / "index.html").read_text(encoding="utf-8")
    for title in ("Start", "Operate", "Secure", "Components"):
        assert re.search(rf"<span class=\"md-ellipsis\">\s*{title}\s*</span>", front)
