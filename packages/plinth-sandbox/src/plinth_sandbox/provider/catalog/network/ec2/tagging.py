"""Tags and ARNs of EC2 resources, which work alike for every type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plinth_sandbox.provider.vocabulary import Tagging

TAGS = Tagging("create_tags", "delete_tags", read=None, address={"Resources": ["{id}"]})
"""EC2 tags resources by id, and returns the tags when it describes the resource."""


def created_as(kind: str) -> Tagging:
    """Returns the tag operations for a type whose creating call also tags, as it does in the vendor's provider."""
    return replace(TAGS, kind=kind)


def arn_of(kind: str) -> Mapping[str, str]:
    """Returns the `derived` output for the ARN of a resource of this kind. EC2's answers seldom contain an ARN."""
    return {"arn": f"arn:{{@partition}}:ec2:{{@region}}:{{@account}}:{kind}/{{id}}"}
