"""Imports the singletons that the command line found in a used account (decision 35)."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pulumi

VARIABLE = "PLINTH_ADOPTED"
"""Environment variable: provider's id by URN, as JSON. ``plinth up`` sets it for one update."""


def adopt(found: str | None) -> None:
    """Makes the engine import each resource whose URN is in ``found``, the content of :data:`VARIABLE`.

    The engine reads an imported resource first and then updates it to match the program.
    """
    if found is None:
        return
    ids = {_type_and_name(urn): identity for urn, identity in json.loads(found).items()}
    pulumi.runtime.register_stack_transformation(lambda resource: _imported(resource, ids))


def _imported(
    resource: pulumi.ResourceTransformationArgs, ids: Mapping[tuple[str, str], str]
) -> pulumi.ResourceTransformationResult | None:
    identity = ids.get((resource.type_, resource.name))
    if identity is None:
        return None
    opts = pulumi.ResourceOptions.merge(resource.opts, pulumi.ResourceOptions(import_=identity))
    return pulumi.ResourceTransformationResult(resource.props, opts)


def _type_and_name(urn: str) -> tuple[str, str]:
    """Returns the resource's own type, without the types of its parents, and its name."""
    _, _, types, name = urn.split("::", 3)
    return types.rpartition("$")[2], name
