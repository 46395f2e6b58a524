"""Allows versions of public packages: copies them to the repository from which builds install.

CodeArtifact copies versions that the source repository has. It has those that somebody requested, so the first file of
a version is requested before.

Sources: CodeArtifact User Guide, "Copy packages between repositories" and "Requesting packages from external
connections" (read 2026-11-28).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from packaging.utils import canonicalize_name

from selfservice.engine.account_access import denials_refused
from selfservice.errors import BadInputError, RefusedError
from selfservice.use_cases.library.package_index import PackageIndex
from selfservice.use_cases.library.publication import PackagePlace
from settings.organization.packages import LIBRARY, PUBLIC_PYPI

_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_PIN = re.compile(r"(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(?:\[[^]]*])?\s*==\s*(?P<version>[\w.!+]+)\s*(?:;.*)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """A version of a package, and the SHA-256 of the files that a lock accepts. None means any file."""

    name: str
    version: str
    hashes: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def pins_in(text: str, source: str) -> Iterator[Pin]:
    """Yields the pins of requirements in pip's format. The library is left out, because it is published and not copied.

    ``source`` names the text in messages. Raises: BadInputError for the first requirement that pins no version.
    """
    joined, start = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        content = re.sub(r"(^|\s)#.*", "", line).strip()
        start = start if joined else number
        joined = f"{joined} {content.removesuffix(chr(92))}".strip()
        if not content.endswith("\\") and joined:
            if not joined.startswith("-"):
                yield from _pin(joined, f"{source}:{start}")
            joined = ""


def _pin(requirement: str, place: str) -> Iterator[Pin]:
    found = _PIN.fullmatch(_HASH.sub("", requirement).strip())
    if found is None:
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0] or "NAME"
        raise BadInputError(f"{place}: {requirement.split(' --hash')[0]} pins no version; write {name}==VERSION")
    name = canonicalize_name(found["name"])
    if name != LIBRARY:
        yield Pin(name=name, version=found["version"], hashes=frozenset(_HASH.findall(requirement)))


def allow(pins: Iterable[Pin], place: PackagePlace) -> Iterator[str]:
    """Copies versions of public packages to the repository of the builds, and yields a sentence for each.

    Raises: RefusedError if pypi.org has no such version, no file of it has an accepted hash, or AWS refuses a call.
    """
    with denials_refused(lambda reason: f"no further version is allowed: {reason}"):
        index = place.index(PUBLIC_PYPI)
        client = place.account.client("codeartifact")
        for pin in pins:
            _request(pin, index)
            answer = client.copy_package_versions(
                domain=place.domain,
                sourceRepository=PUBLIC_PYPI,
                destinationRepository=place.repository,
                format="pypi",
                package=pin.name,
                versions=[pin.version],
            )
            failed = answer.get("failedVersions", {}).get(pin.version)
            if failed is not None and failed["errorCode"] != "ALREADY_EXISTS":
                raise RefusedError(f"{pin} is not allowed: {failed['errorCode']}: {failed.get('errorMessage', '')}")
            yield f"{pin} is allowed{' already' if failed else ''}."


def _request(pin: Pin, index: PackageIndex) -> None:
    """Requests a file of a version that has an accepted hash, a wheel if there is one."""
    files = [file for file in index.files(pin.name) if _is_of(file.name, pin)]
    if not files:
        raise RefusedError(f"pypi.org has no {pin}")
    for file in sorted(files, key=lambda file: not file.name.endswith(".whl")):
        if pin.hashes and file.sha256 and file.sha256 not in pin.hashes:
            continue
        digest = sha256(index.fetch(file)).hexdigest()
        if not pin.hashes or digest in pin.hashes:
            return
    raise RefusedError(f"no file of {pin} at pypi.org has one of the hashes of the lock")


def _is_of(file: str, pin: Pin) -> bool:
    """Returns whether a file is a wheel or a source distribution of a version."""
    stem = file.removesuffix(".tar.gz").removesuffix(".zip")
    name, _, rest = stem.partition("-") if file.endswith(".whl") else stem.rpartition("-")
    return canonicalize_name(name) == pin.name and rest.partition("-")[0] == pin.version
