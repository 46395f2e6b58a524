"""Events of the organization's trail that raise an alarm, as filter patterns of CloudWatch Logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

MAX_PATTERN_CHARACTERS = 1024
"""Maximum length of a filter pattern in characters (CloudWatch Logs quotas)."""

MONITORING_CHANGES = (
    "StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors",
    "StopConfigurationRecorder", "DeleteConfigurationRecorder", "DeleteDeliveryChannel",
    "DeleteDetector", "UpdateDetector", "StopMonitoringMembers",
    "DisableSecurityHub", "BatchDisableStandards", "DisableOrganizationAdminAccount",
    "DeleteAnalyzer", "DisableMacie", "DeleteMetricFilter", "DeleteAlarms", "DisableAlarmActions",
)  # fmt: skip
"""Calls that stop the trail, AWS Config, GuardDuty, Security Hub, Access Analyzer, Macie, or these alarms."""
ARCHIVE_CHANGES = (
    "DeleteBucketPolicy", "PutBucketPolicy", "PutBucketLifecycle*", "PutBucketVersioning", "PutBucketEncryption",
    "PutBucketObjectLockConfiguration", "PutBucketReplication", "PutBucketPublicAccessBlock", "DeleteBucket",
)  # fmt: skip
KEY_CHANGES = ("DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy")
GUARDRAIL_CHANGES = (
    "AttachPolicy", "DetachPolicy", "UpdatePolicy", "DeletePolicy", "DisablePolicyType", "MoveAccount",
    "LeaveOrganization", "RemoveAccountFromOrganization", "RegisterDelegatedAdministrator",
    "DeregisterDelegatedAdministrator", "DisableAWSServiceAccess",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Detection:
    """One kind of event that raises an alarm."""

    name: str
    """Name of the alarm and its metric."""
    description: str
    """Description of the event, for the person who receives the alarm."""
    pattern: pulumi.Input[str]
    occurrences: int = 1
    """Number of events within five minutes that raises the alarm."""


def detections(
    *, bucket_names: Sequence[pulumi.Input[str]], key_id: pulumi.Input[str], emergency_roles: Sequence[str]
) -> list[Detection]:
    """Returns the organization's alarms. The first follows the CIS benchmark (5.0, 4.3)."""
    return [
        Detection(
            name="root-use",
            description="Somebody used an account's root user",
            pattern='{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && '
            '($.eventType != "AwsServiceEvent") }',
        ),
        Detection(
            name="guardrail-denials",
            description="A guardrail refused ten calls within five minutes: somebody tries what nobody may",
            pattern=_any("errorMessage", [f"*explicit deny in a {kind} control policy*" for kind in _CONTROL]),
            occurrences=10,
        ),
        Detection(
            name="watch-tampered",
            description="A trail, recorder, detector or alarm was stopped or changed",
            pattern=_any("eventName", MONITORING_CHANGES),
        ),
        Detection(
            name="archive-tampered",
            description="The settings of the log archive, the configuration history or their key were changed",
            pattern=_archive_pattern(bucket_names, key_id),
        ),
        Detection(
            name="guardrails-changed",
            description="A guardrail of the organization, a delegation or an account's place was changed",
            pattern=_and('$.eventSource = "organizations.amazonaws.com"', _terms("eventName", GUARDRAIL_CHANGES)),
        ),
        Detection(
            name="emergency-access",
            description="Somebody signed in with the break-glass role",
            pattern=_and('$.eventName = "AssumeRole*"', _terms("requestParameters.roleArn", emergency_roles)),
        ),
    ]


_CONTROL = ("service", "resource")


def _archive_pattern(bucket_names: Sequence[pulumi.Input[str]], key_id: pulumi.Input[str]) -> pulumi.Output[str]:
    of_bucket = f"({_terms('eventName', ARCHIVE_CHANGES)})"
    of_key = f"({_terms('eventName', KEY_CHANGES)})"
    named = pulumi.Output.all(*bucket_names).apply(lambda names: _terms("requestParameters.bucketName", names))
    return pulumi.Output.concat(
        "{ ((", named, f") && {of_bucket}) || ",
        '(($.requestParameters.keyId = "*', key_id, f'") && {of_key}) }}',
    )  # fmt: skip


def _any(field: str, values: Sequence[str]) -> str:
    return f"{{ {_terms(field, values)} }}"


def _and(first: str, others: str) -> str:
    return f"{{ ({first}) && ({others}) }}"


def _terms(field: str, values: Sequence[str]) -> str:
    return " || ".join(f'($.{field} = "{value}")' for value in values)
