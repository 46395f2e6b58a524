"""Versions of public packages that builds may install, where they are reviewed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from executors.package_server import OLDER, WHEEL, index_of_machine
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws
from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError, RefusedError
from selfservice.use_cases.library.allowed_packages import Pin, allow, pins_in
from selfservice.use_cases.library.publication import PackagePlace

LOCK = f"""\
# made by uv
--only-binary :all:
numpy==2.1.0 ; python_version >= "3.11" \\
    --hash=sha256:{"a" * 64} \\
    --hash=sha256:{"b" * 64}  # via scikit-learn
plinth-project==1.0.0 \\
    --hash=sha256:{"c" * 64}
Scikit_Learn[plots] == 1.5.1
"""


def test_the_pins_of_a_lock_are_read_without_options_and_the_library() -> None:
    numpy = Pin(name="numpy", version="2.1.0", hashes=frozenset({"a" * 64, "b" * 64}))
    assert list(pins_in(LOCK, "lock")) == [numpy, Pin(name="scikit-learn", version="1.5.1")]


@pytest.mark.parametrize("line", ["numpy>=2", "numpy", "numpy==2.*", "https://example.com/numpy-2.whl"])
def test_a_requirement_that_pins_no_version_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(BadInputError, match=rf"lock:3: {re.escape(line)} pins no version; write \w+==VERSION"):
        list(pins_in(f"pandas==2.2.0\n\n{line}\n", "lock"))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Serves an index of two versions, and returns its folder."""
    root = tmp_path_factory.mktemp("index")
    with index_of_machine(root):
        yield root


@pytest.fixture
def place(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PackagePlace]:
    """The repositories of reviewed packages in an emulated account."""
    assert index.is_dir()
    with EmulatedAws(tmp_path) as aws:
        packages = aws.client("codeartifact")
        packages.create_domain(domain="acme")
        for name in ("pypi", "pypi-public"):
            packages.create_repository(domain="acme", repository=name)
        packages.associate_external_connection(
            domain="acme", repository="pypi-public", externalConnection="public:pypi"
        )
        for name, value in aws.credentials(MANAGEMENT).items():
            monkeypatch.setenv(name.upper(), value)
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
        yield PackagePlace(account=Account(MANAGEMENT, REGION, None), domain="acme")


def installable(place: PackagePlace) -> list[str]:
    return [file.name for file in place.index("pypi").files("plinth-sample")]


def test_builds_find_the_allowed_version_and_no_other_one(place: PackagePlace, index: Path) -> None:
    assert installable(place) == []
    wrong = Pin(name="plinth-sample", version="0.9", hashes=frozenset({"0" * 64}))
    with pytest.raises(RefusedError, match=r"no file of plinth-sample==0\.9 at pypi\.org has one of the hashes"):
        list(allow([wrong], place))
    with pytest.raises(RefusedError, match=r"pypi\.org has no plinth-sample==7\.0"):
        list(allow([Pin(name="plinth-sample", version="7.0")], place))
    assert installable(place) == []
    assert list(allow([Pin(name="plinth-sample", version="0.9")], place)) == ["plinth-sample==0.9 is allowed."]
    assert installable(place) == [OLDER]
    digest = sha256((index / "plinth-sample" / WHEEL).read_bytes()).hexdigest()
    newer = Pin(name="plinth-sample", version="1.0", hashes=frozenset({digest}))
    assert list(allow([newer, newer], place)) == [
        "plinth-sample==1.0 is allowed.",
        "plinth-sample==1.0 is allowed already.",
    ]
    assert sorted(installable(place)) == [OLDER, WHEEL]
