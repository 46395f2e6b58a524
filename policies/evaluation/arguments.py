"""Converts the arguments of the policy SDK to the resources that rules check.

The SDK raises an exception when a policy reads a value that a preview does not know. It then skips the whole policy for
that resource and prints an advisory message, whatever the policy's level. So this module reads every value once and
replaces unknown ones with UNKNOWN.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import pulumi
from pulumi_policy import PolicyProviderResource, PolicyResource, ResourceValidationArgs
from pulumi_policy.proxy import UnknownValueError

from policies.evaluation.readers import UNKNOWN, Properties
from policies.evaluation.resource import Provider, Resource
from policies.evaluation.stack_context import stack_context

ORGANIZATION_VARIABLE = "PLINTH_ORGANIZATION"
"""Environment variable with the id and the accounts of the organization that upstream stacks export (JSON)."""


def resource(arguments: ResourceValidationArgs) -> Resource:
    """Returns one resource that is about to be created or changed."""
    return _resource(arguments, {})


def resource_in_stack(registered: PolicyResource) -> Resource:
    """Returns one resource of a registered stack, with the resources that its properties depend on."""
    sources = {key: [source.urn for source in found] for key, found in registered.property_dependencies.items()}
    return _resource(registered, sources)


def _resource(received: ResourceValidationArgs | PolicyResource, sources: Mapping[str, Sequence[str]]) -> Resource:
    stack, project, types = received.urn.removeprefix("urn:pulumi:").split("::")[:3]
    configuration = pulumi.Config("plinth")
    return Resource(
        type=received.resource_type,
        name=received.name,
        properties=_properties(received.props),
        parents=types.split("$")[:-1],
        provider=_provider(received.provider),
        protected=received.opts.protect,
        context=stack_context(
            stack,
            configuration.get("organization"),
            configuration.get("environment"),
            configuration.get("team"),
            configuration.get("dataset"),
            project,
            configuration.get("promotion"),
            os.environ.get(ORGANIZATION_VARIABLE),
        ),
        urn=received.urn,
        sources=sources,
    )


def _provider(provider: PolicyProviderResource | None) -> Provider | None:
    return Provider(provider.name, _properties(provider.props)) if provider else None


def _properties(proxy: Mapping[str, object]) -> Properties:
    return Properties({key: _read(proxy, key) for key in proxy})


def _read(node: Mapping[str, object] | Sequence[object], key: str | int) -> object:
    try:
        value = node[key]  # type: ignore[index]
    except UnknownValueError:
        return UNKNOWN
    if isinstance(value, Mapping):
        return {name: _read(value, name) for name in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_read(value, index) for index in range(len(value))]
    return value
