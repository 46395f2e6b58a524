"""Settings of the runner of requests in the governance account."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from settings.organization.reviews import KeyArn, StateBucket
from settings.types.kinds import DurableKind
from settings.types.model import Settings
from settings.types.values import ImageDigest, List, within

RUNNER_HOST: DurableKind = "governance"
"""Account kind in which the runner works. Phases without it allow no runner."""
RunnerCompute = Literal["BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE"]
"""Compute types of CodeBuild for Linux (CodeBuild User Guide, "Build environment compute modes and types")."""


class RequestRunnerSettings(Settings):
    """Settings of the runner of requests. ``image`` and ``state_bucket`` have no default."""

    image: ImageDigest = Field(
        description="Digest of the image with Plinth in the repository `plinth` of the tooling account. Builds run "
        "this image and no other.",
        examples=[f"sha256:{'a' * 64}"],
    )
    state_bucket: StateBucket = Field(
        description="Name of the bucket with the states of all stacks, which the runner reads and writes.",
        examples=["acme-states"],
    )
    state_keys: List[KeyArn] = Field(
        default=(), description="ARNs of the KMS keys that encrypt the bucket and the secrets in the states."
    )
    interval_minutes: Annotated[int, within(5, 1440, "minutes")] = Field(
        default=30,
        description="Minutes between two looks for requests, besides the one that each request and decision starts. "
        "Requests whose time has come, and events that were lost, wait no longer than that.",
    )
    drift_hour: Annotated[int, within(0, 23, "hours")] | None = Field(
        default=3,
        description="Hour of the day in UTC at which the runner compares all stacks with AWS (`plinth drift`). null: "
        "it never does.",
    )
    compute_type: RunnerCompute = Field(
        default="BUILD_GENERAL1_MEDIUM",
        description="Compute type of CodeBuild. The small one has 2 vCPUs and 4 GiB, the medium one 4 and 8, the large "
        "one 8 and 16. More of them deploy more stacks at the same time.",
    )
    timeout_minutes: Annotated[int, within(30, 2160, "minutes")] = Field(
        default=480,
        description="Minutes after which a build is stopped. The next one continues what it has left.",
    )
