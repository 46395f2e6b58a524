"""How clients enter a cluster of EKS."""

from __future__ import annotations

import json


def kubeconfig(session: str, region: str, name: str, account_id: str, endpoint: str, authority: str) -> str:
    """Returns a kubeconfig for a cluster. Its user gets tokens of ``plinth cluster token``, so it has no credentials.

    Args:
        session: Word in the name of the session that asks for the token, such as the stack that deploys.
        region: Region of the cluster.
        name: Name of the cluster.
        account_id: Id of the account of the cluster.
        endpoint: URL of the Kubernetes API.
        authority: Certificate of the authority of the API, in base64.
    """
    words = ["cluster", "token", "--name", name, "--account", account_id, "--region", region, "--stack", session]
    command = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "plinth",
        "args": words,
        "interactiveMode": "Never",
    }
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": {"server": endpoint, "certificate-authority-data": authority}}],
            "users": [{"name": name, "user": {"exec": command}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )
