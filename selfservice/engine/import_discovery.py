"""Import discovery: finds out whether a resource exists in AWS, after its creation was interrupted or before it begins.

A resource type has a lookup if AWS would create the resource twice or would refuse to create it again. Other creations
are idempotent (the policy of a bucket, the policy of a role, account-wide settings) and are simply repeated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.engine.resource_lookup import account, network, organization, singletons
from selfservice.engine.resource_lookup.lookup import Lookup, Properties

LOOKUPS: Mapping[str, Lookup] = {
    **organization.LOOKUPS, **account.LOOKUPS, **network.LOOKUPS, **singletons.LOOKUPS,
}  # fmt: skip
"""The lookup of each resource type."""


def is_repeatable(resource: Properties) -> bool:
    """Returns whether the resource can be created again with the same result."""
    return resource["type"] not in LOOKUPS


class Search:
    """Finds resources of one deployment in the accounts of its providers. Each role is assumed once."""

    def __init__(self, deployment: Mapping[str, Any]) -> None:
        self._resources = deployment.get("resources") or []
        self._accounts: dict[str, Account] = {}

    def find(self, resource: Properties, lookup: Lookup | None = None) -> str | None:
        """Returns the provider's id of a resource, or None if it does not exist.

        ``lookup`` replaces the lookup of the resource's type.
        """
        lookup = lookup or LOOKUPS[resource["type"]]
        identity = lookup(resource.get("inputs") or {}, self.account_of(resource))
        # A resource that awaits its replacement is already deleted, and the replacement may have the same id.
        taken = {(known["type"], known.get("id")) for known in self._resources if not known.get("pendingReplacement")}
        return None if (resource["type"], identity) in taken else identity

    def is_in_new_account(self, resource: Properties) -> bool:
        """Returns whether the account of the resource does not exist yet, because its id is not known."""
        return has_unknown_inputs(self._provider_of(resource))

    def account_of(self, resource: Properties) -> Account:
        """Returns the account of the resource's explicit provider."""
        provider = self._provider_of(resource)
        urn = str(provider["urn"])
        if urn not in self._accounts:
            self._accounts[urn] = _account_of_provider(provider)
        return self._accounts[urn]

    def _provider_of(self, resource: Properties) -> Properties:
        urn, _, _ = str(resource["provider"]).rpartition("::")
        return next(known for known in self._resources if known["urn"] == urn)


UNKNOWN_VALUE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The engine's placeholder for a string that only the update knows (sdk/go/common/resource/plugin,
UnknownStringValue)."""


def has_unknown_inputs(resource: Properties) -> bool:
    """Returns whether an input of the resource is known only after the update."""
    return UNKNOWN_VALUE in json.dumps(resource.get("inputs") or {})


def _account_of_provider(provider: Properties) -> Account:
    inputs = {key: decoded(value) for key, value in provider["inputs"].items()}
    roles = inputs.get("assumeRoles") or [{}]
    return Account(
        id=inputs["allowedAccountIds"][0],
        region=inputs["region"],
        role_arn=roles[0].get("roleArn"),
        person=roles[0].get("sourceIdentity"),
    )


def decoded(value: Any) -> Any:
    """Decodes nested configuration, which bridged Terraform providers store as JSON strings."""
    return json.loads(value) if isinstance(value, str) and value[:1] in "[{" and value else value
