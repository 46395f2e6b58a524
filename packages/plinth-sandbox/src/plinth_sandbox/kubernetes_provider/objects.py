"""Objects as the program writes them: their type, name and identity, and what their annotations say to the provider."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from plinth_sandbox.provider.errors import ProviderError

AUTONAMED = "pulumi.com/autonamed"
SKIP_AWAIT = "pulumi.com/skipAwait"
TIMEOUT = "pulumi.com/timeoutSeconds"
FIELD_MANAGER = "__fieldManager"
"""Output with the name under which the provider applies the object's fields."""
_LONGEST_NAME = 253
_SERVER_SET = (
    "creationTimestamp",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)
_UNSUPPORTED = re.compile(r"kubernetes:(helm|yaml|kustomize)[.:/].*|.*(Patch|List)$")

Object = dict[str, Any]


def check_type(token: str) -> None:
    """Raises ProviderError for types of the vendor's provider that are not one object."""
    if _UNSUPPORTED.fullmatch(token):
        raise ProviderError(
            f"{token} is not supported by the sandbox: its Kubernetes provider manages single objects, such as "
            "kubernetes:core/v1:ConfigMap; declare each object of a chart, a list or a file"
        )


def type_of(token: str) -> tuple[str, str]:
    """Returns apiVersion and kind of a token: ``v1`` and ``Pod`` for ``kubernetes:core/v1:Pod``."""
    _, version, kind = token.split(":")
    return version.removeprefix("core/"), kind


def metadata_of(target: Mapping[str, Any]) -> Mapping[str, Any]:
    found = target.get("metadata")
    return found if isinstance(found, Mapping) else {}


def annotation(target: Mapping[str, Any], name: str) -> str:
    annotations = metadata_of(target).get("annotations")
    return str(annotations.get(name, "")) if isinstance(annotations, Mapping) else ""


def identifier(target: Mapping[str, Any], namespace: str | None) -> str:
    """Returns the id of an object, as the vendor's provider writes it."""
    name = str(target["metadata"]["name"])
    return f"{namespace}/{name}" if namespace else name


def field_manager(urn: str) -> str:
    return f"pulumi-kubernetes-{hashlib.sha256(urn.encode()).hexdigest()[:8]}"


def with_name(
    inputs: Object, old_inputs: Mapping[str, Any], logical_name: str, seed: bytes, proposed: str | None
) -> Object:
    """Returns inputs in which the object has a name: the program's, the one that it has, or a new one."""
    metadata = inputs.get("metadata", {})
    if not isinstance(metadata, dict) or "name" in metadata:
        return inputs
    before = metadata_of(old_inputs)
    kept = before.get("name") if annotation(old_inputs, AUTONAMED) else None
    if kept is None:
        suffix = hashlib.sha256(seed + logical_name.encode()).hexdigest()[:8]
        base = re.sub(r"[^a-z0-9.-]+", "-", logical_name.lower()).strip("-.")
        kept = proposed or f"{base[: _LONGEST_NAME - len(suffix) - 1]}-{suffix}"
    annotations = {**(metadata.get("annotations") or {}), AUTONAMED: "true"}
    return {**inputs, "metadata": {**metadata, "name": kept, "annotations": annotations}}


def identity(target: Mapping[str, Any], default_namespace: str) -> dict[str, Any]:
    """Returns what makes an object another one if it changes, by path. The version of an API group does not."""
    metadata = metadata_of(target)
    group = str(target.get("apiVersion", "")).rpartition("/")[0]
    return {
        "apiVersion": group,
        "kind": target.get("kind"),
        "metadata.name": metadata.get("name"),
        "metadata.namespace": metadata.get("namespace") or default_namespace,
    }


def outputs_of(live: Mapping[str, Any], manager: str) -> Object:
    """Returns the outputs of an object. Who manages which field is no state of the object."""
    metadata = {name: value for name, value in live["metadata"].items() if name != "managedFields"}
    return {**live, "metadata": metadata, FIELD_MANAGER: manager}


def inputs_of(live: Mapping[str, Any]) -> Object:
    """Returns the inputs with which a program could have created an object."""
    metadata = {name: value for name, value in live["metadata"].items() if name not in _SERVER_SET}
    return {**{name: value for name, value in live.items() if name != "status"}, "metadata": metadata}
