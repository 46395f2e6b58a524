"""Domain lists of the DNS firewall, whose domains go in by a call of their own."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def set_domains(caller: Caller, known: Properties) -> None:
    """Puts the domains in the place of those that the list has; an empty list cannot be put, only emptied."""
    domains, address = known.get("domains") or [], {"FirewallDomainListId": known["id"]}
    if domains:
        caller.aws("update_firewall_domains", Operation="REPLACE", Domains=domains, **address)
        return
    present = caller.aws("list_firewall_domains", **address)["Domains"]
    if present:
        caller.aws("update_firewall_domains", Operation="REMOVE", Domains=present, **address)
