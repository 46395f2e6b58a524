"""Trust policies of roles: one function per kind of trusted principal."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.identity.iam.statements import Conditions, Statement
from components.identity.workloads.bounded_role import ROLE_PATH

SIGN_IN_PATH = f"{ROLE_PATH}sign-in/"
"""Path of the federated roles that people sign in to through an identity provider, if Identity Center is not used."""

GITHUB = "token.actions.githubusercontent.com"
"""Issuer of the tokens of GitHub Actions, and prefix of their condition keys."""
GITHUB_SUBJECT = f"{GITHUB}:sub"
GITHUB_AUDIENCE = "sts.amazonaws.com"
"""Audience of tokens that ``aws-actions/configure-aws-credentials`` requests."""


def service_trust(
    service: str,
    *,
    account_id: pulumi.Input[str],
    sets_source_identity: bool = False,
    source_arns: Sequence[pulumi.Input[str]] = (),
) -> Statement:
    """Allows an AWS service to assume the role on behalf of this account only.

    Without the account condition, other customers of the service could use the role (the "confused deputy" of the IAM
    User Guide). Studio also sets the user profile's name as source identity, which the trail records. If the calling
    resources are known beforehand, ``source_arns`` restricts the trust to them.
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
    """Allows people of one persona to assume the role and, for a team's role, only people of that team.

    They come from federated roles of the sign-in account, whose identity provider sets persona and team as session
    tags. Guardrails prevent everybody else from setting those tags.
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
) -> list[Statement]:
    """Allows one role of the governance account to assume the role, only with a source identity that names a person
    (T-23). Session tags have a statement of their own, because requests for them do not contain the source identity
    (Service Authorization Reference)."""
    principals = {"AWS": [pulumi.Output.concat("arn:aws:iam::", account_id, ":root")]}
    runner: Conditions = {
        "ArnEquals": {"aws:PrincipalArn": [pulumi.Output.concat("arn:aws:iam::", account_id, f":role{runner_role}")]},
        "StringEquals": {"aws:PrincipalOrgID": organization_id},
    }
    return [
        Statement(
            sid="AssumedByTheRunnerForSomebody",
            principals=principals,
            actions=["sts:AssumeRole", "sts:SetSourceIdentity"],
            conditions={**runner, "Null": {"sts:SourceIdentity": "false"}},
        ),
        Statement(sid="TaggedByTheRunner", principals=principals, actions=["sts:TagSession"], conditions=runner),
    ]


def github_trust(*, provider_arn: pulumi.Input[str], subjects: Sequence[str]) -> Statement:
    """Allows workflows with exactly these subjects to assume the role, with a token that was issued for AWS."""
    return Statement(
        sid="AssumedByWorkflowsOfOneRepository",
        principals={"Federated": [provider_arn]},
        actions=["sts:AssumeRoleWithWebIdentity"],
        conditions={"StringEquals": {f"{GITHUB}:aud": GITHUB_AUDIENCE, GITHUB_SUBJECT: list(subjects)}},
    )


def role_trust(
    *, account_id: pulumi.Input[str], organization_id: pulumi.Input[str], role_arns: Sequence[pulumi.Input[str]]
) -> Statement:
    """Allows named roles of another account of the organization to assume the role."""
    return Statement(
        sid="AssumedByNamedRolesOfTheOrganization",
        principals={"AWS": [pulumi.Output.concat("arn:aws:iam::", account_id, ":root")]},
        actions=["sts:AssumeRole", "sts:TagSession"],
        conditions={
            "ArnEquals": {"aws:PrincipalArn": list(role_arns)},
            "StringEquals": {"aws:PrincipalOrgID": organization_id},
        },
    )
