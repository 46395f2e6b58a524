"""Prerequisites for delegations: an organization that trusts the service, and a member account."""

from __future__ import annotations

from conformance.sample import Need


def members(*services: str) -> dict[str, Need]:
    """Returns the prerequisites ``organization`` and ``audit``."""
    return {
        "organization": (
            "aws:organizations/organization:Organization",
            {"awsServiceAccessPrincipals": list(services)},
        ),
        "audit": ("aws:organizations/account:Account", {"name": "audit", "email": "aws+delegate{n}@acme.example"}),
    }
