"""Finds resources whose parent was a component in earlier versions, so that an update does not replace them."""

from __future__ import annotations

import pulumi


def without_component(name: str, type_: str, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """Returns the options of a resource that takes the place of a component of the same name and type.

    The engine counts a component as a resource of its stack, so components with few resources are plain classes. Each
    of their resources gets these options. ``opts`` are those of the former component. An alias finds the resources in
    stacks that were deployed with it.
    """
    given = opts or pulumi.ResourceOptions()
    former = pulumi.create_urn(name, type_, parent=given.parent)
    alias = pulumi.Alias(parent=former)
    return pulumi.ResourceOptions.merge(given, pulumi.ResourceOptions(aliases=[alias]))
