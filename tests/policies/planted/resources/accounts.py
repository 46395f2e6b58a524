"""Compliant resources: the organization and its accounts."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from tests.policies.planted.resources.base import (
    ACCOUNT,
    Planter,
)


class Accounts(Planter):
    def organization(self, **changes: Any) -> None:
        aws.organizations.Organization(self._name, **changes, opts=self._opts())

    def delegations(self) -> None:
        """Creates every required delegation except the one of GuardDuty."""
        aws.securityhub.OrganizationAdminAccount(self._name, admin_account_id=ACCOUNT, opts=self._opts())
        aws.inspector2.DelegatedAdminAccount(self._name, account_id=ACCOUNT, opts=self._opts())
        aws.cloudtrail.OrganizationDelegatedAdminAccount(self._name, account_id=ACCOUNT, opts=self._opts())
        for service in ("access-analyzer.amazonaws.com", "config.amazonaws.com"):
            aws.organizations.DelegatedAdministrator(
                f"{self._name}-{service}", account_id=ACCOUNT, service_principal=service, opts=self._opts()
            )

    def unit(self, name: str) -> aws.organizations.OrganizationalUnit:
        return aws.organizations.OrganizationalUnit(name, name=name, parent_id="ou-abcd-12345678", opts=self._opts())

    def account(self, environment: str = "production", **changes: Any) -> None:
        """Creates an account with a budget and a contact."""
        properties = {
            "name": self._name,
            "email": f"aws+{self._name}@acme.example",
            "parent_id": "ou-abcd-12345678",
            "close_on_deletion": False,
            "tags": {"plinth:environment": environment, "plinth:owner": "planted@acme.example"},
        }
        account = aws.organizations.Account(self._name, **properties | changes, opts=self._opts())
        self.budget(account.id)
        self.contact(account.id)

    def budget(self, account_id: pulumi.Input[str] = ACCOUNT) -> None:
        aws.budgets.Budget(
            self._name,
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount="1",
            limit_unit="USD",
            cost_filters=[{"name": "LinkedAccount", "values": [account_id]}],
            notifications=[
                {
                    "notification_type": "ACTUAL",
                    "comparison_operator": "GREATER_THAN",
                    "threshold": 80,
                    "threshold_type": "PERCENTAGE",
                    "subscriber_email_addresses": ["planted@acme.example"],
                }
            ],
            opts=self._opts(),
        )

    def contact(self, account_id: pulumi.Input[str] | None = None) -> None:
        """Creates the security contact of an account, by default the management account."""
        aws.account.AlternativeContact(
            self._name,
            account_id=account_id,
            alternate_contact_type="SECURITY",
            name="planted",
            title="planted",
            email_address="planted@acme.example",
            phone_number="1",
            opts=self._opts(),
        )
