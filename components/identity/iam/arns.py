"""ARNs of resources, whether they exist or not."""

from __future__ import annotations

import pulumi


def arn_of(service: str, region: str, account_id: pulumi.Input[str], resource: str) -> pulumi.Output[str]:
    """Returns the ARN of a resource in an account.

    Args:
        service: Part of the ARN for the service, such as ``dynamodb``.
        region: Region, empty for a service without regions, or a pattern.
        account_id: Account that has the resource.
        resource: Last part of the ARN, such as ``table/orders``, or a pattern.
    """
    return pulumi.Output.concat(f"arn:aws:{service}:{region}:", account_id, f":{resource}")


def account_principal(account_id: pulumi.Input[str]) -> pulumi.Output[str]:
    """Returns the principal of an account in a policy document: every identity that its own policies allow."""
    return arn_of("iam", "", account_id, "root")
