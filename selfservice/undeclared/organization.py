"""Which accounts belong to the organization. Principals of all others are outside of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from selfservice.undeclared.finding import Danger

_ACCOUNT_IN_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:([0-9]{12}):")
_ACCOUNT = re.compile(r"[0-9]{12}")
_UNIT = re.compile(r"arn:aws[a-z-]*:organizations::[0-9]{12}:(?:organization|ou)/(o-[a-z0-9]+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganizationAccounts:
    """The organization and its accounts."""

    id: str | None
    """For example ``o-exampleorg``; None if it is not known."""
    management: str | None
    """Id of the management account."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The name of each account that is known to belong to the organization, by id."""

    def danger_to(self, principal: str, owner: str) -> Danger | None:
        """Returns the danger of access for a principal in a policy of the account ``owner``.

        ``principal`` is an account id, an ARN, or ``*`` for everyone. None means that it is in the owner's account.
        """
        unit = _UNIT.match(principal)
        if unit is not None:
            return Danger.ORGANIZATION if unit[1] == self.id else Danger.OUTSIDE
        account = account_of(principal)
        if account == owner:
            return None
        return Danger.ORGANIZATION if account in self.names else Danger.OUTSIDE


def account_of(principal: str) -> str | None:
    """Returns the account of a principal; None for everyone, and for ARNs without an account or with a wildcard."""
    if _ACCOUNT.fullmatch(principal):
        return principal
    found = _ACCOUNT_IN_ARN.match(principal)
    return found[1] if found else None
