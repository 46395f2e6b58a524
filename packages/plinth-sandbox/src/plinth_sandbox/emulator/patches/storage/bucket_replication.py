"""S3: conditions of a replication configuration, which moto does not check."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.patches.storage.find_bucket import find_bucket


def check_replication(configuration: dict[str, Any]) -> None:
    """Checks the rules and their destinations (S3 User Guide, "Requirements and considerations for replication" and
    "Replication configuration file elements", read 2026-11-21)."""
    for rule in configuration.get("Rules", []):
        _check_rule(rule)
        destination = find_bucket(rule["Destination"]["Bucket"].rpartition(":")[2])
        if destination is None:
            raise _invalid("Destination bucket must exist.")
        if not destination.is_versioned:
            raise _invalid("Destination bucket must have versioning enabled.")


def _check_rule(rule: dict[str, Any]) -> None:
    if "Filter" in rule:
        for member in ("DeleteMarkerReplication", "Priority"):
            if member not in rule:
                raise _invalid(
                    f"{member} must be specified for this version of Cross Region Replication configuration schema."
                )
    encrypts = "EncryptionConfiguration" in rule["Destination"]
    if encrypts != ("SseKmsEncryptedObjects" in rule.get("SourceSelectionCriteria", {})):
        raise _invalid("SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidRequest", message, status=400)
