"""A use case of a team: one ML product."""

from __future__ import annotations

from pydantic import Field

from settings.team.retention import RetentionByClass
from settings.types.model import Settings

MAX_USE_CASES = 100
"""Of a team. Each takes up to six of the 1,000 lifecycle rules of a bucket, and about 100 of the 20,480 bytes of its
policy (S3 User Guide, "Bucket quotas").
"""

USE_CASE_TAG = "plinth:use-case"
"""On every role of a use case: which one it is of."""


class UseCaseSettings(Settings):
    """What differs from the team's other use cases; mostly nothing."""

    models_call_aws: bool = Field(
        default=False,
        description="Its models call AWS services while they answer, Feature Store or Athena for one, so that their "
        "containers are not isolated from the network. They stay in subnets without a way to the internet.",
    )
    retention: RetentionByClass = Field(
        default_factory=dict,
        description="How long ML buckets keep what its builds leave, by class: feature, develop, main, batch. "
        "Where given, it replaces the environment's for the class.",
    )
