"""What a person may be allowed: one thing, in words and as statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.statements import Conditions, Statement

EVERYTHING = ("*",)
"""For actions that accept no narrower resource (Service Authorization Reference)."""

OWN_TEAM: Conditions = {"StringEquals": {"aws:ResourceTag/plinth:team": "${aws:PrincipalTag/plinth:team}"}}
"""Accounts that all teams share tell them apart by tags, so that a new team changes nothing there. A session without
the tag matches nothing, not even what has no tag: an unresolved variable equals no value (IAM User Guide, "Policy
variables")."""


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing that a persona may do in an account; permission sets and their documentation are made of these."""

    summary: str
    """In a few words, after "may"."""
    statements_in: Callable[[str], list[Statement]]
    """The statements for a region. They name no account: each holds in the account where it is assigned."""


def arns(service: str, region: str, *resources: str) -> list[str]:
    """Resources of a service in whatever account the session is in."""
    return [f"arn:aws:{service}:{region}:*:{resource}" for resource in resources]


def read_logs(groups: Sequence[pulumi.Input[str]], *, sid: str) -> Statement:
    """What the log groups of these ARNs hold."""
    return Statement(
        sid=sid,
        actions=["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"],
        resources=groups,
    )


def decrypt_through(service: str, region: str, aliases: Sequence[str], *, sid: str, write: bool = False) -> Statement:
    """Use of the keys with these aliases, and only by way of the service that keeps the data (KM-03)."""
    return Statement(
        sid=sid,
        actions=["kms:Decrypt", "kms:GenerateDataKey"] if write else ["kms:Decrypt"],
        resources=arns("kms", region, "key/*"),
        conditions={
            "StringEquals": {"kms:ViaService": f"{service}.{region}.amazonaws.com"},
            "ForAnyValue:StringLike": {"kms:ResourceAliases": [f"alias/{alias}" for alias in aliases]},
        },
    )
