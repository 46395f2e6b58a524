"""The directory of IAM Identity Center, which answers only whether it has a user name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from selfservice.engine.account_access import Account


@dataclass(frozen=True, slots=True)
class PeopleDirectory:
    """A directory with a client of the service Identity Store. Methods raise errors of botocore."""

    identity_store_id: str
    client: Any

    @classmethod
    def of(cls, account: Account) -> Self | None:
        """Returns the directory of an account; None if it has no instance of IAM Identity Center."""
        instances = account.client("sso-admin").list_instances()["Instances"]
        return cls(instances[0]["IdentityStoreId"], account.client("identitystore")) if instances else None

    def user_id(self, name: str) -> str | None:
        """Returns the id of the user with exactly this name; None if there is none."""
        attribute = {"AttributePath": "userName", "AttributeValue": name}
        try:
            found = self.client.get_user_id(
                IdentityStoreId=self.identity_store_id, AlternateIdentifier={"UniqueAttribute": attribute}
            )
        except self.client.exceptions.ResourceNotFoundException:
            return None
        return str(found["UserId"])

    def unknown(self, names: Iterable[str]) -> frozenset[str]:
        """Returns those of the names that no user has. Asks once for each name."""
        return frozenset(name for name in sorted(set(names)) if self.user_id(name) is None)
