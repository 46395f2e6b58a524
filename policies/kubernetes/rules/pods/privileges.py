"""The rule about privileges: containers run as an ordinary user, without capabilities, and with a seccomp profile."""

from __future__ import annotations

from collections.abc import Iterator

from policies.evaluation.readers import UNKNOWN, Unknown
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation
from policies.kubernetes.inputs.manifests import WORKLOAD
from policies.kubernetes.inputs.pods import Container, Pod, pod_of

ROOT_USER = 0
ALLOWED_CAPABILITY = "NET_BIND_SERVICE"
SECCOMP_PROFILES = ("RuntimeDefault", "Localhost")


def runs_without_privileges(resource: Resource) -> Violation | None:
    pod = pod_of(resource)
    if pod is None:
        return None
    return first(found for container in pod.containers() for found in _violations(pod, container))


def _violations(pod: Pod, container: Container) -> Iterator[Violation]:
    place = f"{container.place}.securityContext"
    if pod.setting(container, "runAsNonRoot") not in (True, UNKNOWN):
        yield violation(f"may run as root ({place}.runAsNonRoot)", fix="set it to true here or for the pod")
    if pod.setting(container, "runAsUser") == ROOT_USER:
        yield violation(f"runs as root ({place}.runAsUser)", fix="use the id of an ordinary user, 1 or higher")
    if container.properties.flag("securityContext", "allowPrivilegeEscalation") not in (False, UNKNOWN):
        yield violation(f"may gain privileges ({place}.allowPrivilegeEscalation)", fix="set it to false")
    if pod.setting(container, "seccompProfile", "type") not in (*SECCOMP_PROFILES, UNKNOWN):
        yield violation(
            f"may use every system call ({place}.seccompProfile.type)",
            fix=f"use {' or '.join(SECCOMP_PROFILES)} here or for the pod",
        )
    yield from _capabilities(container, place)


def _capabilities(container: Container, place: str) -> Iterator[Violation]:
    dropped = container.properties.items("securityContext", "capabilities", "drop")
    if not isinstance(dropped, Unknown) and not {"ALL", UNKNOWN} & set(dropped or ()):
        yield violation(f"keeps capabilities of root ({place}.capabilities.drop)", fix="drop ALL")
    added = container.properties.items("securityContext", "capabilities", "add")
    if not isinstance(added, Unknown) and set(added or ()) - {ALLOWED_CAPABILITY, UNKNOWN}:
        yield violation(f"adds capabilities of root ({place}.capabilities.add)", fix=f"add only {ALLOWED_CAPABILITY}")


RULES = (
    Rule(
        id="KU-03",
        title="Containers run without privileges",
        severity="critical",
        sources=("Kubernetes Pod Security Standards, restricted", "CIS EKS 1.7 4.2.5"),
        remedy="Set runAsNonRoot, drop ALL capabilities, forbid privilege escalation and use the seccomp profile "
        "RuntimeDefault, in every container, init container and ephemeral container.",
        checks=for_each(WORKLOAD, runs_without_privileges),
    ),
)
