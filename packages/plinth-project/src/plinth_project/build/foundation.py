"""The resources of the foundation that this repository uses: ``foundation.json``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from plinth_project.documents import (
    AccountId,
    Bucket,
    Document,
    KeyArn,
    Name,
    Region,
    SecurityGroups,
    Subnets,
    read_document,
)
from plinth_project.names import USE_CASE_TAG, Names

FILE = "foundation.json"


class Development(Document):
    """The team's development environment, in which pipelines run."""

    account_id: AccountId
    bucket: Bucket
    key_arn: KeyArn
    subnets: Subnets
    security_groups: SecurityGroups
    workgroup: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,128}$")]


class Registry(Document):
    """The account of the model registry and of images."""

    account_id: AccountId
    bucket: Bucket
    key_arn: KeyArn


class MinimumGate(Document):
    """The limit of a metric that the gates of this repository may not undercut. One of both is given."""

    at_least: float | None = None
    at_most: float | None = None


class Foundation(Document):
    """Names and ids that the foundation gives to this use case. Copier writes them; `copier update` changes them."""

    team: Name
    use_case: Name
    region: Region
    development: Development
    registry: Registry
    tags: dict[str, str] = Field(default_factory=dict)
    """Tags of every job, beside those that follow from the names."""
    minimum_gates: dict[str, MinimumGate] = Field(default_factory=dict)
    """Minimum gates by metric. Those of metrics that the problem does not have do not apply."""

    def names(self, branch: str) -> Names:
        return Names(team=self.team, use_case=self.use_case, branch=branch)

    @property
    def job_tags(self) -> dict[str, str]:
        """Tags of every job in development."""
        return {
            **self.tags,
            "plinth:stack": f"{self.team}-development",
            "plinth:team": self.team,
            "plinth:environment": "development",
            "plinth:lifecycle": "ephemeral",
            USE_CASE_TAG: self.use_case,
        }

    def role_arn(self, role: str) -> str:
        """Returns the ARN of a role of the use case in development: ``pipeline`` or ``operator``."""
        return f"arn:aws:iam::{self.development.account_id}:role/plinth/{self.team}--{self.use_case}-dev-{role}"

    def group(self, name: str) -> str:
        """Returns how a pipeline names a model package group: by ARN if the registry is in another account."""
        if self.registry.account_id == self.development.account_id:
            return name
        return f"arn:aws:sagemaker:{self.region}:{self.registry.account_id}:model-package-group/{name}"

    def image(self, step: str, tag: str) -> str:
        """Returns the URI of the image that CI builds from a step's dockerfile."""
        registry = f"{self.registry.account_id}.dkr.ecr.{self.region}.amazonaws.com"
        return f"{registry}/{self.team}/{self.use_case}/{step.replace('_', '-')}:{tag}"


def read_foundation(root: Path) -> Foundation:
    return read_document(Foundation, root / FILE, root)
