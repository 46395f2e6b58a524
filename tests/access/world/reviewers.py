"""The calls that reviews make for the resources that stacks register, and those of people who change them."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from components.identity.deployer.authorization import is_read_only
from components.identity.deployer.deployer_permissions import DATA_ACCESS
from components.identity.deployer.resources.management import MANAGEMENT
from iam_evaluator.request import Principal
from tests.access.world.deployers import Deployers
from tests.access.world.inventory import Item


@dataclass(frozen=True)
class Reviewers(Deployers):
    """The roles with which reviews enter the accounts of an organization."""

    def session(self, account_id: str, *, meant_for: str | None = None) -> Principal:
        """Returns a session that a review opens."""
        return self.world.roles[f"arn:aws:iam::{account_id}:role/plinth/platform-reviewer"].principal

    def reads(self, item: Item) -> list[str]:
        """Returns the actions that read a resource, without those that return its data."""
        reading = self.calls(item.account_id)[item.record.type].reading
        return sorted(action for action in reading if not any(fnmatchcase(action, pattern) for pattern in DATA_ACCESS))

    def changes(self, item: Item) -> list[str]:
        """Returns the actions that create, change or delete a resource, or return its data."""
        calls = self.calls(item.account_id)[item.record.type]
        data = {action for action in calls.reading if action not in self.reads(item)}
        return sorted(data.union(action for action in (*calls.allowed, *calls.reserved) if not is_read_only(action)))

    @property
    def types_of_the_management_account(self) -> set[str]:
        """Types of resources in the management account that no review can refresh."""
        management = self.world.landing.management_account_id
        return {item.record.type for item in self.world.inventory if item.account_id == management} - MANAGEMENT.keys()
