"""Computes the tags of a stack's resources, for cost allocation, attribute-based access control and clean-up."""

from __future__ import annotations

from collections.abc import Sequence

from settings.data.dataset import Dataset
from settings.derived.stack_graph import StackIdentity
from settings.organization.organization import Organization
from settings.team.team import EnvironmentSettings, Team
from settings.team.use_case import USE_CASE_TAG
from settings.types.kinds import lifecycle_of

DATA_CLASS_TAG = "plinth:data-class"
"""Classification tag of resources that belong to one dataset. Tables and columns have their classification in LF-tags.
"""

STACK_TAG = "plinth:stack"
"""Tag of every resource. Its value is the name of the stack."""
USER_TAG = "plinth:user"
"""Tag of a Studio user's resources and apps, which shows the cost of the user (COST-02)."""
BRANCH_TAG = "plinth:branch"
"""Tag of the resources that exist only for a feature branch. Its value is the branch (BR-04)."""
EXPIRY_TAG = "plinth:expires"
"""Tag with the day, such as 2026-01-31, from which the resources of an unmerged branch may be deleted (AMB-06)."""

CONTRIBUTORS_TAG = "plinth:contributors"
"""Tag of the repositories of a use case whose settings name the people who push to them."""
TAG_VALUE_CHARACTERS = 256
"""Most characters of a tag value (CodeCommit API, TagResource)."""

TAGS_PER_RESOURCE = 50
"""Maximum user tags of most AWS resources."""
TAGS_OF_THE_FOUNDATION = 10
"""Number of tags reserved for those set here and by components."""


def contributors_value(people: Sequence[str]) -> str:
    """Returns the value of the tag of contributors. Each name is between two slashes, which no user name contains, so
    that a policy finds a whole name with a pattern."""
    return f"/{'/'.join(people)}/"


def tags_of(
    stack: StackIdentity,
    organization: Organization,
    team: Team | None,
    environment: EnvironmentSettings | None,
    dataset: Dataset | None = None,
) -> dict[str, str]:
    """Returns the tags of a stack's resources.

    Narrower settings override wider ones. No setting overrides the foundation's tags, because their prefix is reserved.
    """
    billed = team or organization
    return {
        **organization.tags,
        **(team.tags if team else {}),
        **(environment.tags if environment else {}),
        STACK_TAG: stack.name,
        "plinth:team": team.name if team else "platform",
        "plinth:environment": stack.environment or "shared",
        "plinth:lifecycle": lifecycle_of(stack.environment) if stack.environment else "durable",
        "plinth:owner": billed.owner,
        "plinth:cost-centre": billed.cost_centre,
        **({DATA_CLASS_TAG: dataset.classification} if dataset else {}),
        **({USE_CASE_TAG: stack.use_case} if stack.use_case else {}),
    }
