"""A capability of a persona: one summary and the statements that implement it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.statements import Conditions, Statement, through
from settings.data.artifact_layout import PROMOTIONS
from settings.organization.organization import SignIn

EVERYTHING = ("*",)
"""All resources, for actions that accept no narrower one (Service Authorization Reference)."""

TEAM = "${aws:PrincipalTag/plinth:team}"
"""Team of the session."""
OWN_TEAM: Conditions = {"StringEquals": {"aws:ResourceTag/plinth:team": TEAM}}
"""Condition that restricts access to resources with the session's team tag, in accounts that all teams share.

New teams do not change it. Sessions without the tag match nothing, not even untagged resources, because an unresolved
variable equals no value (IAM User Guide, "Policy variables").
"""


@dataclass(frozen=True, slots=True)
class Capability:
    """A unit of access from which permission sets and their documentation are composed."""

    summary: str
    """Summary that completes "may …"."""
    statements_in: Callable[[str], list[Statement]]
    """Function that returns the statements for a region. They name no account and apply wherever they are assigned."""
    sign_in: SignIn | None = None
    """The only way to sign in that the capability applies to. None if it applies to both."""


def arns(service: str, region: str, *resources: str) -> list[str]:
    """Returns the ARNs of a service's resources in any account."""
    return [f"arn:aws:{service}:{region}:*:{resource}" for resource in resources]


def read_logs(groups: Sequence[pulumi.Input[str]], *, sid: str) -> Statement:
    """Allows reading the events of the log groups."""
    return Statement(
        sid=sid,
        actions=["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"],
        resources=groups,
    )


def with_aliases(*aliases: str) -> Conditions:
    """Returns the condition that a key has one of the aliases."""
    return {"ForAnyValue:StringLike": {"kms:ResourceAliases": [f"alias/{alias}" for alias in aliases]}}


def decrypt_through(service: str, region: str, aliases: Sequence[str], *, sid: str, write: bool = False) -> Statement:
    """Allows use of the keys with these aliases, only through the service that stores the data (KM-03)."""
    return Statement(
        sid=sid,
        actions=["kms:Decrypt", "kms:GenerateDataKey"] if write else ["kms:Decrypt"],
        resources=arns("kms", region, "key/*"),
        conditions={**through(service, region), **with_aliases(*aliases)},
    )


def read_records_of_releases(region: str, team: str) -> list[Statement]:
    """Allows reading the plans, reviews and decisions of promotions of a team, or of all with ``*``."""
    bucket, folder = "arn:aws:s3:::*-artifacts-*", f"{team}/*/{PROMOTIONS}/*"
    return [
        Statement(
            sid="FindRecordsOfReleases",
            actions=["s3:ListBucket"],
            resources=[bucket],
            conditions={"StringLike": {"s3:prefix": folder}},
        ),
        Statement(sid="ReadRecordsOfReleases", actions=["s3:GetObject"], resources=[f"{bucket}/{folder}"]),
        decrypt_through("s3", region, ["plinth/tooling"], sid="DecryptRecordsOfReleases"),
    ]
