"""The rule about quantities: containers request CPU and memory, and have a limit of memory."""

from __future__ import annotations

from policies.evaluation.readers import is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation
from policies.kubernetes.inputs.manifests import WORKLOAD
from policies.kubernetes.inputs.pods import LASTING, Container, pod_of

QUANTITIES = (("requests", "cpu"), ("requests", "memory"), ("limits", "memory"))


def states_its_quantities(resource: Resource) -> Violation | None:
    """Checks all containers except ephemeral ones, which cannot have quantities."""
    pod = pod_of(resource)
    return None if pod is None else first(map(_missing, pod.containers(*LASTING)))


def _missing(container: Container) -> Violation | None:
    paths = (("resources", *path) for path in QUANTITIES)
    missing = [".".join(path) for path in paths if is_missing(container.properties.value(*path))]
    if not missing:
        return None
    return violation(
        f"does not say what it needs ({container.place}: {', '.join(missing)})", fix="set them for this container"
    )


RULES = (
    Rule(
        id="KU-05",
        title="Containers request CPU and memory and limit memory",
        severity="medium",
        sources=("CKV_K8S_10", "CKV_K8S_12", "CKV_K8S_13"),
        remedy="Set resources.requests.cpu, resources.requests.memory and resources.limits.memory. Without them, one "
        "pod can take the memory of all others on its node, and a quota refuses it.",
        checks=for_each(WORKLOAD, states_its_quantities),
    ),
)
