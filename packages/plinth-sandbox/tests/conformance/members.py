"""What delegations are tried on: an organization that trusts the service, and an account of it."""

from __future__ import annotations

from conformance.sample import Need


def members(*services: str) -> dict[str, Need]:
    """Prerequisites ``organization`` and ``audit``."""
    return {
        "organization": (
            "aws:organizations/organization:Organization",
            {"awsServiceAccessPrincipals": list(services)},
        ),
        "audit": ("aws:organizations/account:Account", {"name": "audit", "email": "aws+delegate{n}@acme.example"}),
    }
