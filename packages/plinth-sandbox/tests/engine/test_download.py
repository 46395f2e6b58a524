"""Downloads the vendor's release from a local site with the same layout."""

import asyncio
import hashlib
import http.server
import io
import tarfile
import threading
from functools import partial
from pathlib import Path

import pytest

from plinth_sandbox.engine import download, recipe
from plinth_sandbox.engine.errors import ReleaseUnavailableError
from plinth_sandbox.progress import Progress, Step

NUMBER = recipe.VERSION.removeprefix("v")


def release(programs: list[str]) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name in [*programs, "pulumi-language-java"]:
            entry = tarfile.TarInfo(f"pulumi/{name}")
            entry.size = len(name)
            tar.addfile(entry, io.BytesIO(name.encode()))
    return archive.getvalue()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(tmp_path, monkeypatch):
    directory = tmp_path / "site"
    directory.mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(directory)))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    monkeypatch.setattr(download, "SITE", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield directory
    server.shutdown()
    server.server_close()


def publish(site: Path, archive: bytes, *, digest: str | None = None) -> None:
    name = f"pulumi-{recipe.VERSION}-{recipe.this_machine().release_name}.tar.gz"
    (site / name).write_bytes(archive)
    digest = digest or hashlib.sha256(archive).hexdigest()
    (site / f"pulumi-{NUMBER}-checksums.txt").write_text(f"{'0' * 64}  another.tar.gz\n{digest}  {name}\n")


def fetch(workshop: Path) -> list[str]:
    workshop.mkdir(exist_ok=True)
    asyncio.run(download.download(Step("engine", Progress(io.StringIO())), workshop))
    return sorted(path.name for path in (workshop / "bin").iterdir())


def test_only_the_programs_for_python_projects_are_unpacked(site, tmp_path):
    publish(site, release(list(recipe.PROGRAMS)))
    assert fetch(tmp_path / "workshop") == sorted(recipe.PROGRAMS)
    assert (tmp_path / "workshop" / "bin" / "pulumi").stat().st_mode & 0o111


def test_a_release_that_differs_from_its_published_digest_is_refused(site, tmp_path):
    publish(site, release(list(recipe.PROGRAMS)), digest="f" * 64)
    with pytest.raises(ReleaseUnavailableError, match=r"but f+ was published"):
        fetch(tmp_path / "workshop")
    assert not (tmp_path / "workshop" / "bin").exists()


def test_a_release_without_a_published_digest_is_refused(site, tmp_path):
    publish(site, release(list(recipe.PROGRAMS)))
    (site / f"pulumi-{NUMBER}-checksums.txt").unlink()
    with pytest.raises(ReleaseUnavailableError):
        fetch(tmp_path / "workshop")


def test_a_release_that_lacks_a_program_is_refused(site, tmp_path):
    publish(site, release(["pulumi"]))
    with pytest.raises(ReleaseUnavailableError, match="pulumi-language-python"):
        fetch(tmp_path / "workshop")


def test_an_unreachable_site_is_a_reason_to_build(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "SITE", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(ReleaseUnavailableError, match="refused"):
        fetch(tmp_path / "workshop")
