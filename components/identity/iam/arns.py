"""ARNs of resources, whether they exist or not."""

from __future__ import annotations

import pulumi


def arn_of(service: str, region: str, account_id: pulumi.Input[str], resource: str) -> pulumi.Output[str]:
    """Returns the ARN of a resource in an account and region. ``resource`` is its last part, such as ``table/orders``,
    and may be a pattern."""
    return pulumi.Output.concat(f"arn:aws:{service}:{region}:", account_id, f":{resource}")
