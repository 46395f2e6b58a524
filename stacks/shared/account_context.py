"""In whose account a stack builds."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from settings.derived.accounts import Account
from settings.derived.outputs import OrganizationOutputs
from settings.types.kinds import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountPlace:
    """What the places of all stacks have in common that build in an account of the organization."""

    kind: Kind
    account: Account
    """The kind's own, or that of another kind."""
    region: str
    account_id: pulumi.Output[str]
    organization: pulumi.Output[OrganizationOutputs]
    """What the organization's stack promised, read once: each reading costs the engine a look into another state."""

    @property
    def has_account_to_itself(self) -> bool:
        """Whether the account is named after this kind, whose stack then sets up the account as a whole."""
        return self.account.kind == self.kind

    @property
    def organization_id(self) -> pulumi.Output[str]:
        return self.organization.apply(lambda outputs: outputs.organization_id)

    @property
    def management_account_id(self) -> pulumi.Output[str]:
        return self.organization.apply(lambda outputs: outputs.management_account_id)
