"""EKS clusters: the logs of the control plane, which the provider lists and the API switches by type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def set_logs(caller: Caller, known: Properties) -> None:
    """Switches logs on and off, in one request for each."""
    groups = caller.aws("describe_cluster", name=known["id"])["cluster"]["logging"]["clusterLogging"]
    current = {type_ for group in groups if group["enabled"] for type_ in group["types"]}
    wanted = set(known.get("enabledClusterLogTypes") or [])
    for types, enabled in ((wanted - current, True), (current - wanted, False)):
        if types:
            logging = _logging(sorted(types), enabled=enabled)
            caller.aws("update_cluster_config", name=known["id"], logging=logging)


def _logging(types: Sequence[str], *, enabled: bool) -> dict[str, Any]:
    return {"clusterLogging": [{"types": list(types), "enabled": enabled}]}
