"""Athena: what the vendor's provider has on where AWS has not, and how an update takes away."""

from __future__ import annotations

from typing import Any

_ON_UNLESS_SAID = {"EnforceWorkGroupConfiguration": True, "PublishCloudWatchMetricsEnabled": True}


def with_defaults(request: dict[str, Any]) -> dict[str, Any]:
    """A configuration that says nothing of these has them on, which is the vendor's default and not AWS's."""
    if "Configuration" in request:
        request["Configuration"] = {**_ON_UNLESS_SAID, **request["Configuration"]}
    return request


def with_removals(request: dict[str, Any]) -> dict[str, Any]:
    """An update keeps what it does not name; what shall go has a member of its own that says so."""
    if "ConfigurationUpdates" not in request:
        return request
    updates = {**_ON_UNLESS_SAID, "RequesterPaysEnabled": False, **request["ConfigurationUpdates"]}
    results = updates.setdefault("ResultConfigurationUpdates", {})
    _say_removed(updates, "BytesScannedCutoffPerQuery")
    _say_removed(updates, "CustomerContentEncryptionConfiguration")
    for member in ("OutputLocation", "EncryptionConfiguration", "ExpectedBucketOwner", "AclConfiguration"):
        _say_removed(results, member)
    return {**request, "ConfigurationUpdates": updates}


def _say_removed(updates: dict[str, Any], member: str) -> None:
    if member not in updates:
        updates[f"Remove{member}"] = True
