"""The account that a stack builds in."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from settings.derived.accounts import Account
from settings.types.kinds import Kind
from stacks.shared.outputs import OrganizationOutputs


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountContext:
    """Base of the contexts of stacks that build in an account of the organization."""

    kind: Kind
    account: Account
    """The kind's own account, or the account of another kind that it shares."""
    region: str
    account_id: pulumi.Output[str]
    organization: OrganizationOutputs
    """Outputs of the stack ``organization``. Read once, because each read makes the engine open another state."""

    @property
    def has_account_to_itself(self) -> bool:
        """Whether the account is named after this kind. If so, this stack sets up the account as a whole."""
        return self.account.kind == self.kind
