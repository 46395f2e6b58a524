"""The resource policy of a private API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pulumi

from components.identity.iam.statements import Conditions, Statement

_ALL_PATHS = ["execute-api:/*"]


def admit_roles(
    sid: str,
    roles: Sequence[pulumi.Input[str]],
    *,
    organization_id: pulumi.Input[str],
    endpoints: pulumi.Input[str] | Sequence[pulumi.Input[str]],
) -> Iterator[Statement]:
    """Yields statements that admit these roles of the organization through these VPC endpoints, and nobody else.

    The denials are necessary: within an account, an identity policy alone would suffice (API Gateway Developer Guide,
    "How API Gateway resource policies affect authorization workflow").
    """
    yield Statement(
        sid=sid,
        principals="*",
        actions=["execute-api:Invoke"],
        resources=_ALL_PATHS,
        conditions={
            "StringEquals": {"aws:PrincipalOrgID": organization_id, "aws:SourceVpce": endpoints},
            "ArnEquals": {"aws:PrincipalArn": list(roles)},
        },
    )
    refused: dict[str, Conditions] = {
        "NobodyFromElsewhere": {"StringNotEquals": {"aws:SourceVpce": endpoints}},
        "NobodyElse": {"ArnNotEquals": {"aws:PrincipalArn": list(roles)}},
    }
    for name, conditions in refused.items():
        yield Statement(
            sid=name,
            effect="Deny",
            principals="*",
            actions=["execute-api:Invoke"],
            resources=_ALL_PATHS,
            conditions=conditions,
        )
