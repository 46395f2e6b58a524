"""Settings of a use case, one ML product of a team."""

from __future__ import annotations

from pydantic import Field

from settings.team.delivery import DeliverySettings
from settings.team.retention import RetentionByClass
from settings.types.model import Settings

MAX_USE_CASES = 100
"""Maximum use cases of a team. Each needs up to six of the 1,000 lifecycle rules of a bucket, and about 100 of the
20,480 bytes of its policy (S3 User Guide, "Bucket quotas").
"""

USE_CASE_TAG = "plinth:use-case"
"""Tag of every role of a use case. Its value is the name of the use case."""


class UseCaseSettings(Settings):
    """Settings of one use case. Every field has a default."""

    models_call_aws: bool = Field(
        default=False,
        description="Whether models call AWS services during inference, such as Feature Store or Athena. Their "
        "containers then have network access, in subnets without internet access.",
    )
    delivery: DeliverySettings | None = Field(
        default=None,
        description="Repositories, builds and model package groups in the tooling account, in a stack of their own. "
        "Default: none.",
    )
    retention: RetentionByClass = Field(
        default_factory=dict,
        description="Retention of the use case's builds by class: feature, develop, main, batch. For a class that is "
        "given, it replaces the retention of the environment.",
    )
