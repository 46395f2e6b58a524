"""The rule about network policies: whatever their spelling, they name ports, and whom they admit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_network

from policies.evaluation.readers import UNKNOWN, Properties, Unknown, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation
from policies.kubernetes.inputs.manifests import NETWORK_POLICY
from policies.kubernetes.inputs.pods import blocks_in

PEERS = {"ingress": "from", "egress": "to"}
ANYWHERE = frozenset({53, 443})
"""Ports on which pods may call any address, because the network decides about it: DNS and HTTPS."""
MOST_PORTS = 100
PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))
"""Private networks (RFC 1918, RFC 4193), and the shared address space that VPCs use for pods (RFC 6598)."""
POD_IDENTITY = tuple(map(ip_network, ("169.254.170.23/32", "fd00:ec2::23/128")))
"""Addresses of the agent of EKS Pod Identity (EKS User Guide, "EKS Pod Identity considerations")."""


def names_ports_and_peers(resource: Resource) -> Violation | None:
    return first(_violations(resource.properties))


def _violations(policy: Properties) -> Iterator[Violation]:
    is_for_every_pod = _selects_everything(policy.value("spec", "podSelector"))
    for direction, peers in PEERS.items():
        for place, rule in blocks_in(policy, "spec", direction):
            yield from _check_ports(place, rule)
            if direction == "ingress" or not _is_for_ports_of_anywhere(rule):
                yield from _check_peers(f"{place}.{peers}", rule.items(peers))
            for peer_place, peer in blocks_in(rule, peers, place=place):
                if direction == "ingress" and is_for_every_pod and _is_every_namespace(peer):
                    yield violation(
                        f"lets every pod of the cluster call every pod of the namespace ({peer_place})",
                        fix="name the pods in spec.podSelector, or the namespaces that may call them",
                    )


def _check_ports(place: str, rule: Properties) -> Iterator[Violation]:
    ports = rule.items("ports")
    if ports is None or ports == []:
        yield violation(f"allows every port ({place}.ports)", fix="list the ports")
    for port_place, port in blocks_in(rule, "ports", place=place):
        if is_missing(port.value("port")):
            yield violation(f"allows every port ({port_place}.port)", fix="name the port")
        first_port, last = port.value("port"), port.value("endPort")
        if isinstance(last, int | float) and isinstance(first_port, int | float) and last - first_port >= MOST_PORTS:
            yield violation(f"allows a range of ports ({port_place}.endPort)", fix=f"name at most {MOST_PORTS} ports")


def _check_peers(place: str, peers: Sequence[object] | Unknown | None) -> Iterator[Violation]:
    if isinstance(peers, Unknown):
        return
    if not peers:
        yield violation(f"names no peer, which means every address ({place})", fix="name pods or a private network")
    for index, peer in enumerate(peers or ()):
        cidr = Properties(peer).text("ipBlock", "cidr") if isinstance(peer, Mapping) else None
        if isinstance(cidr, str) and not _is_private(cidr):
            yield violation(
                f"names addresses outside private networks ({place}[{index}].ipBlock.cidr)",
                fix="name a private network",
            )


def _is_private(cidr: str) -> bool:
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return False
    return any(
        network.version == known.version and network.subnet_of(known)  # type: ignore[arg-type] # compared before
        for known in (*PRIVATE, *POD_IDENTITY)
    )


def _is_for_ports_of_anywhere(rule: Properties) -> bool:
    named = [port.value("port") for _, port in blocks_in(rule, "ports")]
    return rule.may_have_more("ports") or (bool(named) and all(port is UNKNOWN or port in ANYWHERE for port in named))


def _is_every_namespace(peer: Properties) -> bool:
    return _selects_everything(peer.value("namespaceSelector")) and _is_empty(peer.value("podSelector"))


def _is_empty(selector: object) -> bool:
    return selector is None or _selects_everything(selector)


def _selects_everything(selector: object) -> bool:
    """Whether a known selector names no value that a label must have. ``Exists`` and ``NotIn`` name none."""
    if not isinstance(selector, Mapping):
        return False
    found = Properties(selector)
    if found.value("matchLabels") not in (None, {}):
        return False
    operators = [expression.text("operator") for _, expression in blocks_in(found, "matchExpressions")]
    return not any(operator in ("In", UNKNOWN) for operator in operators)


RULES = (
    Rule(
        id="KU-14",
        title="Network policies name ports and whom they admit",
        severity="high",
        sources=("CIS EKS 1.7 4.3.2", "Kubernetes documentation, Network Policies"),
        remedy="List the ports of each rule. Name pods, namespaces or a private network in from, and in to for ports "
        "other than those of DNS and HTTPS. A selector whose expressions only compare by Exists, DoesNotExist or NotIn "
        "selects everything that nobody has thought of.",
        checks=for_each(NETWORK_POLICY, names_ports_and_peers),
    ),
)
