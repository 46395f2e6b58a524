"""Writes the files with which components find a server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plinth_sandbox.kubernetes.certificates import Pair
from plinth_sandbox.kubernetes.files import write_json


def write_kubeconfig(path: Path, cluster: Mapping[str, Any], user: Mapping[str, str]) -> Path:
    """Writes a kubeconfig with one cluster and one user, and returns its path. JSON is YAML too."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "here", "cluster": dict(cluster)}],
        "users": [{"name": "own", "user": dict(user)}],
        "contexts": [{"name": "own", "context": {"cluster": "here", "user": "own"}}],
        "current-context": "own",
    }
    return write_json(path, content)


def credentials(pair: Pair) -> dict[str, str]:
    """Returns the user of a kubeconfig that has a certificate."""
    return {"client-certificate": str(pair.certificate), "client-key": str(pair.key)}
