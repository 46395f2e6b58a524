"""The audit account: the logs of every account, and the services that monitor all accounts."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.audit.access_analysis import AccessAnalysis, AccessAnalysisArgs
from components.audit.configuration_history import ConfigurationHistory, ConfigurationHistoryArgs
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
from components.storage.replication import replicate
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.aws.bucket_names import ACCESS_LOGS, AUDIT_ANSWERS
from settings.types.naming import LOG_ARCHIVE, ML_BUCKET_PREFIX
from stacks.audit.context import EMERGENCY_ROLES, PATH, AuditContext
from stacks.shared.account_setup import set_up_account
from stacks.shared.exports import export
from stacks.shared.outputs import AuditOutputs
from stacks.shared.people import create_people_roles
from stacks.shared.providers.accounts import account_provider, management_provider


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the audit account, which teams and their administrators cannot access.

    Everything lands in the audit account, except for the configuration recorder of the management account.
    """
    context = AuditContext.of(foundation)
    opts = pulumi.ResourceOptions(provider=account_provider(foundation, stack, context.account, context.account_id))

    key = _key(context, opts)
    boundary = _boundary(context, key, opts)
    access_logs = _access_logs(context, opts)
    archive = _archive(context, key, access_logs, opts)
    history = _history(context, key, archive, access_logs, boundary)
    _copy_archive(context, key, archive, history)
    set_up_account(foundation, context, history.bucket_name, opts)
    _record_management_account(stack, foundation, context, history, opts)
    trail = _trail(context, key, archive, boundary, opts)
    copies = [context.replica.log_bucket_name] if context.replica else []
    _alarms(context, key, [archive.bucket_name, history.bucket_name, *copies], trail, opts)
    _library(context, key, archive, access_logs, opts)
    _monitoring(context, boundary, opts)
    create_people_roles(foundation, "audit", "audit", context.organization.organization_id, opts)

    export(
        AuditOutputs,
        account_id=context.account_id,
        region=context.region,
        log_bucket_name=archive.bucket_name,
        log_bucket_arn=archive.arn,
        configuration_bucket_name=history.bucket_name,
    )


def _key(context: AuditContext, opts: pulumi.ResourceOptions) -> EncryptionKey:
    args = EncryptionKeyArgs(
        alias=PATH,
        description="Logs of every account, and what is found in them",
        account_id=context.account_id,
        region=context.region,
        services=["s3"],
        deliveries=[*context.deliveries.key_statements(), publishers_use_the_key(context.topic_arn)],
        durable=True,
    )
    return EncryptionKey("key", args, opts)


def _access_logs(context: AuditContext, opts: pulumi.ResourceOptions) -> AccessLogBucket:
    """Creates the bucket for access logs of the archive."""
    args = AccessLogBucketArgs(
        bucket_name=context.bucket_name(ACCESS_LOGS),
        account_id=context.account_id,
        organization_id=context.organization.organization_id,
        retention_days=context.settings.log_retention_days,
    )
    return AccessLogBucket("access-logs", args, opts)


def _archive(
    context: AuditContext, key: EncryptionKey, access_logs: AccessLogBucket, opts: pulumi.ResourceOptions
) -> LogArchive:
    args = LogArchiveArgs(
        bucket_name=context.bucket_name(LOG_ARCHIVE),
        key_arn=key.arn,
        organization_id=context.organization.organization_id,
        deliveries=context.deliveries,
        log_bucket_name=access_logs.bucket_name,
        retention_days=context.settings.log_retention_days,
        object_lock=context.settings.object_lock,
        deployment_roles=context.deployment_roles,
        break_glass_roles=BREAK_GLASS,
        replication_role=context.replication(key.arn).role_arn,
    )
    return LogArchive("archive", args, opts)


def _history(
    context: AuditContext,
    key: EncryptionKey,
    archive: LogArchive,
    access_logs: AccessLogBucket,
    boundary: ServiceBoundary,
) -> ConfigurationHistory:
    args = ConfigurationHistoryArgs(
        replication=context.replication(key.arn),
        archive_name=archive.bucket_name,
        boundary_arn=boundary.arn,
        deliveries=context.deliveries,
        log_bucket_name=access_logs.bucket_name,
        deployment_roles=context.deployment_roles,
        break_glass_roles=BREAK_GLASS,
    )
    return ConfigurationHistory("history", args, parent=archive)


def _copy_archive(
    context: AuditContext, key: EncryptionKey, archive: LogArchive, history: ConfigurationHistory
) -> None:
    """Copies new logs into the second region, if there is one (decision 41)."""
    rules = context.replication(key.arn).rules_of_the_archive()
    if rules:
        replicate(
            "archive",
            bucket=archive.bucket_name,
            role_arn=history.replication_role_arn,
            rules=rules,
            opts=pulumi.ResourceOptions(parent=archive),
        )


def _record_management_account(
    stack: StackIdentity,
    foundation: Foundation,
    context: AuditContext,
    history: ConfigurationHistory,
    opts: pulumi.ResourceOptions,
) -> None:
    """Creates the recorder of the management account, whose baseline is created before the bucket exists (ST-15)."""
    if context.is_delegated:
        if foundation.organization.id is not None:
            # An adopted organization may have a recorder already, and AWS allows one per account and region.
            return
        opts = pulumi.ResourceOptions(provider=management_provider(foundation, stack))
    args = ConfigurationRecorderArgs(bucket_name=history.bucket_name)
    ConfigurationRecorder("management-recorder", args, opts)


def _boundary(context: AuditContext, key: EncryptionKey, opts: pulumi.ResourceOptions) -> ServiceBoundary:
    args = ServiceBoundaryArgs(
        policy_name="audit-services-boundary",
        account_id=context.account_id,
        replication=context.replication(key.arn).permissions(),
    )
    return ServiceBoundary("boundary", args, opts)


def _trail(
    context: AuditContext,
    key: EncryptionKey,
    archive: LogArchive,
    boundary: ServiceBoundary,
    opts: pulumi.ResourceOptions,
) -> OrganizationTrail:
    args = OrganizationTrailArgs(
        trail_name=context.trail_name,
        owner_account_id=context.organization.management_account_id,
        log_bucket_name=archive.bucket_name,
        key_arn=key.arn,
        log_group_name=f"/{PATH}/trail",
        role_name="audit-trail",
        boundary_arn=boundary.arn,
        recorded_buckets=context.recorded_buckets,
        written_buckets=[ML_BUCKET_PREFIX],
    )
    return OrganizationTrail("trail", args, opts)


def _alarms(
    context: AuditContext,
    key: EncryptionKey,
    bucket_names: Sequence[pulumi.Input[str]],
    trail: OrganizationTrail,
    opts: pulumi.ResourceOptions,
) -> None:
    args = SecurityAlarmsArgs(
        topic_name=context.topic_name,
        account_id=context.account_id,
        organization_id=context.organization.organization_id,
        key_arn=key.arn,
        log_group_name=trail.log_group_name,
        detections=detections(bucket_names=bucket_names, key_id=key.key_id, emergency_roles=EMERGENCY_ROLES),
        mailboxes=context.mailboxes,
    )
    SecurityAlarms("alarms", args, opts)


def _library(
    context: AuditContext,
    key: EncryptionKey,
    archive: LogArchive,
    access_logs: AccessLogBucket,
    opts: pulumi.ResourceOptions,
) -> None:
    args = TrailLibraryArgs(
        account_id=context.account_id,
        organization_id=context.organization.organization_id,
        log_bucket_name=archive.bucket_name,
        results_bucket_name=context.bucket_name(AUDIT_ANSWERS),
        access_log_bucket_name=access_logs.bucket_name,
        key_arn=key.arn,
        regions=context.recorded_regions,
        retention_days=context.settings.log_retention_days,
    )
    TrailLibrary("library", args, opts)


def _monitoring(context: AuditContext, boundary: ServiceBoundary, opts: pulumi.ResourceOptions) -> None:
    """Creates detection of threats, misconfiguration, outside access, vulnerabilities and personal data."""
    inventory = OrganizationInventoryArgs(
        aggregator_name=context.name,
        account_id=context.account_id,
        role_name="audit-inventory",
        boundary_arn=boundary.arn,
    )
    findings = FindingsHubArgs(
        policy_name=f"{context.name}-standards",
        region=context.region,
        root_id=context.organization.root_id,
        is_delegated=context.is_delegated,
    )
    scans = VulnerabilityScansArgs(account_id=context.account_id, is_delegated=context.is_delegated)
    OrganizationInventory("inventory", inventory, opts)
    ThreatDetection("threats", ThreatDetectionArgs(is_delegated=context.is_delegated), opts)
    FindingsHub("findings", findings, opts)
    AccessAnalysis("access", AccessAnalysisArgs(analyzer_name=context.name), opts)
    VulnerabilityScans("vulnerabilities", scans, opts)
    if context.settings.macie:
        PersonalDataSearch("personal-data", PersonalDataSearchArgs(is_delegated=context.is_delegated), opts)
