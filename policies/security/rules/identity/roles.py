"""Rules about roles: bounded, and assumed by principals that are known, for this organization alone."""

from __future__ import annotations

import re

from policies.security.inputs.policy_attachments import ROLE, trust
from policies.security.inputs.policy_documents import ORGANIZATION_KEYS, Condition, Statement, account_of
from policies.security.inputs.readers import Unknown
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, first, for_each, refuse

STRAY = (
    "aws:iam/user:User",
    "aws:iam/accessKey:AccessKey",
    "aws:iam/userLoginProfile:UserLoginProfile",
    "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
    "aws:iam/signingCertificate:SigningCertificate",
    "aws:iam/sshKey:SshKey",
)
"""Identities and credentials that live for years."""

PLATFORM_PATH = "/plinth/"
"""Guardrails of the organization protect what lies under this path from everybody but the platform's own role."""

_SOURCES = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"})
_WITH_ARN = frozenset(
    {"cloudtrail.amazonaws.com", "codebuild.amazonaws.com", "ecs-tasks.amazonaws.com", "states.amazonaws.com"}
)
"""Services that act for one sort of resource, which has its name before the role is there. Others act for many sorts,
or for what somebody makes later (each service's guide, "Cross-service confused deputy prevention")."""
_WITHOUT_SOURCE = frozenset({"ec2.amazonaws.com"})
"""Services that assume a role without saying for whom (EC2 does it for the instance itself)."""
_EXACT = ("stringequals", "foranyvalue:stringequals")
_SUBJECT = re.compile(r"[^*?:]+:[^*?:]+/[^*?:]+:(ref|environment):[^*?]+|system:serviceaccount:[^*?:]+:[^*?:]+")
"""A repository with a branch or environment, or a service account of a cluster."""


def is_bounded(subject: Subject) -> Verdict:
    boundary = subject.properties.text("permissionsBoundary")
    if not isinstance(boundary, Unknown) and f":policy{PLATFORM_PATH}" not in (boundary or ""):
        return refuse("is not held by the platform's boundary", fix="set permissionsBoundary to the environment's")
    path = subject.properties.text("path")
    if isinstance(path, Unknown) or (path or "/").startswith(PLATFORM_PATH):
        return None
    return refuse("lies outside the platform's path", fix=f"set its path to {PLATFORM_PATH} or below")


def trusts_principals_we_know(subject: Subject) -> Verdict:
    return first(_trusts_strangers(statement, subject) for statement in trust(subject))


def _trusts_strangers(statement: Statement, subject: Subject) -> Verdict:
    if statement.is_for_everybody:
        return refuse("can be assumed by everybody", fix="name the roles that assume it")
    principals = statement.principals_of("AWS")
    if not all(map(account_of, principals)):
        return refuse("trusts a principal that is no account's", fix="name roles by their ARN")
    if any(_is_whole_account(name) for name in principals) and not statement.is_confined_by({"aws:principalarn"}):
        return refuse("trusts a whole account", fix="name the role, or add a condition on aws:PrincipalArn")
    if _foreign(statement, subject) and not statement.is_confined_by(ORGANIZATION_KEYS):
        return refuse("trusts an account that may leave the organization", fix="add a condition on aws:PrincipalOrgID")
    return None


def _is_whole_account(principal: str) -> bool:
    return ":role/" not in principal and ":assumed-role/" not in principal


def _foreign(statement: Statement, subject: Subject) -> set[str]:
    """Accounts that are neither the own one nor a declared partner's; AWS itself tells who is of the organization."""
    own = subject.account_ids
    return set() if isinstance(own, Unknown) else statement.accounts - {*own, *subject.surroundings.partner_accounts}


def serves_this_organization(subject: Subject) -> Verdict:
    """Else any customer of the service could have it act with our role (IAM User Guide, "The confused deputy")."""
    for statement in trust(subject):
        services = set(statement.principals_of("Service")) - _WITHOUT_SOURCE
        if services and not statement.is_confined_by(_SOURCES):
            return refuse("lets a service act for anybody", fix="add a condition on aws:SourceAccount")
        if services & _WITH_ARN and not statement.is_confined_by({"aws:sourcearn"}):
            return refuse("lets a service act for all that the account has", fix="add a condition on aws:SourceArn")
    return None


def trusts_one_workload(subject: Subject) -> Verdict:
    for statement in trust(subject):
        if statement.covers("sts:assumerolewithwebidentity") and not _pins_audience_and_subject(statement):
            return refuse(
                "trusts workloads of others",
                fix="test aud and sub for equality, sub down to repository and branch or environment",
            )
    return None


def _pins_audience_and_subject(statement: Statement) -> bool:
    audiences = [c for c in statement.conditions if c.key.endswith(":aud") and c.operator in _EXACT]
    subjects = [c for c in statement.conditions if c.key.endswith(":sub")]
    return any(map(_names_all, audiences)) and any(map(_pins, subjects))


def _names_all(condition: Condition) -> bool:
    return bool(condition.values) and not any("*" in value for value in condition.values)


def _pins(condition: Condition) -> bool:
    exact = condition.operator in (*_EXACT, "stringlike")
    return exact and bool(condition.values) and all(_SUBJECT.fullmatch(value) for value in condition.values)


def is_not_made(_subject: Subject) -> Verdict:
    return refuse("is a credential that lives for years", fix="sign people in by Identity Center, workloads by roles")


RULES = (
    Rule(
        id="IA-04",
        title="Roles have the platform's permissions boundary and path",
        severity="high",
        sources=("AWS Prescriptive Guidance, permissions boundaries for delegation", "SCP-05"),
        remedy=f"Give the role a path under {PLATFORM_PATH} and the environment's permissions boundary.",
        judges=for_each(ROLE, is_bounded),
    ),
    Rule(
        id="IA-07",
        title="Roles trust principals by name, inside the organization",
        severity="critical",
        sources=("CKV_AWS_60", "CKV_AWS_61", "RCP-01"),
        remedy="Name the roles that assume it; bind other accounts by aws:PrincipalOrgID.",
        judges=for_each(ROLE, trusts_principals_we_know),
    ),
    Rule(
        id="IA-08",
        title="Services assume roles for this organization alone",
        severity="high",
        sources=("prowler iam_role_cross_service_confused_deputy_prevention", "RCP-02"),
        remedy="Add a condition on aws:SourceAccount, and on aws:SourceArn for CloudTrail, CodeBuild, tasks of ECS and "
        "state machines, whose resources have their names before the role is there.",
        judges=for_each(ROLE, serves_this_organization),
    ),
    Rule(
        id="IA-09",
        title="Web identities are pinned to one repository and branch",
        severity="critical",
        sources=("CKV_AWS_358", "RCP-05"),
        remedy="Test the token's audience and subject for equality; leave no wildcard in the repository.",
        judges=for_each(ROLE, trusts_one_workload),
    ),
    Rule(
        id="IA-10",
        title="Nothing signs in with a credential that lives for years",
        severity="high",
        sources=("FSBP IAM.2", "CIS 7.0 2.19", "CKV_AWS_273"),
        remedy="Remove the user or key; people sign in through Identity Center, workloads assume roles.",
        judges=for_each(STRAY, is_not_made),
    ),
)
