"""Where a resource that may or may not have been created is looked for, by what names it in AWS.

Only what AWS would let exist twice, or refuses to create again, has a finder. Settings that are put (a bucket's
policy, a role's policy, account-wide switches) are the same after a second time, and are simply created.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.engine.resource_lookup import account, network, organization
from selfservice.engine.resource_lookup.lookup import Lookup, Properties

LOOKUPS: Mapping[str, Lookup] = {**organization.LOOKUPS, **account.LOOKUPS, **network.LOOKUPS}
"""By type of resource."""


def is_repeatable(resource: Properties) -> bool:
    """Whether a second creation is the same as the first, so that nobody needs to know of the first."""
    return resource["type"] not in LOOKUPS


class Search:
    """Looks for resources of one deployment in the accounts of its providers, each entered once."""

    def __init__(self, deployment: Mapping[str, Any]) -> None:
        self._resources = deployment.get("resources") or []
        self._accounts: dict[str, Account] = {}

    def find(self, resource: Properties) -> str | None:
        """The provider's id of a resource, or None when it does not exist."""
        lookup = LOOKUPS[resource["type"]]
        identity = lookup(resource.get("inputs") or {}, self.account_of(resource))
        taken = {(known["type"], known.get("id")) for known in self._resources}
        return None if (resource["type"], identity) in taken else identity

    def account_of(self, resource: Properties) -> Account:
        """The account of the explicit provider that the state names for the resource."""
        urn, _, _ = str(resource["provider"]).rpartition("::")
        if urn not in self._accounts:
            provider = next(known for known in self._resources if known["urn"] == urn)
            self._accounts[urn] = _account_of_provider(provider)
        return self._accounts[urn]


def _account_of_provider(provider: Properties) -> Account:
    inputs = {key: _decoded(value) for key, value in provider["inputs"].items()}
    roles = inputs.get("assumeRoles") or [{}]
    return Account(id=inputs["allowedAccountIds"][0], region=inputs["region"], role_arn=roles[0].get("roleArn"))


def _decoded(value: Any) -> Any:
    """Providers of Terraform's family keep nested configuration as JSON in a string."""
    return json.loads(value) if isinstance(value, str) and value[:1] in "[{" and value else value
