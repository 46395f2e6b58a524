"""Domain lists of the DNS Firewall, whose domains are set by a separate call."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def set_domains(caller: Caller, known: Properties) -> None:
    """Replaces the domains of the list. An empty list cannot be put, so the existing domains are removed."""
    domains, address = known.get("domains") or [], {"FirewallDomainListId": known["id"]}
    if domains:
        caller.aws("update_firewall_domains", Operation="REPLACE", Domains=domains, **address)
        return
    present = caller.aws("list_firewall_domains", **address)["Domains"]
    if present:
        caller.aws("update_firewall_domains", Operation="REMOVE", Domains=present, **address)
