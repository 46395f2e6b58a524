"""S3: order and earliest days of the actions of lifecycle rules.

Sources: S3 User Guide, "Transitioning objects using Amazon S3 Lifecycle" and "Lifecycle configuration elements", with
the messages that S3 answers (read 2026-11-21).
"""

from __future__ import annotations

import itertools
from typing import Any

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.preconditions.check import Checks

_ACTIONS = (
    "AbortIncompleteMultipartUpload",
    "Expiration",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransitions",
    "Transitions",
)
_INFREQUENT = ("STANDARD_IA", "ONEZONE_IA")
_EARLIEST_INFREQUENT_DAY = 30
_ORDER = ("STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
"""Storage classes from the warmest to the coldest. A rule never moves an object back."""


def _lifecycle(call: Call) -> None:
    rules = (call.parameters.get("LifecycleConfiguration") or {}).get("Rules", [])
    identifiers = [rule["ID"] for rule in rules if rule.get("ID")]
    for identifier in identifiers:
        if identifiers.count(identifier) > 1:
            raise _invalid(f"Rule ID must be unique. Found same ID for more than one rule: {identifier}")
    for rule in rules:
        _rule(rule)


def _rule(rule: dict[str, Any]) -> None:
    if not any(rule.get(action) for action in _ACTIONS):
        raise AwsError("InvalidRequest", "At least one action needs to be specified in a rule", status=400)
    _steps(rule, "Transitions", "Transition", "Expiration", "Days")
    _steps(
        rule,
        "NoncurrentVersionTransitions",
        "NoncurrentVersionTransition",
        "NoncurrentVersionExpiration",
        "NoncurrentDays",
    )


def _steps(rule: dict[str, Any], member: str, action: str, expiration: str, days: str) -> None:
    """Checks the transitions and the expiration of current or of noncurrent versions."""
    transitions = [candidate for candidate in rule.get(member, []) if days in candidate]
    for transition in transitions:
        kind = transition["StorageClass"]
        if kind in _INFREQUENT and transition[days] < _EARLIEST_INFREQUENT_DAY:
            least = f"greater than or equal to {_EARLIEST_INFREQUENT_DAY} for storageClass '{kind}'"
            raise _invalid(f"'{days}' in {action} action must be {least}")
    ordered = sorted(transitions, key=lambda transition: _ORDER.index(transition["StorageClass"]))
    for warmer, colder in itertools.pairwise(ordered):
        if colder[days] <= warmer[days]:
            raise _invalid(
                f"'{days}' in the {action} action for StorageClass '{colder['StorageClass']}' for filter "
                f"'{_filter(rule)}' must be greater than 'filter {_filter(rule)}' 'Days' in the {action} action for "
                f"StorageClass '{warmer['StorageClass']}'"
            )
    end = rule.get(expiration, {}).get(days)
    if end is not None and any(transition[days] >= end for transition in transitions):
        raise _invalid(
            f"'{days}' in the {expiration} action for filter '{_filter(rule)}' must be greater than '{days}' in the "
            f"{action} action"
        )


def _filter(rule: dict[str, Any]) -> str:
    return f"(prefix={rule.get('Prefix') or rule.get('Filter', {}).get('Prefix', '')})"


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidArgument", message, status=400)


CHECKS: Checks = {("s3", "PutBucketLifecycleConfiguration"): _lifecycle}
