"""Networks of runs, which a proxy knows by the token that a run sends it.

A run gets a token of its own when it starts. Nobody can guess it, so a run reaches what its own network leads to.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from plinth_sandbox.emulator.authorization.networks import leads_out

_USER = "run"
_THIS_MACHINE = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class RunNetwork:
    """The network interfaces of a run."""

    account: str
    region: str
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...] = ()
    closed: bool = False
    """Whether no route of the subnets leads to the internet."""

    @classmethod
    def of(cls, account: str, region: str, configuration: Mapping[str, object]) -> RunNetwork | None:
        """Returns the network of a run by its configuration, as CodeBuild and SageMaker write it; None without one."""
        folded = {name.lower(): value for name, value in configuration.items()}
        subnets, groups = _texts(folded.get("subnets")), _texts(folded.get("securitygroupids"))
        if not subnets:
            return None
        return cls(account, region, subnets, groups, closed=not leads_out(account, region, subnets))


def _texts(found: object) -> tuple[str, ...]:
    return tuple(str(item) for item in found) if isinstance(found, list) else ()


@dataclass(slots=True)
class RunNetworks:
    """The networks of the current runs, by token. Safe for threads."""

    _known: dict[str, RunNetwork] = field(default_factory=dict)

    def enter(self, network: RunNetwork) -> str:
        """Returns a new token of a run."""
        token = secrets.token_urlsafe(24)
        self._known[token] = network
        return token

    def leave(self, token: str) -> None:
        """Forgets a run that has ended."""
        self._known.pop(token, None)

    def of(self, authorization: str) -> RunNetwork | None:
        """Returns the network of a run by the header ``Proxy-Authorization`` of its request, or None."""
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, _, token = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return self._known.get(token) if user == _USER else None


def with_token(url: str, token: str) -> str:
    """Returns the URL of a proxy with which clients send it a token."""
    return urlsplit(url)._replace(netloc=f"{_USER}:{token}@{urlsplit(url).netloc}").geturl()


def without_proxy() -> dict[str, str]:
    """Returns the variables that keep requests to this machine from a proxy."""
    # botocore compares what is before the port, in addresses of S3 Control with the user name.
    direct = ",".join(f"{user}{host}" for user in ("", "account@") for host in _THIS_MACHINE)
    return dict.fromkeys(("NO_PROXY", "no_proxy"), direct)
