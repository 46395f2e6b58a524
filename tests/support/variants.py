"""Every way in which a foundation may be laid out, each with everything in it that the settings can add."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from settings.derived.foundation import Foundation
from settings.organization.audit import AuditSettings
from settings.organization.contacts import Contact
from settings.team.team import EnvironmentSettings
from tests.support.every_stack import Deployment, example_foundation, example_organization, example_team

DESK = Contact(name="Desk", title="On call", email="desk@acme.example", phone="+44 20 7946 0000")
FULLEST: dict[str, Any] = {
    "contacts": dict.fromkeys(("billing", "operations", "security"), DESK),
    "monthly_budget_usd": 8000,
    "bill_by_tags": True,
    "audit": AuditSettings(macie=True),
}
"""What adds resources to an organization of any layout."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One layout of the organization. Its stacks are the same for every team."""

    placement: str
    endpoints: str
    sign_in: str
    phase: str = "scalable"

    def __str__(self) -> str:
        return f"{self.placement}-{self.endpoints}-{self.sign_in}-{self.phase}"

    @property
    def foundation(self) -> Foundation:
        """With one team, in three zones, and the internet in experimentation where the placement lets it be."""
        settings = EnvironmentSettings(
            team="fraud", environment="experimentation", zones=3, internet_access=self.placement == "large"
        )
        organization = example_organization(
            placement=self.placement, endpoints=self.endpoints, sign_in=self.sign_in, phase=self.phase, **FULLEST
        )
        others = (
            [] if self.phase == "initial" else [EnvironmentSettings(team="fraud", environment="development", zones=3)]
        )
        return example_foundation(settings, *others, organization=organization, teams=[example_team()])


VARIANTS = (
    *(
        Variant(*layout)
        for layout in product(("small", "medium", "large"), ("dedicated", "shared"), ("identity-center", "iam"))
    ),
    # Before there is a network account, environments hold name rules of their own.
    *(Variant("large", "dedicated", sign_in, "initial") for sign_in in ("identity-center", "iam")),
)


@cache
def deployment_of(variant: Variant) -> Deployment:
    """Deployed once per process as far as tests ask for it: read it, do not change it."""
    return Deployment(variant.foundation)
