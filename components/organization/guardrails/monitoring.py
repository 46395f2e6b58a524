"""Guardrails that protect recorders, detectors and account-wide security settings."""

from __future__ import annotations

from components.identity.iam.statements import Statement
from components.organization.guardrails.denial import deny
from components.organization.guardrails.exceptions import NOT_BY_FOUNDATION

RECORDERS_AND_DETECTORS = (
    "access-analyzer:CreateArchiveRule", "access-analyzer:DeleteAnalyzer", "access-analyzer:UpdateAnalyzer",
    "cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:PutInsightSelectors",
    "cloudtrail:StopLogging", "cloudtrail:UpdateTrail",
    "config:DeleteAggregationAuthorization", "config:DeleteConfigurationRecorder", "config:DeleteDeliveryChannel",
    "config:DeleteRetentionConfiguration", "config:PutConfigurationRecorder", "config:PutDeliveryChannel",
    "config:StopConfigurationRecorder",
    "guardduty:CreateFilter", "guardduty:CreateIPSet", "guardduty:Delete*", "guardduty:Disassociate*",
    "guardduty:StopMonitoringMembers", "guardduty:UpdateDetector", "guardduty:UpdateFilter", "guardduty:UpdateIPSet",
    "inspector2:CreateFilter", "inspector2:Disable*", "inspector2:Disassociate*",
    "macie2:Disable*", "macie2:Disassociate*", "macie2:UpdateMacieSession",
    "securityhub:BatchDisableStandards", "securityhub:Delete*", "securityhub:Disable*", "securityhub:Disassociate*",
    "securityhub:UpdateStandardsControl",
)  # fmt: skip
"""Actions that disable recorders and detectors or hide their findings: archive rules, filters, trusted IP lists."""

LOGS_AND_THEIR_KEYS = (
    "ec2:DeleteFlowLogs", "kms:DisableKey", "kms:DisableKeyRotation", "kms:ScheduleKeyDeletion",
    "logs:DeleteLogGroup", "logs:DeleteRetentionPolicy", "s3:BypassGovernanceRetention", "s3:DeleteBucketPolicy",
    "s3:PutBucketLogging", "s3:PutBucketObjectLockConfiguration",
)  # fmt: skip

ACCOUNT_SETTINGS = (
    "ec2:CreateVpcBlockPublicAccessExclusion", "ec2:DisableAllowedImagesSettings",
    "ec2:DisableEbsEncryptionByDefault", "ec2:DisableImageBlockPublicAccess", "ec2:DisableSnapshotBlockPublicAccess",
    "ec2:EnableSerialConsoleAccess", "ec2:ModifyEbsDefaultKmsKeyId", "ec2:ModifyInstanceMetadataDefaults",
    "ec2:ModifyVpcBlockPublicAccessOptions", "ec2:ResetEbsDefaultKmsKeyId", "iam:DeleteAccountPasswordPolicy",
    "iam:UpdateAccountPasswordPolicy", "ssm:UpdateServiceSetting",
)  # fmt: skip
"""Account-wide settings of the account baseline. Declarative policies could protect some of them too; see decision
0009."""


def protect_monitoring() -> list[Statement]:
    """Builds SCP-04: nobody disables or blinds recorders and detectors, not even with break-glass access."""
    return [
        deny("SCP04KeepRecordersAndDetectors", RECORDERS_AND_DETECTORS, NOT_BY_FOUNDATION),
        deny("SCP04KeepLogsAndTheirKeys", LOGS_AND_THEIR_KEYS, NOT_BY_FOUNDATION),
        deny("SCP04KeepSwitchesOfTheAccount", ACCOUNT_SETTINGS, NOT_BY_FOUNDATION),
    ]
