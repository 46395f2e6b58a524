"""Prerequisites that the Glue samples share."""

from __future__ import annotations

from conformance.sample import Aws, Kept


def tags(aws: Aws, it: Kept) -> dict[str, str]:
    found: dict[str, str] = aws("glue").get_tags(ResourceArn=it.outputs["arn"])["Tags"]
    return found
