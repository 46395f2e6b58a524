"""Delegation of audit and security services from the management account to a member account."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

THROUGH_ORGANIZATIONS = (
    "access-analyzer.amazonaws.com",
    "config-multiaccountsetup.amazonaws.com",
    "config.amazonaws.com",
)
"""Services whose administrator is registered with Organizations. The other services have a delegation API of their
own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DelegatedAdministrationArgs:
    """Arguments of :class:`DelegatedAdministration`."""

    account_id: pulumi.Input[str]
    """Id of a member account. Most of these services do not accept the management account."""

    macie: bool = False
    """Whether Macie is delegated too. Macie is charged by the data it inspects."""


class DelegatedAdministration(pulumi.ComponentResource):
    """Delegation that lets one member account manage trails, recorders and detectors for the whole organization.

    Creates: the delegation of CloudTrail, Config, GuardDuty, Security Hub, Inspector and IAM Access Analyzer; with
    ``macie``, also of Macie. GuardDuty, Security Hub, Inspector and Macie are delegated in the provider's region.

    Outputs: ``account_id``.

    Cost: none.

    Example::

        DelegatedAdministration("delegation", DelegatedAdministrationArgs(account_id=audit.account_id))
    """

    account_id: pulumi.Output[str]
    """Id of the account, known once all services are delegated to it."""

    def __init__(
        self, name: str, args: DelegatedAdministrationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("plinth:organization:DelegatedAdministration", name, None, opts)
        self._name, account_id = name, args.account_id
        delegated: list[pulumi.Resource] = [
            aws.cloudtrail.OrganizationDelegatedAdminAccount(
                f"{name}-cloudtrail", account_id=account_id, opts=self._child()
            ),
            aws.guardduty.OrganizationAdminAccount(
                f"{name}-guardduty", admin_account_id=account_id, opts=self._child()
            ),
            aws.inspector2.DelegatedAdminAccount(f"{name}-inspector", account_id=account_id, opts=self._child()),
            aws.securityhub.OrganizationAdminAccount(
                f"{name}-securityhub", admin_account_id=account_id, opts=self._child()
            ),
            *self._through_organizations(account_id),
        ]
        if args.macie:
            delegated.append(
                aws.macie2.OrganizationAdminAccount(f"{name}-macie", admin_account_id=account_id, opts=self._child())
            )
        self.account_id = pulumi.Output.all(account_id, *(resource.urn for resource in delegated)).apply(
            lambda known: str(known[0])
        )
        self.register_outputs({"account_id": self.account_id})

    def _through_organizations(self, account_id: pulumi.Input[str]) -> list[pulumi.Resource]:
        return [
            aws.organizations.DelegatedAdministrator(
                f"{self._name}-{service.partition('.')[0]}",
                account_id=account_id,
                service_principal=service,
                opts=self._child(),
            )
            for service in THROUGH_ORGANIZATIONS
        ]

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)
