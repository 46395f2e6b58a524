"""The rule about claims: a volume is new and of a class of the cluster, wherever a workload nests the claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.evaluation.readers import UNKNOWN, Properties
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation
from policies.kubernetes.inputs.manifests import CLAIM, WORKLOAD
from policies.kubernetes.inputs.pods import blocks_in, pod_of

EXISTING = ("dataSource", "dataSourceRef", "selector", "volumeName")
"""Members of a claim that name a volume, or data, that exists already."""


def is_a_volume_of_its_own(resource: Resource) -> Violation | None:
    return first(_check("spec", resource.properties.value("spec")))


def templates_are_volumes_of_their_own(resource: Resource) -> Violation | None:
    return first(
        found for place, spec in (*_ephemeral(resource), *_templates(resource)) for found in _check(place, spec)
    )


def _ephemeral(resource: Resource) -> Iterator[tuple[str, object]]:
    pod = pod_of(resource)
    for place, volume in pod.blocks("volumes") if pod else ():
        path = ("ephemeral", "volumeClaimTemplate", "spec")
        yield ".".join((place, *path)), volume.value(*path)


def _templates(resource: Resource) -> Iterator[tuple[str, object]]:
    for place, template in blocks_in(resource.properties, "spec", "volumeClaimTemplates"):
        yield f"{place}.spec", template.value("spec")


def _check(place: str, spec: object) -> Iterator[Violation]:
    claim = Properties(spec if isinstance(spec, Mapping) else {})
    for name in EXISTING:
        if claim.value(name) not in (None, "", {}, UNKNOWN):
            yield violation(f"uses a volume, or data, of somebody else ({place}.{name})", fix="remove it")
    if claim.text("storageClassName") == "":
        yield violation(
            f"uses a volume that no class of the cluster describes ({place}.storageClassName)",
            fix="name a class, or remove it for the default class",
        )


RULES = (
    Rule(
        id="KU-17",
        title="Claims create volumes of their own",
        severity="high",
        sources=("Kubernetes documentation, Persistent Volumes",),
        remedy="Let the storage class of the cluster create the volume, which is encrypted (KU-13). A claim that names "
        "an existing volume, a snapshot or another claim reads what another workload left.",
        checks=for_each(CLAIM, is_a_volume_of_its_own) | for_each(WORKLOAD, templates_are_volumes_of_their_own),
    ),
)
