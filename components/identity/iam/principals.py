"""Trust policies of roles: one function per kind of trusted principal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.arns import account_principal, arn_of
from components.identity.iam.role_names import SIGNED_IN
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


def function_trust() -> Statement:
    """Allows Lambda functions of this account to assume the role. Lambda sends no source account, and refuses functions
    with a role of another account."""
    return Statement(
        sid="AssumedByFunctions", principals={"Service": ["lambda.amazonaws.com"]}, actions=["sts:AssumeRole"]
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
        principals={"AWS": [account_principal(account_id)]},
        actions=["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
        conditions={
            "ArnLike": {"aws:PrincipalArn": [arn_of("iam", "", account_id, f"role{SIGN_IN_PATH}*")]},
            "StringEquals": {"aws:PrincipalOrgID": organization_id, **tags},
        },
    )


def deployment_trust(
    *, account_id: pulumi.Input[str], organization_id: pulumi.Input[str], runner_role: str
) -> list[Statement]:
    """Allows one role of the governance account to assume the role, only for a named person (T-23)."""
    role = arn_of("iam", "", account_id, f"role{runner_role}")
    conditions: Conditions = {
        "ArnEquals": {"aws:PrincipalArn": [role]},
        "StringEquals": {"aws:PrincipalOrgID": organization_id},
    }
    return _for_a_person(account_id, conditions, sids=("AssumedByTheRunnerForSomebody", "TaggedByTheRunner"))


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerPods:
    """The pods that run operations on the stacks of one owner: a team, or the organization for shared accounts."""

    account_id: pulumi.Input[str]
    """Id of the account of the cluster."""
    cluster_arn: pulumi.Input[str]
    namespace: str
    owner: str
    """Prefix of the names of the pods, before two hyphens. No name of a team contains two hyphens in a row."""


def worker_trust(pods: WorkerPods, *, organization_id: pulumi.Input[str], worker_role: str) -> list[Statement]:
    """Allows the role of worker pods to assume the role, only from a pod of the owner and for a named person.

    EKS Pod Identity sets cluster, namespace and name of the pod as session tags, which no request can set or change
    (EKS User Guide, "Grant Pods access to AWS resources based on tags"). Kubernetes cannot rename a pod.
    """
    role = arn_of("iam", "", pods.account_id, f"role{worker_role}")
    conditions: Conditions = {
        "ArnEquals": {"aws:PrincipalArn": [role]},
        "StringEquals": {
            "aws:PrincipalOrgID": organization_id,
            "aws:PrincipalTag/eks-cluster-arn": pods.cluster_arn,
            "aws:PrincipalTag/kubernetes-namespace": pods.namespace,
        },
        "StringLike": {"aws:PrincipalTag/kubernetes-pod-name": f"{pods.owner}--*"},
    }
    return _for_a_person(pods.account_id, conditions, sids=("AssumedByWorkersOfTheOwner", "TaggedByWorkers"))


def _for_a_person(account_id: pulumi.Input[str], conditions: Conditions, *, sids: tuple[str, str]) -> list[Statement]:
    """Allows principals of an account to assume the role under conditions, only with a source identity that names a
    person. Session tags have a statement of their own, because requests for them do not contain the source identity
    (Service Authorization Reference)."""
    assumed, tagged = sids
    principals = {"AWS": [account_principal(account_id)]}
    return [
        Statement(
            sid=assumed,
            principals=principals,
            actions=["sts:AssumeRole", "sts:SetSourceIdentity"],
            conditions={**conditions, "Null": {"sts:SourceIdentity": "false"}},
        ),
        Statement(sid=tagged, principals=principals, actions=["sts:TagSession"], conditions=conditions),
    ]


def github_trust(*, provider_arn: pulumi.Input[str], subjects: Sequence[str]) -> Statement:
    """Allows workflows with exactly these subjects to assume the role, with a token that was issued for AWS."""
    return Statement(
        sid="AssumedByWorkflowsOfOneRepository",
        principals={"Federated": [provider_arn]},
        actions=["sts:AssumeRoleWithWebIdentity"],
        conditions={"StringEquals": {f"{GITHUB}:aud": GITHUB_AUDIENCE, GITHUB_SUBJECT: list(subjects)}},
    )


def existing_roles_trust(*, role_arns: Sequence[str], organization_id: pulumi.Input[str]) -> Statement:
    """Allows roles of the settings, in any accounts of the organization, to assume the role."""
    accounts = sorted({arn.split(":")[4] for arn in role_arns})
    return Statement(
        sid="AssumedByRolesOfTheSettings",
        principals={"AWS": [f"arn:aws:iam::{account}:root" for account in accounts]},
        actions=["sts:AssumeRole"],
        conditions={
            "ArnEquals": {"aws:PrincipalArn": list(role_arns)},
            "StringEquals": {"aws:PrincipalOrgID": organization_id},
        },
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedInPeople:
    """People who signed in to one account with any of some permission sets of IAM Identity Center."""

    account_id: pulumi.Input[str]
    permission_sets: Sequence[str]


def people_trust(*, people: Sequence[SignedInPeople], organization_id: pulumi.Input[str]) -> Statement:
    """Allows people of other accounts of the organization to assume the role.

    Identity Center appends an id to the names of its roles.
    """
    return Statement(
        sid="AssumedByPeopleWithPermissionSets",
        principals={"AWS": [account_principal(person.account_id) for person in people]},
        actions=["sts:AssumeRole"],
        conditions={
            "ArnLike": {
                "aws:PrincipalArn": [
                    arn_of("iam", "", person.account_id, f"role/{SIGNED_IN}{name}_*")
                    for person in people
                    for name in person.permission_sets
                ]
            },
            "StringEquals": {"aws:PrincipalOrgID": organization_id},
        },
    )


def studio_trust(
    *,
    account_ids: Sequence[pulumi.Input[str]],
    organization_id: pulumi.Input[str],
    role_arns: Sequence[pulumi.Input[str]],
    profiles: Sequence[str] = (),
) -> Statement:
    """Allows roles of Studio users to assume the role, only with the source identity that names the person. SageMaker
    has set it to the profile, so it is a property of the caller. ``role_arns`` are patterns. Without ``profiles``,
    every person may."""
    named: dict[str, Sequence[str]] = {"aws:SourceIdentity": list(profiles)} if profiles else {}
    return Statement(
        sid="AssumedByPeopleInStudio",
        principals={"AWS": [account_principal(account) for account in account_ids]},
        actions=["sts:AssumeRole", "sts:SetSourceIdentity"],
        conditions={
            "ArnLike": {"aws:PrincipalArn": list(role_arns)},
            "StringEquals": {"aws:PrincipalOrgID": organization_id, **named},
            "Null": {"aws:SourceIdentity": "false"},
        },
    )


def role_trust(
    *, account_id: pulumi.Input[str], organization_id: pulumi.Input[str], role_arns: Sequence[pulumi.Input[str]]
) -> Statement:
    """Allows named roles of another account of the organization to assume the role."""
    return Statement(
        sid="AssumedByNamedRolesOfTheOrganization",
        principals={"AWS": [account_principal(account_id)]},
        actions=["sts:AssumeRole"],
        conditions={
            "ArnEquals": {"aws:PrincipalArn": list(role_arns)},
            "StringEquals": {"aws:PrincipalOrgID": organization_id},
        },
    )
