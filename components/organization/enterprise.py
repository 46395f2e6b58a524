"""The AWS Organization and its tree of organizational units."""

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
"""Policy types that may be attached (OR-01). AWS disables each type until it is enabled."""

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
"""AWS services with trusted access to the organization: trail, detectors, sharing, sign-in and tag reports."""

ROOT_FEATURES = ("RootCredentialsManagement", "RootSessions")
"""Features of centralized root access (OR-01): new accounts have no root password, and tasks that only a root user can
do are done from the management account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EnterpriseArgs:
    """Arguments of :class:`Enterprise`."""

    unit_paths: Sequence[str]
    """Paths of the units, parents before children (``Workloads``, ``Workloads/Production``), at most five levels
    deep."""

    adopted_id: str | None = None
    """Id of an existing organization (``o-…``), which is adopted instead of created."""

    enabled_already: Sequence[str] = ()
    """Policy types already enabled in the adopted organization. They stay enabled, in addition to the foundation's."""

    trusted_already: Sequence[str] = ()
    """AWS services that the adopted organization already trusts. They stay trusted because something else relies on
    them."""

    def __post_init__(self) -> None:
        known: set[str] = set()
        for path in self.unit_paths:
            parent, _, _ = path.rpartition("/")
            if parent and parent not in known:
                raise ValueError(f"unit_paths: {path} comes before its parent {parent}")
            known.add(path)


class Enterprise(pulumi.ComponentResource):
    """An organization with all features, all policy types enabled, and an organizational unit for each group of
    accounts.

    Creates: the organization, protected (or adopts it); centralized management of the members' root users; sharing with
    the organization through AWS RAM, which stays when an adopted organization's stack is destroyed; one organizational
    unit per path, protected.

    Outputs: ``organization_id``, ``root_id``, ``management_account_id``, ``unit_ids``.

    Raises: ValueError when a path is listed before its parent.

    Cost: none.

    Example::

        enterprise = Enterprise("enterprise", EnterpriseArgs(unit_paths=["Workloads", "Workloads/Production"]))
        pulumi.export("organization_id", enterprise.organization_id)
    """

    organization_id: pulumi.Output[str]
    """Id of the organization (``o-…``), which the foundation's policies use in their conditions. Known once resources
    can be shared with the organization."""
    root_id: pulumi.Output[str]
    """Id of the root (``r-…``), the parent of all units. Only the management account is directly under it."""
    management_account_id: pulumi.Output[str]
    """Id of the management account, which pays the bill. Guardrails do not apply to it."""
    unit_ids: Mapping[str, pulumi.Output[str]]
    """Ids of the units (``ou-…``) by path."""

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
        # Trusted access alone does not enable sharing: RAM also needs a service-linked role, which this call creates
        # (RAM API Reference, EnableSharingWithAwsOrganization, read 2026-11-21). Enabling it twice changes nothing.
        sharing = aws.ram.SharingWithOrganization(
            f"{name}-sharing",
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[organization],
                # Others may share in an organization that existed before.
                retain_on_delete=args.adopted_id is not None,
            ),
        )
        self.organization_id = pulumi.Output.all(organization.id, sharing.id).apply(lambda known: str(known[0]))
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
