"""The rule about isolation: pods share nothing with their node."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from policies.evaluation.readers import UNKNOWN, Properties
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation
from policies.kubernetes.inputs.manifests import WORKLOAD
from policies.kubernetes.inputs.pods import Container, Pod, blocks_in, pod_of

_HOST_NAMESPACES = ("hostIPC", "hostNetwork", "hostPID")
VOLUMES = frozenset(
    {
        "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "name", "persistentVolumeClaim", "projected",
        "secret",
    }
)  # fmt: skip
"""Members of a volume with an allowed type."""
DRIVERS = ("secrets-store.csi.k8s.io",)
"""Drivers of volumes that a pod declares by itself. Others, such as those of file systems, take parameters that only
administrators may set (Kubernetes documentation, "CSI ephemeral volumes", "CSI driver restrictions")."""
CONTEXT: Mapping[tuple[str, ...], tuple[object, ...]] = {
    ("appArmorProfile", "type"): ("RuntimeDefault", "Localhost"),
    ("privileged",): (False,),
    ("procMount",): ("Default",),
    ("seLinuxOptions", "role"): ("",),
    ("seLinuxOptions", "type"): ("container_t", "container_init_t", "container_kvm_t", "container_engine_t"),
    ("seLinuxOptions", "user"): ("",),
    ("windowsOptions", "hostProcess"): (False,),
}
"""Allowed values in a security context, by path. Each may be absent."""
SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem", "net.ipv4.tcp_syncookies", "net.ipv4.tcp_wmem",
    }
)  # fmt: skip
"""Kernel parameters that affect one pod only."""
_CALLS = ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop")
_PROTOCOLS = ("httpGet", "tcpSocket")


def shares_nothing_with_its_node(resource: Resource) -> Violation | None:
    pod = pod_of(resource)
    return None if pod is None else first(_violations(pod))


def _violations(pod: Pod) -> Iterator[Violation | None]:
    for name in _HOST_NAMESPACES:
        if pod.properties.flag(name) is True:
            yield violation(f"shares a namespace of its node ({pod.place}.{name})", fix="remove it, or set it to false")
    yield from _volumes(pod)
    yield from _context(pod.place, pod.properties)
    yield from _sysctls(pod)
    for container in pod.containers():
        yield from _context(container.place, container.properties)
        yield from _ports(container)
        yield from _calls(container)


def _volumes(pod: Pod) -> Iterator[Violation]:
    for place, volume in pod.blocks("volumes"):
        if set(volume.tree) - VOLUMES:
            yield violation(
                f"mounts a volume of the node or of another service ({place})",
                fix=f"use one of {', '.join(sorted(VOLUMES - {'name'}))}",
            )
        if volume.text("csi", "driver") not in (None, UNKNOWN, *DRIVERS):
            yield violation(
                f"mounts a volume with parameters of its driver ({place}.csi.driver)",
                fix=f"use a claim, or one of {', '.join(DRIVERS)}",
            )


def _context(place: str, properties: Properties) -> Iterator[Violation]:
    for path, allowed in CONTEXT.items():
        value = properties.value("securityContext", *path)
        if value not in (None, UNKNOWN, *allowed):
            yield violation(
                f"weakens the isolation of a container ({place}.securityContext.{'.'.join(path)})",
                fix=f"remove it, or use {', '.join(map(json.dumps, allowed))}",
            )


def _sysctls(pod: Pod) -> Iterator[Violation]:
    for place, sysctl in pod.blocks("securityContext", "sysctls"):
        if sysctl.text("name") not in (UNKNOWN, *SYSCTLS):
            yield violation(
                f"sets a kernel parameter that affects its node ({place})", fix=f"use only {', '.join(sorted(SYSCTLS))}"
            )


def _ports(container: Container) -> Iterator[Violation]:
    for place, port in blocks_in(container.properties, "ports", place=container.place):
        if port.number("hostPort") not in (None, 0, UNKNOWN):
            yield violation(f"opens a port of its node ({place}.hostPort)", fix="remove it, and use a Service")


def _calls(container: Container) -> Iterator[Violation]:
    """Yields a violation for each probe or hook that calls another host: the kubelet sends it from the node."""
    for call in _CALLS:
        for protocol in _PROTOCOLS:
            host = container.properties.text(*call.split("."), protocol, "host")
            if host not in (None, "", UNKNOWN):
                yield violation(
                    f"has its node call another host ({container.place}.{call}.{protocol}.host)",
                    fix="remove it, so that the node calls the pod",
                )


RULES = (
    Rule(
        id="KU-02",
        title="Pods are isolated from their node",
        severity="critical",
        sources=(
            "Kubernetes Pod Security Standards, baseline and restricted",
            "CIS EKS 1.7 4.2.1",
            "CIS EKS 1.7 4.2.2",
            "CIS EKS 1.7 4.2.3",
            "CIS EKS 1.7 4.2.4",
        ),
        remedy="Use no host namespace, host port, host path or privileged container, and leave the profiles of "
        "AppArmor, SELinux and the kernel as they are. Data comes from volumes of the types that the standard allows.",
        checks=for_each(WORKLOAD, shares_nothing_with_its_node),
    ),
)
