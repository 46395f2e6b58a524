"""The pods in workloads, and their containers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.evaluation.readers import UNKNOWN, Properties
from policies.evaluation.resource import Resource
from policies.kubernetes.inputs.manifests import POD_PATHS

LASTING = ("initContainers", "containers")
"""Lists of containers that a pod starts with. Sidecars are init containers that restart."""
EVERY = (*LASTING, "ephemeralContainers")


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a pod."""

    place: str
    """Path of the container in the manifest, such as ``spec.template.spec.containers[0]``."""
    properties: Properties


@dataclass(frozen=True, slots=True)
class Pod:
    """The specification of a pod."""

    place: str
    """Path of the specification in the manifest, such as ``spec.template.spec``."""
    properties: Properties

    def containers(self, *lists: str) -> Iterator[Container]:
        """Yields the known containers of some lists. The default is every list."""
        for name in lists or EVERY:
            for place, properties in self.blocks(name):
                yield Container(place, properties)

    def blocks(self, *path: str) -> Iterator[tuple[str, Properties]]:
        """Yields the known blocks of a list with their places."""
        return blocks_in(self.properties, *path, place=self.place)

    def setting(self, container: Container, *path: str) -> object:
        """Returns a value of a container's security context, or else that of the pod's."""
        own = container.properties.value("securityContext", *path)
        return self.properties.value("securityContext", *path) if own is None else own


def pod_of(resource: Resource) -> Pod | None:
    """Returns the pod of a workload, or None if its specification is unknown. An absent one is empty."""
    path = POD_PATHS[resource.type]
    found = resource.properties.value(*path)
    if found is UNKNOWN:
        return None
    return Pod(".".join(path), Properties(found if isinstance(found, Mapping) else {}))


def blocks_in(properties: Properties, *path: str, place: str = "") -> Iterator[tuple[str, Properties]]:
    """Yields the known blocks of a list with their places. ``place`` is that of the properties."""
    steps = [*filter(None, [place]), *path]
    items = properties.items(*path)
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, Mapping):
            yield f"{'.'.join(steps)}[{index}]", Properties(item)
