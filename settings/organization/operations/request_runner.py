"""Settings of the runner of requests in the governance account."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from settings.organization.reviews import KeyArn, StateBucket
from settings.types.aws.limits import DATABASE_BACKUP_DAYS, DATABASE_PAUSE_MINUTES
from settings.types.kinds import DurableKind
from settings.types.model import Settings
from settings.types.values import Cidr, ImageDigest, List, matching, within

RUNNER_HOST: DurableKind = "governance"
"""Account kind in which the runner works. Phases without it allow no runner."""
RunnerCompute = Literal["BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE"]
"""Compute types of CodeBuild for Linux (CodeBuild User Guide, "Build environment compute modes and types")."""


_SECRET = r"arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}"


SecretArn = Annotated[
    str,
    matching(
        _SECRET,
        "is not the ARN of a secret: arn:aws:secretsmanager:<region>:<account>:secret:<name>-<six characters>",
        "copy it from `aws secretsmanager describe-secret`, with its last six characters",
    ),
]


class WorkflowDatabase(Settings):
    """The PostgreSQL database in which builds keep what they have done. ``connection`` and ``cidr`` have no default."""

    connection: SecretArn = Field(
        description="ARN of a secret of Secrets Manager in the governance account. Its keys are `url`, the connection "
        "string of the database, and `key`, a Fernet key with which builds encrypt what they store.",
        examples=["arn:aws:secretsmanager:eu-west-1:111111111111:secret:plinth/workflows-a1B2c3"],
    )
    cidr: Cidr = Field(
        description="Network of the database, to which builds may connect. The account's network needs a way to it.",
        examples=["10.0.64.0/22"],
    )
    port: Annotated[int, within(1024, 65535, "")] = Field(default=5432, description="Port of the database.")


class ServerlessWorkflows(Settings):
    """The PostgreSQL database of Aurora Serverless that the governance account gets for what builds have done."""

    pause_minutes: Annotated[int, within(*DATABASE_PAUSE_MINUTES, "minutes")] = Field(
        default=5,
        description="Minutes without a connection after which the database pauses and costs its storage only.",
    )
    max_capacity: Annotated[int, within(1, 16, "ACUs")] = Field(
        default=1, description="Largest capacity in ACUs, each of about 2 GiB of memory. The smallest one is 0."
    )
    backup_days: Annotated[int, within(*DATABASE_BACKUP_DAYS, "days")] = Field(
        default=14, description="Days to keep backups."
    )


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
    serverless_workflows: ServerlessWorkflows | None = Field(
        default=None,
        description="Creates a PostgreSQL database in which builds keep what they have done for a request, and which "
        "pauses while no build uses it. null: each build has a database of its own, and after a build that was "
        "stopped, the next one looks at all stacks of the request again.",
    )
    workflows: WorkflowDatabase | None = Field(
        default=None,
        description="PostgreSQL database of yours that builds use instead.",
    )
    timeout_minutes: Annotated[int, within(30, 2160, "minutes")] = Field(
        default=480,
        description="Minutes after which a build is stopped. The next one continues what it has left.",
    )
