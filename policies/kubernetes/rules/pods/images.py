"""The rule about images of pods: from a private registry of ECR, and pinned by digest."""

from __future__ import annotations

from policies.evaluation.container_images import REGISTRY_IMAGE
from policies.evaluation.readers import UNKNOWN
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation
from policies.kubernetes.inputs.manifests import WORKLOAD
from policies.kubernetes.inputs.pods import Container, pod_of


def runs_known_images(resource: Resource) -> Violation | None:
    pod = pod_of(resource)
    return None if pod is None else first(map(_check, pod.containers()))


def _check(container: Container) -> Violation | None:
    place, image = f"{container.place}.image", container.properties.text("image")
    if image is UNKNOWN:
        return None
    named = REGISTRY_IMAGE.fullmatch(str(image))
    if named is None:
        return violation(f"runs an image from outside ECR ({place})", fix="push it to tooling's registry, and name it")
    if named["digest"] is None:
        return violation(f"names its image by a tag ({place})", fix="use @sha256: and the digest of the image")
    return None


RULES = (
    Rule(
        id="KU-04",
        title="Images of pods come from ECR and are pinned by digest",
        severity="high",
        sources=("CIS EKS 1.7 5.1.4", "CKV_K8S_43"),
        remedy="Push images to tooling's registry, where they are scanned, and name them by digest, which a push "
        "cannot change. Endpoint policies limit the accounts from which a network pulls images (NW-06).",
        checks=for_each(WORKLOAD, runs_known_images),
    ),
)
