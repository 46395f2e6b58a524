"""The library is published to a package repository, and a repository of a use case follows it by one number."""

from __future__ import annotations

import difflib
import json
import os
import re
import shlex
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plinth_sandbox.engine.network import network_environment
from plinth_sandbox.environment import AUTHORITIES
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws
from selfservice.engine.account_access import Account
from selfservice.errors import RefusedError
from selfservice.use_cases.library.publication import PackagePlace, publish_wheel
from selfservice.use_cases.library.wheel import FOLDER, Wheel, build_wheel
from selfservice.use_cases.repository import generate as generate_from
from selfservice.use_cases.template import published
from tests.templates.projects import ANSWERS, ROOT, environment, generate, library_wheel

UV = ROOT / ".venv" / "bin" / "uv"
NEWER = "1.1.0"
PIP = ("-m", "pip", "install", "--no-index", "--no-deps", "--require-hashes")
INSTALLED = "import importlib.metadata as m, json; print(json.dumps([m.version('plinth-project')]))"


@pytest.fixture
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """An account with a package repository that has no upstream."""
    with EmulatedAws(tmp_path_factory.mktemp("aws")) as started:
        packages = started.client("codeartifact")
        packages.create_domain(domain="acme")
        packages.create_repository(domain="acme", repository="pypi")
        yield started


@pytest.fixture
def place(aws: EmulatedAws, monkeypatch: pytest.MonkeyPatch) -> PackagePlace:
    for name, value in aws.credentials(MANAGEMENT).items():
        monkeypatch.setenv(name.upper(), value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    return PackagePlace(account=Account(MANAGEMENT, REGION, None), domain="acme")


@pytest.fixture
def newer(tmp_path: Path) -> Wheel:
    return build_wheel(ROOT / FOLDER, tmp_path / "newer", NEWER)


def test_a_version_is_published_once_and_never_with_other_content(place: PackagePlace, tmp_path: Path) -> None:
    wheel = library_wheel()
    assert publish_wheel(wheel, place) == f"{wheel.requirement} is published in acme/pypi."
    assert publish_wheel(wheel, place) == f"{wheel.requirement} is published in acme/pypi already."
    assert place.published(wheel.version) == {wheel.file.name: wheel.sha256}
    other = Wheel(file=tmp_path / wheel.file.name, version=wheel.version)
    other.file.write_bytes(wheel.file.read_bytes() + b"\0")
    with pytest.raises(RefusedError, match="with other content, and a version never changes"):
        publish_wheel(other, place)
    with pytest.raises(RefusedError, match=r"refused .* with the status 409"):
        place.upload(other)


@pytest.mark.nightly
def test_a_repository_gets_a_newer_library_by_one_number_and_the_command_of_its_lock(
    aws: EmulatedAws, place: PackagePlace, newer: Wheel, tmp_path: Path
) -> None:
    for wheel in (library_wheel(), newer):
        publish_wheel(wheel, place)
    repository = generate(tmp_path / "repository")
    requirements, lock = repository / "requirements.in", repository / "requirements.txt"
    before = lock.read_text()
    changed, count = re.subn(r"(?m)^(plinth-project==).*$", rf"\g<1>{NEWER}", requirements.read_text())
    assert count == 1
    requirements.write_text(changed)
    (command,) = re.findall(r"^#   uv (pip compile .* --emit-find-links .*)$", changed, re.MULTILINE)
    connected = connection(aws, place, tmp_path)
    run_uv(repository, connected, *shlex.split(command))
    lines = [line for line in difflib.ndiff(before.splitlines(), lock.read_text().splitlines()) if line[0] in "+-"]
    old = library_wheel()
    assert lines == [
        f"- {old.requirement} \\",
        f"+ {newer.requirement} \\",
        f"-     --hash=sha256:{old.sha256}",
        f"+     --hash=sha256:{newer.sha256}",
    ]
    python = shutil.copytree(environment(), tmp_path / "environment", symlinks=True) / "bin" / "python"
    run_uv(repository, connected, "pip", "install", "--python", str(python), "--require-hashes", "-r", str(lock))
    done = subprocess.run([python, "-c", INSTALLED], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [NEWER]


def test_a_new_repository_installs_the_library_from_its_own_folder_with_pip_and_with_uv(tmp_path: Path) -> None:
    template = published(ROOT / "templates", tmp_path / "template")
    repository = tmp_path / "repository"
    generate_from(repository, f"git+{template.as_uri()}", None, ANSWERS)
    (pin,) = re.findall(
        r"^plinth-project==\S+ \\\n +--hash=\S+$", (repository / "requirements.txt").read_text(), re.MULTILINE
    )
    alone = repository / "alone.txt"
    alone.write_text(f"--find-links vendor\n{pin}\n")
    words = ["--requirement", str(alone), "--target"]
    subprocess.run([sys.executable, *PIP, *words, tmp_path / "pip"], cwd="/", env={}, check=True)
    run_uv(Path("/"), {}, "pip", *PIP[2:], "--python", sys.executable, *words, str(tmp_path / "uv"))
    for name in ("pip", "uv"):
        assert (tmp_path / name / "plinth_project" / "py.typed").is_file()


def connection(aws: EmulatedAws, place: PackagePlace, folder: Path) -> dict[str, str]:
    """Returns the variables with which uv asks the package repository first, and then the index of this machine."""
    client = place.account.client("codeartifact")
    token = client.get_authorization_token(domain=place.domain)["authorizationToken"]
    url = client.get_repository_endpoint(domain=place.domain, repository=place.repository, format="pypi")
    index = url["repositoryEndpoint"].replace("https://", f"https://aws:{token}@")
    own = network_environment({name: value for name, value in os.environ.items() if not name.endswith("PROXY")})
    known = own.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    bundle = folder / "authorities.pem"
    sandbox = (aws.directory / AUTHORITIES).read_text()
    bundle.write_text(sandbox + (Path(known).read_text() if known else ""))
    hosts = re.findall(r"//([^/:]+)", own.get("UV_DEFAULT_INDEX", "https://pypi.org"))
    return {
        **own,
        "UV_INDEX": f"{index}simple/",
        "SSL_CERT_FILE": str(bundle),
        "HTTPS_PROXY": aws.url,
        "NO_PROXY": ",".join([*hosts, "files.pythonhosted.org"]),
    }


def run_uv(folder: Path, variables: dict[str, str], *words: str) -> None:
    given = {"HOME": os.environ["HOME"], **variables}
    done = subprocess.run([UV, *words], cwd=folder, env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
