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
    _add_removal(updates, "BytesScannedCutoffPerQuery")
    _add_removal(updates, "CustomerContentEncryptionConfiguration")
    for member in ("OutputLocation", "EncryptionConfiguration", "ExpectedBucketOwner", "AclConfiguration"):
        _add_removal(results, member)
    return {**request, "ConfigurationUpdates": updates}


def _add_removal(updates: dict[str, Any], member: str) -> None:
    if member not in updates:
        updates[f"Remove{member}"] = True
