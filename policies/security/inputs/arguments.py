"""From the arguments of the policy SDK to what a rule sees.

The SDK raises as soon as a rule reads a value that a preview cannot know, and drops the whole policy for that resource
to an advisory remark, whatever its level. So every value is read here, once, and an unknown one becomes UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_policy import PolicyProviderResource, PolicyResource, ResourceValidationArgs
from pulumi_policy.proxy import UnknownValueError

from policies.security.inputs.declared import surroundings
from policies.security.inputs.readers import UNKNOWN, Properties
from policies.security.inputs.subject import Provider, Subject


def subject(arguments: ResourceValidationArgs) -> Subject:
    """One resource, before it is created or changed."""
    return _subject(arguments, {})


def related_subject(resource: PolicyResource) -> Subject:
    """One resource among all of its stack, with the resources that its properties are made from."""
    sources = {key: [source.urn for source in made_from] for key, made_from in resource.property_dependencies.items()}
    return _subject(resource, sources)


def _subject(resource: ResourceValidationArgs | PolicyResource, sources: Mapping[str, Sequence[str]]) -> Subject:
    stack, _project, types = resource.urn.removeprefix("urn:pulumi:").split("::")[:3]
    configuration = pulumi.Config("plinth")
    return Subject(
        type=resource.resource_type,
        name=resource.name,
        properties=_properties(resource.props),
        parents=types.split("$")[:-1],
        provider=_provider(resource.provider),
        protected=resource.opts.protect,
        surroundings=surroundings(
            stack,
            configuration.get("organization"),
            configuration.get("environment"),
            configuration.get("team"),
            configuration.get("dataset"),
        ),
        urn=resource.urn,
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
