"""Tags: the provider's default tags and the resource's own, set by each service's tag operations."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from botocore import xform_name

from plinth_sandbox.provider.errors import AwsError, ProviderError
from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.operations.session import service_model
from plinth_sandbox.provider.properties import shapes
from plinth_sandbox.provider.properties.property_types import TAGS
from plinth_sandbox.provider.rpc.configuration import Configuration
from plinth_sandbox.provider.templates import fill
from plinth_sandbox.provider.vocabulary import Properties, Tagging

Tags = dict[str, str]


class BoundTagging:
    """The tag operations of a service for one resource type.

    The shapes of the operations determine which member names the resource, and which contains tags or keys.
    """

    def __init__(self, tagging: Tagging, service: str, address: Mapping[str, Any]) -> None:
        self.tagging = tagging
        self._service = service
        self._address = {**address, **tagging.address}

    @cached_property
    def by_arn(self) -> bool:
        """Whether a resource is tagged by its ARN, which is the case if the entry has no other address."""
        return bool(self._addressed_by_arn(self._shape(self.tagging.tag)))

    def change(self, caller: Caller, known: Properties, before: Tags, after: Tags) -> None:
        """Changes the tags from `before` to `after`."""
        removed = [key for key in before if key not in after]
        added = {key: value for key, value in after.items() if before.get(key) != value}
        replaces = self.tagging.whole and (after or self.tagging.untag == self.tagging.tag)
        if replaces and (removed or added):
            self._run(caller, self.tagging.tag, known, after)
            return
        if removed:
            self._run(caller, self.tagging.untag, known, removed)
        if added:
            self._run(caller, self.tagging.tag, known, added)

    def read(self, caller: Caller, known: Properties) -> Tags | None:
        """Returns the tags in AWS, or None if the resource's own reads return them."""
        if self.tagging.read is None:
            return None
        try:
            answer = self._run(caller, self.tagging.read, known, None)
        except AwsError as error:
            if error.means_absent():  # S3 returns an error for a bucket without tags
                return {}
            raise
        return dict(shapes.to_property(_listed(answer), TAGS, {}))

    def _shape(self, method: str) -> Any:
        service = service_model(self._service)
        for name in service.operation_names:
            if xform_name(name) == method:
                return service.operation_model(name).input_shape
        raise ProviderError(f"{self._service} has no operation {method}")

    def _run(self, caller: Caller, method: str, known: Properties, tags: Any) -> dict[str, Any]:
        shape = self._shape(method)
        address = {name: template for name, template in self._address.items() if name in shape.members}
        arguments = dict(fill(address, known)) if address else {}
        arguments |= dict.fromkeys(self._addressed_by_arn(shape), known.get("arn"))
        if tags is not None:
            members = [member for member in shape.members if "tag" in member.lower()]
            arguments |= {member: self._tags(shape.members[member], tags) for member in members}
        return caller.aws(f"{self._service}:{method}", **arguments)

    def _addressed_by_arn(self, shape: Any) -> list[str]:
        required = [member for member in shape.required_members if member not in self._address]
        return [member for member in required if "tag" not in member.lower()]

    def _tags(self, shape: Any, tags: Any) -> Any:
        if shape.type_name == "structure":  # S3: {"TagSet": [...]}
            (member, inner), *_ = shape.members.items()
            return {member: self._tags(inner, tags)}
        if isinstance(tags, list) and shape.type_name == "list" and shape.member.type_name == "structure":
            return [{"Key": key} for key in tags]  # EC2 names the tags to remove in this form
        return tags if isinstance(tags, list) else shapes.to_member(tags, TAGS, shape, {})


def _listed(answer: Mapping[str, Any]) -> Any:
    """Returns the tags in an answer. CloudTrail returns a list with the tags of each requested resource."""
    listed: Any = next((value for name, value in answer.items() if "tag" in name.lower()), {})
    return _listed(listed[0]) if isinstance(listed, list) and listed and "ResourceId" in listed[0] else listed


def effective(configuration: Configuration, own: Mapping[str, Any]) -> Tags:
    """Returns all tags of a resource (`tagsAll`): the provider's defaults, overridden by the resource's own."""
    return {**configuration.default_tags, **own}


def own(configuration: Configuration, found: Tags, wanted: Mapping[str, Any]) -> Tags:
    """Returns the resource's own tags, without the provider's defaults."""
    defaults = configuration.default_tags
    return {key: value for key, value in found.items() if key in wanted or defaults.get(key) != value}


def visible(configuration: Configuration, found: Tags) -> Tags:
    """Returns the tags without those of AWS and those that the provider ignores."""
    prefixes = ("aws:", *configuration.ignored_tag_prefixes)
    return {
        key: value
        for key, value in found.items()
        if key not in configuration.ignored_tag_keys and not key.startswith(prefixes)
    }
