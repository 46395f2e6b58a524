"""Options with which a portal is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, kw_only=True, slots=True)
class PortalOptions:
    """The options of a portal."""

    directory: Path
    """Directory of the project, whose settings requests are checked against."""
    region: str
    """Home region of the organization, in which IAM Identity Center and the team catalog are."""
    issuer_url: str
    """URL of the IAM Identity Center instance that people sign in to: its issuer or start URL."""
    address: str
    """Address that browsers open, such as ``http://127.0.0.1:8400`` or ``https://portal.acme.example``."""

    @property
    def host(self) -> str:
        """Host and port of the address. Requests for others are refused, so that no other site reaches the portal under
        a name of its own."""
        return self.address.partition("://")[2]

    @property
    def is_shared(self) -> bool:
        """Whether people reach the portal at an address of another machine than their own."""
        return urlsplit(self.address).hostname not in _LOOPBACK

    @property
    def is_encrypted(self) -> bool:
        return self.address.startswith("https://")
