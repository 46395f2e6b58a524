"""Cases of policies/kubernetes/rules/clusters/providers.py."""

from __future__ import annotations

import json
from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, Case, Change, Situation, but

SERVER = "https://0123456789ABCDEF0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com"
COMMAND = {
    "apiVersion": "client.authentication.k8s.io/v1",
    "command": "plinth",
    "args": ["cluster", "token", "--name", "tooling"],
    "interactiveMode": "Never",
}
OF_AWS = {**COMMAND, "command": "aws", "args": ["eks", "get-token", "--cluster-name", "tooling"]}


def kubeconfig(*, user: object = None, **cluster: Any) -> str:
    of_cluster = {"server": SERVER, "certificate-authority-data": "QQ==", **cluster}
    return json.dumps(
        {
            "clusters": [{"name": "tooling", "cluster": {k: v for k, v in of_cluster.items() if v is not None}}],
            "users": [{"name": "tooling", "user": {"exec": COMMAND} if user is None else user}],
        }
    )


def having(*, user: object = None, **cluster: Any) -> Change:
    """Returns the provider with a changed cluster or user in its kubeconfig. Underscores stand for hyphens."""
    changed = {key.replace("_", "-"): value for key, value in cluster.items()}
    return but({"kubeconfig": kubeconfig(user=user, **changed)})


CASES = [
    Case(
        rule="EK-08",
        type="pulumi:providers:kubernetes",
        compliant=Situation(
            inputs={"kubeconfig": kubeconfig(), "clusterIdentifier": "tooling", "upsertExistingObjects": "true"}
        ),
        optional=frozenset({"clusterIdentifier", "upsertExistingObjects"}),
        refused={
            **{
                f"sets {option}": but({option: "true"})
                for option in (
                    "renderYamlToDirectory",
                    "skipUpdateUnreachable",
                    "deleteUnreachable",
                    "alwaysRender",
                    "helmReleaseSettings",
                    "optionOfALaterVersion",
                )
            },
            "names a file": but({"kubeconfig": "/root/.kube/config"}),
            "has a kubeconfig that cannot be read": but({"kubeconfig": "{"}),
            "has an empty kubeconfig": but({"kubeconfig": "{}"}),
            "verifies nothing": having(insecure_skip_tls_verify=True),
            "expects another name": having(tls_server_name="collector.example.org"),
            "goes through a proxy": having(proxy_url="https://proxy.example.org"),
            "names no authority": having(certificate_authority_data=None),
            "names a file with the authority": having(certificate_authority="/tmp/ca.pem"),
            "calls without TLS": having(server="http://10.0.0.1"),
            "has a token": having(user={"token": "scoring"}),
            "has a key": having(user={"client-key-data": "QQ=="}),
            "has a command and a name": having(user={"exec": COMMAND, "as": "system:admin"}),
            "has another command": having(user={"exec": {**COMMAND, "command": "sh"}}),
            "has another subcommand": having(user={"exec": {**COMMAND, "args": ["sandbox", "env"]}}),
            "has a command with variables": having(
                user={"exec": {**COMMAND, "env": [{"name": "AWS_PROFILE", "value": "mine"}]}}
            ),
        },
        accepted={
            "is not known": but({"kubeconfig": UNKNOWN}),
            "has an option that is not known": but({"skipUpdateUnreachable": UNKNOWN}),
            "does not skip": but({"skipUpdateUnreachable": "false", "namespace": "runner"}),
            "gets tokens by the AWS CLI": having(user={"exec": OF_AWS}),
            "takes over no objects": but({"upsertExistingObjects": ABSENT}),
        },
    )
]
