"""Settings, names and upstream outputs of the stack ``audit``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.audit.configuration_history import Replication
from components.audit.deliveries import Deliveries
from components.identity.iam.arns import arn_of
from components.organization.guardrails.exceptions import FOUNDATION
from components.storage.replication import EncryptedBuckets
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.organization.audit import AuditSettings
from settings.types.aws.bucket_names import organization_bucket_name
from settings.types.naming import CONFIGURATION_HISTORY, LOG_ARCHIVE, ml_bucket_prefix, recorded_bucket_prefixes
from stacks.shared.account_context import AccountContext
from stacks.shared.outputs import AuditReplicaOutputs, OrganizationOutputs
from stacks.shared.references import read

PATH = "plinth/audit"
"""Name of the audit stack in paths and aliases."""
GLOBAL_REGION = "us-east-1"
"""Region in which IAM, Organizations and the global STS endpoint record their calls."""
EMERGENCY_ROLES = ("*BreakGlass*", "*break-glass*")
"""Role names of the emergency permission set in IAM Identity Center, and of its counterpart under IAM sign-in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditContext(AccountContext):
    """The context of the audit stack. Its account may be shared with other durable kinds."""

    name: str
    """Name of the organization, with which bucket names begin."""
    settings: AuditSettings
    mailboxes: Mapping[str, str]
    """Email addresses that receive alarms: the owner of the foundation and, if set, the security contact."""
    recorded_regions: tuple[str, ...]
    """Regions whose calls are recorded: the allowed ones and the region of global services."""
    replica: AuditReplicaOutputs | None
    """Copy of the log archive in a second region, if a setting names one."""

    @classmethod
    def of(cls, foundation: Foundation) -> AuditContext:
        """Returns the context, from the settings and the outputs of the stack ``organization``."""
        organization = read(OrganizationOutputs, StackIdentity("organization"))
        replica = foundation.organization.audit.replica_region
        return cls(
            kind="audit",
            name=foundation.organization.name,
            settings=foundation.organization.audit,
            mailboxes=_mailboxes(foundation),
            account=foundation.account_of("audit"),
            region=foundation.organization.home_region,
            recorded_regions=tuple(dict.fromkeys([*foundation.organization.regions, GLOBAL_REGION])),
            replica=None if replica is None else read(AuditReplicaOutputs, StackIdentity("audit-replica")),
            account_id=organization.accounts["audit"],
            organization=organization,
        )

    @property
    def is_delegated(self) -> bool:
        """Whether this account is the delegated administrator of detectors. If not, it is the management account."""
        return self.account.kind != "organization"

    @property
    def trail_name(self) -> str:
        return f"{self.name}-organization"

    @property
    def recorded_buckets(self) -> tuple[str, ...]:
        """Name prefixes of the buckets whose object reads and writes are recorded."""
        return (*recorded_bucket_prefixes(self.name), *map(ml_bucket_prefix, dict.fromkeys(self.settings.ml_readings)))

    @property
    def topic_name(self) -> str:
        return f"{self.name}-security-alarms"

    @property
    def topic_arn(self) -> pulumi.Output[str]:
        """ARN of the alarm topic. It is built from names, because the key policy needs it before the topic exists."""
        return arn_of("sns", self.region, self.account_id, self.topic_name)

    @property
    def deliveries(self) -> Deliveries:
        """Log deliveries to the archive. The management account owns the trail, even if a delegated administrator
        creates it (CloudTrail User Guide, "Organization delegated administrator").
        """
        trail = arn_of("cloudtrail", self.region, self.organization.management_account_id, f"trail/{self.trail_name}")
        return Deliveries(organization_id=self.organization.organization_id, trail_arn=trail)

    @property
    def deployment_roles(self) -> tuple[str, ...]:
        """Roles that deploy into this account; none in the management account, which any credentials may deploy to."""
        return FOUNDATION if self.is_delegated else ()

    def replication(self, key_arn: pulumi.Input[str]) -> Replication:
        """Returns the copies of the configuration history: in the archive, encrypted with the same key, and, with the
        archive's logs, in a second region."""
        return Replication(
            account_id=self.account_id,
            region=self.region,
            source_name=self.bucket_name(CONFIGURATION_HISTORY),
            archive_name=self.bucket_name(LOG_ARCHIVE),
            key_arn=key_arn,
            elsewhere=self._elsewhere,
        )

    @property
    def _elsewhere(self) -> EncryptedBuckets | None:
        if self.replica is None or self.settings.replica_region is None:
            return None
        return EncryptedBuckets(
            names=[self.replica.log_bucket_name], key_arn=self.replica.key_arn, region=self.settings.replica_region
        )

    def bucket_name(self, purpose: str) -> pulumi.Output[str]:
        """Returns the name of a bucket. It contains the account id, so it is unknown until the account exists."""
        return self.account_id.apply(
            lambda account_id: organization_bucket_name(self.name, purpose, account_id=account_id, region=self.region)
        )


def _mailboxes(foundation: Foundation) -> dict[str, str]:
    organization = foundation.organization
    return {"owner": organization.owner, "security": organization.contacts["security"].email}
