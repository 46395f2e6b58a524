"""The rule about providers of clusters: they verify the cluster, sign in by a command, and touch what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from policies.evaluation.readers import UNKNOWN, is_missing, set_options
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation

PROVIDER = ("pulumi:providers:kubernetes",)

HARMLESS = frozenset(
    {
        "cluster", "clusterIdentifier", "context", "enableConfigMapMutable", "enablePatchForce", "enableSecretMutable",
        "enableServerSideApply", "kubeClientSettings", "kubeconfig", "namespace", "suppressDeprecationWarnings",
        "suppressHelmHookWarnings", "upsertExistingObjects", "version",
    }
)  # fmt: skip
"""Options that neither leave objects out nor forget them."""
_UNUSED = ("", "{}", "false", False, None)
"""Values with which an option is not used. Properties of a provider are text."""
_OF_CLUSTER = frozenset({"certificate-authority-data", "disable-compression", "server"})
"""Fields that a kubeconfig may have for a cluster."""
_OF_COMMAND = frozenset({"apiVersion", "args", "command", "installHint", "interactiveMode", "provideClusterInfo"})
"""Fields that a kubeconfig may have for the command that gets a token. Variables could choose other credentials."""
_COMMANDS: Mapping[str, tuple[str, ...]] = {"plinth": ("cluster", "token"), "aws": ("eks", "get-token")}
"""Commands that get tokens for the role of the caller, with the arguments that they begin with."""


def verifies_its_cluster(resource: Resource) -> Violation | None:
    return _options(resource) or _connection(resource)


def _options(resource: Resource) -> Violation | None:
    return first(
        violation(f"sets {option}", fix="leave it out, so that the stack creates and deletes what it says")
        for option in set_options(resource.properties, HARMLESS, _UNUSED)
    )


def _connection(resource: Resource) -> Violation | None:
    text = resource.properties.text("kubeconfig")
    if text is UNKNOWN:
        return None
    try:
        config = yaml.safe_load(str(text))
    except yaml.YAMLError:
        config = None
    if not isinstance(config, Mapping):
        return violation("takes its cluster from the machine", fix="set kubeconfig from the outputs of the cluster")
    faults = (*_of_clusters(config), *_of_users(config))
    fix = "name the server, its authority, and the command that gets a token"
    return first(violation(f"{fault} (kubeconfig)", fix=fix) for fault in faults)


def _of_clusters(config: Mapping[str, Any]) -> Iterator[str]:
    clusters = [_mapping(entry, "cluster") for entry in config.get("clusters") or [{}]]
    for cluster in clusters:
        if is_missing(cluster.get("certificate-authority-data")):
            yield "does not name the authority of its cluster"
        if not str(cluster.get("server")).startswith("https://"):
            yield "calls its cluster without TLS"
        yield from (f"sets {option} of its cluster" for option in sorted(cluster.keys() - _OF_CLUSTER))


def _of_users(config: Mapping[str, Any]) -> Iterator[str]:
    for user in (_mapping(entry, "user") for entry in config.get("users") or [{}]):
        command = _mapping(user, "exec")
        words = [str(word) for word in command.get("args") or []]
        begins = _COMMANDS.get(str(command.get("command")))
        if user.keys() != {"exec"}:
            yield "signs in without a command, or with more"
        elif begins is None or tuple(words[: len(begins)]) != begins or command.keys() - _OF_COMMAND:
            yield "signs in with another command than those for tokens of EKS"


def _mapping(node: object, key: str) -> Mapping[str, Any]:
    found = node.get(key) if isinstance(node, Mapping) else None
    return found if isinstance(found, Mapping) else {}


RULES = (
    Rule(
        id="EK-08",
        title="Providers verify their cluster, and sign in with tokens of minutes",
        severity="critical",
        sources=("EKS User Guide, create a kubeconfig file", "Kubernetes documentation, client-go credential plugins"),
        remedy="Give the provider a kubeconfig with the https address and the authority of the cluster, and with "
        "plinth cluster token or aws eks get-token as its only sign-in. Set no option that leaves objects out or "
        "forgets them, such as renderYamlToDirectory and skipUpdateUnreachable.",
        checks=for_each(PROVIDER, verifies_its_cluster),
    ),
)
