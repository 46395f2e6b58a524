"""The AWS Organization and its tree of units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.organization.adoption import adoption

POLICY_TYPES = (
    "AISERVICES_OPT_OUT_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "RESOURCE_CONTROL_POLICY",
    "SERVICE_CONTROL_POLICY",
    "TAG_POLICY",
)
"""Kinds of guardrail that may be attached (OR-01); each is off until it is enabled."""

TRUSTED_SERVICES = (
    "access-analyzer.amazonaws.com",
    "account.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "config-multiaccountsetup.amazonaws.com",
    "config.amazonaws.com",
    "guardduty.amazonaws.com",
    "iam.amazonaws.com",
    "inspector2.amazonaws.com",
    "macie.amazonaws.com",
    "malware-protection.guardduty.amazonaws.com",
    "ram.amazonaws.com",
    "securityhub.amazonaws.com",
    "sso.amazonaws.com",
    "tagpolicies.tag.amazonaws.com",
)
"""AWS services that may act across the accounts: the trail, the detectors, sharing, sign-in, reports on tags."""

ROOT_FEATURES = ("RootCredentialsManagement", "RootSessions")
"""New accounts have no root password, and what only root can mend is mended from the management account (OR-01)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EnterpriseArgs:
    """Arguments of :class:`Enterprise`."""

    unit_paths: Sequence[str]
    """Paths of the units, parents before children (``Workloads``, ``Workloads/Production``); five levels at most."""

    adopted_id: str | None = None
    """An organization that exists already (``o-…``): it is taken over instead of created."""

    enabled_already: Sequence[str] = ()
    """Kinds of guardrail that the adopted organization has; they stay, beside those of the foundation."""

    trusted_already: Sequence[str] = ()
    """AWS services that the adopted organization trusts; they stay trusted, for something else relies on them."""

    def __post_init__(self) -> None:
        known: set[str] = set()
        for path in self.unit_paths:
            parent, _, _ = path.rpartition("/")
            if parent and parent not in known:
                raise ValueError(f"unit_paths: {path} comes before its parent {parent}")
            known.add(path)


class Enterprise(pulumi.ComponentResource):
    """One organization with all features, every kind of guardrail enabled, and a unit for each sort of account.

    Creates: the organization, protected (or adopts it); the central management of the members' root users; one
    organizational unit per path, protected.

    Args: see :class:`EnterpriseArgs`.

    Outputs: ``organization_id``, ``root_id``, ``management_account_id``, ``unit_ids``.

    Raises: ValueError when a unit comes before its parent.

    Cost: none.

    Example::

        enterprise = Enterprise("enterprise", EnterpriseArgs(unit_paths=["Workloads", "Workloads/Production"]))
        pulumi.export("organization_id", enterprise.organization_id)
    """

    organization_id: pulumi.Output[str]
    """``o-…``, to which every policy of the foundation is bound."""
    root_id: pulumi.Output[str]
    """``r-…``, above all units; only the management account hangs there."""
    management_account_id: pulumi.Output[str]
    """Account that pays and that guardrails do not reach."""
    unit_ids: Mapping[str, pulumi.Output[str]]
    """``ou-…`` by path."""

    def __init__(self, name: str, args: EnterpriseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:organization:Enterprise", name, None, opts)
        self._name = name
        organization = aws.organizations.Organization(
            name,
            feature_set="ALL",
            enabled_policy_types=sorted({*POLICY_TYPES, *args.enabled_already}),
            aws_service_access_principals=sorted({*TRUSTED_SERVICES, *args.trusted_already}),
            opts=adoption(self, args.adopted_id, protect=True),
        )
        aws.iam.OrganizationsFeatures(
            f"{name}-root-users",
            enabled_features=list(ROOT_FEATURES),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[organization]),
        )
        self.organization_id = organization.id
        self.root_id = organization.roots.apply(lambda roots: str(roots[0].id))
        self.management_account_id = organization.master_account_id
        self.unit_ids = self._units(args.unit_paths)
        self.register_outputs(
            {
                "organization_id": self.organization_id,
                "root_id": self.root_id,
                "management_account_id": self.management_account_id,
                "unit_ids": self.unit_ids,
            }
        )

    def _units(self, paths: Sequence[str]) -> dict[str, pulumi.Output[str]]:
        ids: dict[str, pulumi.Output[str]] = {}
        for path in paths:
            parent, _, unit_name = path.rpartition("/")
            unit = aws.organizations.OrganizationalUnit(
                f"{self._name}-{path.replace('/', '-').lower()}",
                name=unit_name,
                parent_id=ids[parent] if parent else self.root_id,
                opts=pulumi.ResourceOptions(parent=self, protect=True),
            )
            ids[path] = unit.id
        return ids
