"""The bus for results of comparisons. Releases name it too, so this module imports nothing."""

from __future__ import annotations


def bus_arn(name: str, version_arn: str) -> str:
    """Returns the ARN of a bus in the account of the registry, which has the version."""
    region, account = version_arn.split(":")[3:5]
    return f"arn:aws:events:{region}:{account}:event-bus/{name}"
