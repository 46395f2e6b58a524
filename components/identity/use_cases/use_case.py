"""A use case as its roles see it: the names that are its own, in whatever account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi

from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import ROLE_PATH
from settings.team.use_case import USE_CASE_TAG
from settings.types.kinds import Environment
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS, named

RoleOfUseCase = Literal["integration", "monitoring", "operator", "pipeline", "promotion", "release", "serving"]


@dataclass(frozen=True, kw_only=True, slots=True)
class UseCase:
    """One ML product of a team. Everything that is its own begins with its name, and its roles reach nothing else."""

    team: str
    name: str
    region: str

    @property
    def prefix(self) -> str:
        """Start of the names of its things. No team's name has two hyphens in a row, so no two use cases meet."""
        return f"{self.team}--{self.name}"

    @property
    def folder(self) -> str:
        """Its part of a registry, or of a bucket that all teams share."""
        return f"{self.team}/{self.name}"

    @property
    def ml_folder(self) -> str:
        """Its part of an ML bucket, which is its team's alone (S3-01)."""
        return self.name

    @property
    def tags(self) -> Mapping[str, str]:
        """On its roles, so that ML buckets know whose they are."""
        return {USE_CASE_TAG: self.name}

    def role_name(self, role: RoleOfUseCase, environment: Environment | None = None) -> str:
        """Name of one of its roles; in tooling, which has no environment, the role's own name is enough."""
        place = (ENVIRONMENT_ABBREVIATIONS[environment],) if environment else ()
        return named("role", self.prefix, *place, role)

    def role_arn(
        self, role: RoleOfUseCase, account_id: pulumi.Input[str], environment: Environment | None = None
    ) -> pulumi.Output[str]:
        return pulumi.Output.concat("arn:aws:iam::", account_id, f":role{ROLE_PATH}{self.role_name(role, environment)}")

    def arns(self, service: str, account_id: pulumi.Input[str], *kinds: str) -> list[pulumi.Output[str]]:
        """Its resources of a service, by the kinds that come before their name: ``model/``, ``project/``."""
        return [
            pulumi.Output.concat(f"arn:aws:{service}:{self.region}:", account_id, f":{kind}{self.prefix}-*")
            for kind in kinds
        ]


def read_folder(bucket_arn: pulumi.Input[str], folder: str, sid: str) -> list[Statement]:
    """Reading a folder of a bucket, and finding what is in it."""
    return [
        Statement(
            sid=f"{sid}List",
            actions=["s3:ListBucket"],
            resources=[bucket_arn],
            conditions={"StringLike": {"s3:prefix": f"{folder}/*"}},
        ),
        Statement(
            sid=f"{sid}Read",
            actions=["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion"],
            resources=[pulumi.Output.concat(bucket_arn, f"/{folder}/*")],
        ),
    ]


def write_folder(bucket_arn: pulumi.Input[str], folder: str, sid: str) -> Statement:
    """Adding to a folder of a bucket. What is there is versioned, and nothing here deletes a version."""
    return Statement(
        sid=f"{sid}Write",
        actions=["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectTagging"],
        resources=[pulumi.Output.concat(bucket_arn, f"/{folder}/*")],
    )


def use_key(key_arn: pulumi.Input[str], sid: str, *, write: bool = False) -> Statement:
    """One key, by name."""
    reading = ["kms:Decrypt", "kms:DescribeKey"]
    return Statement(
        sid=sid,
        actions=[*reading, "kms:Encrypt", "kms:GenerateDataKey"] if write else reading,
        resources=[key_arn],
    )
