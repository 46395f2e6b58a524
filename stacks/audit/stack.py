"""The audit account: the logs of every account, and what watches over them."""

from __future__ import annotations

import pulumi

from components.audit.access_analysis import AccessAnalysis, AccessAnalysisArgs
from components.audit.configuration_recorder import ConfigurationRecorder, ConfigurationRecorderArgs
from components.audit.findings_hub import FindingsHub, FindingsHubArgs
from components.audit.log_archive import LogArchive, LogArchiveArgs
from components.audit.organization_inventory import OrganizationInventory, OrganizationInventoryArgs
from components.audit.personal_data_search import PersonalDataSearch, PersonalDataSearchArgs
from components.audit.service_boundary import ServiceBoundary, ServiceBoundaryArgs
from components.audit.threat_detection import ThreatDetection, ThreatDetectionArgs
from components.audit.trail.detections import detections
from components.audit.trail.organization_trail import OrganizationTrail, OrganizationTrailArgs
from components.audit.trail.security_alarms import SecurityAlarms, SecurityAlarmsArgs, publishers_use_the_key
from components.audit.trail.trail_library import TrailLibrary, TrailLibraryArgs
from components.audit.vulnerability_scans import VulnerabilityScans, VulnerabilityScansArgs
from components.organization.guardrails.exceptions import BREAK_GLASS
from components.security.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.storage.access_log_bucket import AccessLogBucket, AccessLogBucketArgs
from settings.derived.foundation import Foundation
from settings.derived.outputs import AuditOutputs
from settings.derived.stack_graph import StackIdentity
from settings.types.naming import LOG_ARCHIVE, ML_BUCKET_PREFIX
from stacks.audit.context import EMERGENCY_ROLES, PATH, AuditPlace
from stacks.shared.account_setup import set_up_account
from stacks.shared.exports import export
from stacks.shared.people import admit_without_identity_center
from stacks.shared.providers import account_provider, management_provider


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Everything lands in the audit account, which the teams and their administrators do not enter.

    Only the management account's recorder is there, where it records.
    """
    place = AuditPlace.of(foundation)
    opts = pulumi.ResourceOptions(provider=account_provider(foundation, stack, place.account, place.account_id))

    key = _key(place, opts)
    boundary = _boundary(place, opts)
    access_logs = _access_logs(place, opts)
    archive = _archive(place, key, access_logs, opts)
    set_up_account(foundation, place, archive.bucket_name, opts)
    _record_management_account(stack, foundation, place, archive, opts)
    trail = _trail(place, key, archive, boundary, opts)
    _alarms(place, key, archive, trail, opts)
    _library(place, key, archive, access_logs, opts)
    _watch(place, boundary, opts)
    admit_without_identity_center(foundation, "audit", "audit", place.organization_id, opts)

    export(
        AuditOutputs,
        account_id=place.account_id,
        region=place.region,
        log_bucket_name=archive.bucket_name,
        log_bucket_arn=archive.arn,
    )


def _key(place: AuditPlace, opts: pulumi.ResourceOptions) -> EncryptionKey:
    args = EncryptionKeyArgs(
        alias=PATH,
        description="Logs of every account, and what is found in them",
        account_id=place.account_id,
        region=place.region,
        services=["s3"],
        deliveries=[*place.deliveries.key_statements(), publishers_use_the_key(place.topic_arn)],
        durable=True,
    )
    return EncryptionKey("key", args, opts)


def _access_logs(place: AuditPlace, opts: pulumi.ResourceOptions) -> AccessLogBucket:
    """Who read the archive."""
    args = AccessLogBucketArgs(
        bucket_name=place.bucket_name("access-logs"),
        account_id=place.account_id,
        organization_id=place.organization_id,
        retention_days=place.settings.log_retention_days,
    )
    return AccessLogBucket("access-logs", args, opts)


def _archive(
    place: AuditPlace, key: EncryptionKey, access_logs: AccessLogBucket, opts: pulumi.ResourceOptions
) -> LogArchive:
    args = LogArchiveArgs(
        bucket_name=place.bucket_name(LOG_ARCHIVE),
        key_arn=key.arn,
        deliveries=place.deliveries,
        log_bucket_name=access_logs.bucket_name,
        retention_days=place.settings.log_retention_days,
        object_lock=place.settings.object_lock,
        deployment_roles=place.deployment_roles,
        break_glass_roles=BREAK_GLASS,
    )
    return LogArchive("archive", args, opts)


def _record_management_account(
    stack: StackIdentity, foundation: Foundation, place: AuditPlace, archive: LogArchive, opts: pulumi.ResourceOptions
) -> None:
    """What that account's baseline lacks: the organization's stack sets it up before there is an archive (ST-15)."""
    if place.is_delegated:
        if foundation.organization.id is not None:
            # As its baseline, so its recorder: an adopted organization may have one, and AWS takes no second.
            return
        opts = pulumi.ResourceOptions(provider=management_provider(foundation, stack))
    args = ConfigurationRecorderArgs(log_bucket_name=archive.bucket_name)
    ConfigurationRecorder("management-recorder", args, opts)


def _boundary(place: AuditPlace, opts: pulumi.ResourceOptions) -> ServiceBoundary:
    args = ServiceBoundaryArgs(policy_name="audit-services-boundary", account_id=place.account_id)
    return ServiceBoundary("boundary", args, opts)


def _trail(
    place: AuditPlace, key: EncryptionKey, archive: LogArchive, boundary: ServiceBoundary, opts: pulumi.ResourceOptions
) -> OrganizationTrail:
    args = OrganizationTrailArgs(
        trail_name=place.trail_name,
        owner_account_id=place.management_account_id,
        log_bucket_name=archive.bucket_name,
        key_arn=key.arn,
        log_group_name=f"/{PATH}/trail",
        role_name="audit-trail",
        boundary_arn=boundary.arn,
        recorded_buckets=place.recorded_buckets,
        written_buckets=[ML_BUCKET_PREFIX],
    )
    return OrganizationTrail("trail", args, opts)


def _alarms(
    place: AuditPlace, key: EncryptionKey, archive: LogArchive, trail: OrganizationTrail, opts: pulumi.ResourceOptions
) -> None:
    args = SecurityAlarmsArgs(
        topic_name=place.topic_name,
        account_id=place.account_id,
        organization_id=place.organization_id,
        key_arn=key.arn,
        log_group_name=trail.log_group_name,
        detections=detections(archive_name=archive.bucket_name, key_id=key.key_id, emergency_roles=EMERGENCY_ROLES),
        mailboxes=place.mailboxes,
    )
    SecurityAlarms("alarms", args, opts)


def _library(
    place: AuditPlace,
    key: EncryptionKey,
    archive: LogArchive,
    access_logs: AccessLogBucket,
    opts: pulumi.ResourceOptions,
) -> None:
    args = TrailLibraryArgs(
        account_id=place.account_id,
        organization_id=place.organization_id,
        log_bucket_name=archive.bucket_name,
        results_bucket_name=place.bucket_name("audit-answers"),
        access_log_bucket_name=access_logs.bucket_name,
        key_arn=key.arn,
        regions=place.recorded_regions,
        retention_days=place.settings.log_retention_days,
    )
    TrailLibrary("library", args, opts)


def _watch(place: AuditPlace, boundary: ServiceBoundary, opts: pulumi.ResourceOptions) -> None:
    """What looks for threats, misconfiguration, outside access, vulnerabilities and personal data in every account."""
    inventory = OrganizationInventoryArgs(
        aggregator_name=place.name,
        account_id=place.account_id,
        role_name="audit-inventory",
        boundary_arn=boundary.arn,
    )
    findings = FindingsHubArgs(
        policy_name=f"{place.name}-standards",
        region=place.region,
        root_id=place.root_id,
        is_delegated=place.is_delegated,
    )
    scans = VulnerabilityScansArgs(account_id=place.account_id, is_delegated=place.is_delegated)
    OrganizationInventory("inventory", inventory, opts)
    ThreatDetection("threats", ThreatDetectionArgs(is_delegated=place.is_delegated), opts)
    FindingsHub("findings", findings, opts)
    AccessAnalysis("access", AccessAnalysisArgs(analyzer_name=place.name), opts)
    VulnerabilityScans("vulnerabilities", scans, opts)
    if place.settings.macie:
        PersonalDataSearch("personal-data", PersonalDataSearchArgs(is_delegated=place.is_delegated), opts)
