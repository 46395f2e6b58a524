"""What a control plane is started with."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import asdict, dataclass

from plinth_sandbox.kubernetes.recipe import NEWEST_MINOR

NEWEST = f"1.{NEWEST_MINOR}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """A server of this machine that authenticates tokens and authorizes requests for the API server.

    Both URLs contain a secret, because the API server sends no credentials without TLS.
    """

    authentication_url: str
    """URL that answers TokenReview."""
    authorization_url: str
    """URL that answers SubjectAccessReview."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlPlaneSettings:
    """Settings of one control plane."""

    version: str = NEWEST
    """Version whose APIs and behaviour the components emulate, such as ``1.35``."""
    service_range: str = "10.100.0.0/16"
    """Range of the addresses of services."""
    issuer: str = "https://kubernetes.default.svc"
    """Issuer of the tokens of service accounts."""
    webhook: Webhook | None = None

    @property
    def service_address(self) -> str:
        """Address of the API server inside the cluster: the first one of the range."""
        return str(ipaddress.ip_network(self.service_range)[1])

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> ControlPlaneSettings:
        values = json.loads(text)
        webhook = values.pop("webhook")
        return cls(webhook=Webhook(**webhook) if webhook else None, **values)
