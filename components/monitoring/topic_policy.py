"""Statements of the policies of SNS topics."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.identity.iam.statements import Statement


def publishes(
    sid: str,
    topic_arn: pulumi.Input[str],
    principals: Mapping[str, list[pulumi.Input[str]]],
    conditions: Mapping[str, Mapping[str, pulumi.Input[str]]] | None = None,
) -> Statement:
    """Allows principals to publish to a topic."""
    return Statement(
        sid=sid,
        principals=principals,
        actions=["sns:Publish"],
        resources=[topic_arn],
        conditions=conditions or {},
    )


def refuses_others(
    topic_arn: pulumi.Input[str],
    organization_id: pulumi.Input[str],
    *,
    outsiders: str = "NobodyFromElsewhere",
    plain: str = "OnlyTls",
) -> list[Statement]:
    """Denies publishing and subscribing to principals of other organizations, and publishing without TLS.

    ``outsiders`` and ``plain`` are the ids of the two statements, because another id would change deployed policies.
    """
    return [
        Statement(
            sid=outsiders,
            effect="Deny",
            principals="*",
            actions=["sns:Publish", "sns:Subscribe"],
            resources=[topic_arn],
            conditions={
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization_id},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        ),
        Statement(
            sid=plain,
            effect="Deny",
            principals="*",
            actions=["sns:Publish"],
            resources=[topic_arn],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        ),
    ]
