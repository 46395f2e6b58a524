"""The tags that every resource of a stack carries: for bills, for access by attribute, for clean-up."""

from __future__ import annotations

from settings.data.dataset import Dataset
from settings.derived.stack_graph import StackIdentity
from settings.organization.organization import Organization
from settings.team.team import EnvironmentSettings, Team
from settings.types.kinds import lifecycle_of

DATA_CLASS_TAG = "plinth:data-class"
"""Of what is one dataset's alone. Buckets and catalogues of many datasets have a class by table and column, in the
lake's own tags."""

USER_TAG = "plinth:user"
"""On what one person has of Studio, and from there on apps: what the person costs (COST-02)."""
BRANCH_TAG = "plinth:branch"
"""On what a feature branch has beside what main has: whose it is (BR-04)."""
EXPIRY_TAG = "plinth:expires"
"""The day, as 2026-01-31, from which on what a branch has may go although nobody merged it (AMB-06)."""

TAGS_PER_RESOURCE = 50
"""AWS's limit for user tags on most resources."""
TAGS_OF_THE_FOUNDATION = 10
"""Kept back from it for the tags set here and those of components."""


def tags_of(
    stack: StackIdentity,
    organization: Organization,
    team: Team | None,
    environment: EnvironmentSettings | None,
    dataset: Dataset | None = None,
) -> dict[str, str]:
    """The narrower settings win over the wider; nobody's tags win over the foundation's, whose prefix is reserved."""
    billed = team or organization
    return {
        **organization.tags,
        **(team.tags if team else {}),
        **(environment.tags if environment else {}),
        "plinth:stack": stack.name,
        "plinth:team": team.name if team else "platform",
        "plinth:environment": stack.environment or "shared",
        "plinth:lifecycle": lifecycle_of(stack.environment) if stack.environment else "durable",
        "plinth:owner": billed.owner,
        "plinth:cost-centre": billed.cost_centre,
        **({DATA_CLASS_TAG: dataset.classification} if dataset else {}),
    }
