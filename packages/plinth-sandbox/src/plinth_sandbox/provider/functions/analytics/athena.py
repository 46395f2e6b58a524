"""Athena: defaults of the vendor's provider that differ from AWS's, and removal of settings in an update."""

from __future__ import annotations

from typing import Any

_ON_UNLESS_SAID = {"EnforceWorkGroupConfiguration": True, "PublishCloudWatchMetricsEnabled": True}


def with_defaults(request: dict[str, Any]) -> dict[str, Any]:
    """Enables settings that the configuration omits. This is the default of the vendor's provider, not of AWS."""
    if "Configuration" in request:
        request["Configuration"] = {**_ON_UNLESS_SAID, **request["Configuration"]}
    return request


def with_removals(request: dict[str, Any]) -> dict[str, Any]:
    """Adds the members that remove settings. An update keeps settings that it does not name."""
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
