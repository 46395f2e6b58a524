"""How EC2 tags, and how its ARNs look: the same for every type."""

from __future__ import annotations

from collections.abc import Mapping

from plinth_sandbox.provider.vocabulary import Tagging

TAGS = Tagging("create_tags", "delete_tags", read=None, address={"Resources": ["{id}"]})
"""EC2 tags by id, and answers with the tags of what it describes."""


def arn_of(kind: str) -> Mapping[str, str]:
    """EC2's answers seldom hold an ARN: the `derived` output of a resource that is called so in one."""
    return {"arn": f"arn:{{@partition}}:ec2:{{@region}}:{{@account}}:{kind}/{{id}}"}
