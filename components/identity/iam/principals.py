"""Who may assume a role: trust policies of the kinds that the foundation knows."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import ROLE_PATH

SIGN_IN_PATH = f"{ROLE_PATH}sign-in/"
"""Path of the roles that a provider of the company's own signs people in to, where there is no Identity Center."""


def service_trust(
    service: str,
    *,
    account_id: pulumi.Input[str],
    sets_source_identity: bool = False,
    source_arns: Sequence[pulumi.Input[str]] = (),
) -> Statement:
    """An AWS service may assume the role, on behalf of this account alone.

    Without the account condition any customer of the service could make it act with our role (the "confused deputy" of
    the IAM User Guide). Studio additionally stamps the user profile's name on the session, which the trail then shows.
    Where it is known beforehand for which of our resources the service acts, it acts for no other.
    """
    actions = ["sts:AssumeRole", "sts:SetSourceIdentity"] if sets_source_identity else ["sts:AssumeRole"]
    return Statement(
        sid="AssumedByServiceForThisAccount",
        principals={"Service": [f"{service}.amazonaws.com"]},
        actions=actions,
        conditions={
            "StringEquals": {"aws:SourceAccount": account_id},
            **({"ArnLike": {"aws:SourceArn": list(source_arns)}} if source_arns else {}),
        },
    )


def sign_in_trust(
    *,
    account_id: pulumi.Input[str],
    organization_id: pulumi.Input[str],
    persona: str,
    team: str | None,
) -> Statement:
    """People of one persona may assume the role, and of one team where it is a team's.

    They come from roles of the account that they sign in to, whose provider says in tags of the session who they are;
    guardrails keep everybody else from setting those tags.
    """
    tags: dict[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]] = {"aws:PrincipalTag/plinth:persona": persona}
    if team is not None:
        tags["aws:PrincipalTag/plinth:team"] = team
    return Statement(
        sid="AssumedByPeopleWhoSignedIn",
        principals={"AWS": [pulumi.Output.concat("arn:aws:iam::", account_id, ":root")]},
        actions=["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
        conditions={
            "ArnLike": {
                "aws:PrincipalArn": [pulumi.Output.concat("arn:aws:iam::", account_id, f":role{SIGN_IN_PATH}*")]
            },
            "StringEquals": {"aws:PrincipalOrgID": organization_id, **tags},
        },
    )


def deployment_trust(
    *, account_id: pulumi.Input[str], organization_id: pulumi.Input[str], runner_role: str
) -> Statement:
    """One role of the account that governs may assume the role, and only while it says for whom it works (T-23)."""
    return Statement(
        sid="AssumedByTheRunnerForSomebody",
        principals={"AWS": [pulumi.Output.concat("arn:aws:iam::", account_id, ":root")]},
        actions=["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
        conditions={
            "ArnEquals": {
                "aws:PrincipalArn": [pulumi.Output.concat("arn:aws:iam::", account_id, f":role{runner_role}")]
            },
            "StringEquals": {"aws:PrincipalOrgID": organization_id},
            "Null": {"sts:SourceIdentity": "false"},
        },
    )


def role_trust(
    *, account_id: pulumi.Input[str], organization_id: pulumi.Input[str], role_arn: pulumi.Input[str]
) -> Statement:
    """One role of another account may assume the role, as a member of the organization."""
    return Statement(
        sid="AssumedByOneRoleOfTheOrganization",
        principals={"AWS": [pulumi.Output.concat("arn:aws:iam::", account_id, ":root")]},
        actions=["sts:AssumeRole", "sts:TagSession"],
        conditions={
            "ArnEquals": {"aws:PrincipalArn": [role_arn]},
            "StringEquals": {"aws:PrincipalOrgID": organization_id},
        },
    )
