"""The address of a repository: its host names the domain, the account that owns it, and the region."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plinth_sandbox.emulator.message import Request

_HOST = re.compile(
    r"(?P<domain>[a-z][a-z0-9-]{0,48}[a-z0-9])-(?P<owner>[0-9]{12})\.d\.codeartifact\."
    r"(?P<region>[a-z0-9-]+)\.amazonaws\.com"
)


@dataclass(frozen=True, slots=True)
class PackageAddress:
    """The domain that the host of a request names."""

    domain: str
    owner: str
    region: str


def is_of_packages(host: str) -> bool:
    """Returns whether a host name is one of a domain of CodeArtifact."""
    return _HOST.fullmatch(host.lower()) is not None


def address_of(request: Request) -> PackageAddress | None:
    """Returns the address of a request, or None if it is for no domain of CodeArtifact."""
    match = _HOST.fullmatch(request.header("host").partition(":")[0].lower())
    return None if match is None else PackageAddress(**match.groupdict())
