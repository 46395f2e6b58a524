"""Where the audit stack is built, and under which names: the settings joined with what the organization promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.audit.deliveries import Deliveries
from components.organization.guardrails.exceptions import FOUNDATION
from settings.derived.foundation import Foundation
from settings.derived.outputs import OrganizationOutputs
from settings.derived.stack_graph import StackIdentity
from settings.organization.audit import AuditSettings
from settings.types.naming import bucket_name, ml_bucket_prefix, recorded_bucket_prefixes
from stacks.shared.account_context import AccountPlace
from stacks.shared.references import read
from stacks.shared.shared_accounts import account_of_kind

PATH = "plinth/audit"
"""The audit stack's name where slashes separate."""
GLOBAL_REGION = "us-east-1"
"""Where IAM, STS at its global address and Organizations record their calls."""
EMERGENCY_ROLES = ("*BreakGlass*", "*break-glass*")
"""What IAM Identity Center makes of the permission set for emergencies, and its counterpart under IAM sign-in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditPlace(AccountPlace):
    """The audit kind in its account, which is its own or that of another durable kind."""

    name: str
    """Of the organization, the start of bucket names."""
    settings: AuditSettings
    mailboxes: Mapping[str, str]
    """Whom alarms tell: the foundation's owner, and the security contact where there is one."""
    recorded_regions: tuple[str, ...]
    """Where calls may be made: the allowed regions, and the one that global services record theirs in."""

    @classmethod
    def of(cls, foundation: Foundation) -> AuditPlace:
        """The place, from the settings and from the organization's stack."""
        organization = read(OrganizationOutputs, StackIdentity("organization"))
        return cls(
            kind="audit",
            name=foundation.organization.name,
            settings=foundation.organization.audit,
            mailboxes=_mailboxes(foundation),
            account=foundation.account_of("audit"),
            region=foundation.organization.home_region,
            recorded_regions=tuple(dict.fromkeys([*foundation.organization.regions, GLOBAL_REGION])),
            account_id=account_of_kind(organization, "audit"),
            organization=organization,
        )

    @property
    def root_id(self) -> pulumi.Output[str]:
        return self.organization.apply(lambda outputs: outputs.root_id)

    @property
    def is_delegated(self) -> bool:
        """Whether the organization hands its detectors to this account, rather than keeping them where it pays."""
        return self.account.kind != "organization"

    @property
    def trail_name(self) -> str:
        return f"{self.name}-organization"

    @property
    def recorded_buckets(self) -> tuple[str, ...]:
        """How the names of buckets begin whose every reading and writing is recorded."""
        return (*recorded_bucket_prefixes(self.name), *map(ml_bucket_prefix, dict.fromkeys(self.settings.ml_readings)))

    @property
    def topic_name(self) -> str:
        return f"{self.name}-security-alarms"

    @property
    def topic_arn(self) -> pulumi.Output[str]:
        """Known before the topic is, whose key must let it publish."""
        return pulumi.Output.concat(f"arn:aws:sns:{self.region}:", self.account_id, f":{self.topic_name}")

    @property
    def deliveries(self) -> Deliveries:
        """A delegated administrator makes the organization's trail, and the management account owns it (CloudTrail
        User Guide, "Organization delegated administrator")."""
        trail = pulumi.Output.concat(
            f"arn:aws:cloudtrail:{self.region}:", self.management_account_id, f":trail/{self.trail_name}"
        )
        return Deliveries(organization_id=self.organization_id, trail_arn=trail)

    @property
    def deployment_roles(self) -> tuple[str, ...]:
        """The management account is entered with whatever credentials the engine runs with, so no role stands out."""
        return FOUNDATION if self.is_delegated else ()

    def bucket_name(self, purpose: str) -> pulumi.Output[str]:
        """A bucket in the account's own namespace, so known once the account is."""
        return self.account_id.apply(
            lambda account_id: bucket_name(self.name, purpose, account_id=account_id, region=self.region)
        )


def _mailboxes(foundation: Foundation) -> dict[str, str]:
    told = {"owner": foundation.organization.owner}
    if contact := foundation.organization.contacts.get("security"):
        told["security"] = contact.email
    return told
