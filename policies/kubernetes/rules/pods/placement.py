"""Rules about where pods run and how they find others: the scheduler and the cluster decide, and no pod overrides
them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.evaluation.readers import UNKNOWN, Properties, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation
from policies.kubernetes.inputs.manifests import WORKLOAD
from policies.kubernetes.inputs.pods import Pod, blocks_in, pod_of

NODE_LABEL = "kubernetes.io/hostname"
"""Label with the name of a node."""
SYSTEM_PRIORITY = "system-"
"""Prefix of the priority classes of Kubernetes itself, whose pods push others off their nodes."""
OF_THE_CLUSTER = ("ClusterFirst", "ClusterFirstWithHostNet")
"""DNS policies with which the resolver of the cluster answers."""
_ADDED = ("nameservers", "searches")
_TERMS = ("affinity", "nodeAffinity")


def runs_where_the_scheduler_decides(resource: Resource) -> Violation | None:
    pod = pod_of(resource)
    return None if pod is None else first(_placements(pod))


def _placements(pod: Pod) -> Iterator[Violation]:
    place, properties = pod.place, pod.properties
    if properties.text("nodeName") not in (None, "", UNKNOWN):
        yield violation(f"chooses its node past the scheduler ({place}.nodeName)", fix="remove it")
    selected = properties.value("nodeSelector")
    if isinstance(selected, Mapping) and NODE_LABEL in selected:
        yield violation(f"chooses one node ({place}.nodeSelector)", fix="select nodes by what they have")
    for term_place, term in _affinities(pod):
        if NODE_LABEL in (term.text("key"), *_fields(term)):
            yield violation(f"chooses one node ({term_place})", fix="select nodes by what they have")
    for toleration_place, toleration in pod.blocks("tolerations"):
        if is_missing(toleration.text("key")):
            yield violation(
                f"tolerates every taint, so that it runs on any node ({toleration_place}.key)",
                fix="name the taint of the nodes that it is for",
            )
    if str(properties.text("priorityClassName")).startswith(SYSTEM_PRIORITY):
        yield violation(f"has the priority of Kubernetes itself ({place}.priorityClassName)", fix="remove it")


def _affinities(pod: Pod) -> Iterator[tuple[str, Properties]]:
    """Yields the expressions of the node affinity, required and preferred, with their places."""
    required = (*_TERMS, "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
    preferred = (*_TERMS, "preferredDuringSchedulingIgnoredDuringExecution")
    kinds = ("matchExpressions", "matchFields")
    for place, term in pod.blocks(*required):
        for kind in kinds:
            yield from blocks_in(term, kind, place=place)
    for place, term in pod.blocks(*preferred):
        for kind in kinds:
            yield from blocks_in(term, "preference", kind, place=place)


def _fields(term: Properties) -> tuple[str, ...]:
    """Returns the label of a node's name if an expression compares the name itself."""
    return (NODE_LABEL,) if term.text("key") == "metadata.name" else ()


def resolves_names_as_its_cluster(resource: Resource) -> Violation | None:
    pod = pod_of(resource)
    return None if pod is None else first(_resolutions(pod))


def _resolutions(pod: Pod) -> Iterator[Violation]:
    place, properties = pod.place, pod.properties
    if properties.value("hostAliases") not in (None, [], UNKNOWN):
        yield violation(f"gives names other addresses ({place}.hostAliases)", fix="remove it")
    if properties.text("dnsPolicy") not in (None, UNKNOWN, *OF_THE_CLUSTER):
        yield violation(f"asks another resolver than its cluster's ({place}.dnsPolicy)", fix="use ClusterFirst")
    for name in _ADDED:
        if properties.value("dnsConfig", name) not in (None, [], UNKNOWN):
            yield violation(
                f"asks another resolver, or for other names ({place}.dnsConfig.{name})",
                fix="remove it, and keep options",
            )


RULES = (
    Rule(
        id="KU-15",
        title="The scheduler chooses the nodes of pods",
        severity="medium",
        sources=("Kubernetes documentation, Assigning Pods to Nodes", "Kubernetes documentation, Taints"),
        remedy="Name no node, tolerate taints by their key, and leave the priority classes of Kubernetes to it. A pod "
        "that runs on any node reaches nodes that were set apart from it, and nodes that are being emptied.",
        checks=for_each(WORKLOAD, runs_where_the_scheduler_decides),
    ),
    Rule(
        id="KU-16",
        title="Pods resolve names as their cluster does",
        severity="high",
        sources=("Kubernetes documentation, DNS for Services and Pods",),
        remedy="Leave name resolution to the cluster: no hostAliases, no other DNS policy, name server or search "
        "domain. Names of AWS resolve to the endpoints of the network there, and lookups stay inside it.",
        checks=for_each(WORKLOAD, resolves_names_as_its_cluster),
    ),
)
