"""The external connection of a CodeArtifact repository, which has at most one."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def set_external_connection(caller: Caller, known: Properties) -> None:
    """Adds the connection of the program, and removes another one before."""
    where = {name: known[name] for name in ("domain", "domainOwner", "repository") if known.get(name)}
    found = caller.aws("describe_repository", **where)["repository"]["externalConnections"]
    wanted = (known.get("externalConnections") or {}).get("externalConnectionName")
    present = [external_connection["externalConnectionName"] for external_connection in found]
    for name in present:
        if name != wanted:
            caller.aws("disassociate_external_connection", externalConnection=name, **where)
    if wanted is not None and wanted not in present:
        caller.aws("associate_external_connection", externalConnection=wanted, **where)
