"""Rules about roles: they have a permissions boundary, and trust only known principals of this organization."""

from __future__ import annotations

import re

from policies.evaluation.policy_attachments import PLATFORM_PATH, ROLE, trust
from policies.evaluation.policy_documents import ORGANIZATION_KEYS, Condition, Statement, account_of
from policies.evaluation.readers import Unknown
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, in_statement, violation

LONG_LIVED = (
    "aws:iam/user:User",
    "aws:iam/accessKey:AccessKey",
    "aws:iam/userLoginProfile:UserLoginProfile",
    "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
    "aws:iam/signingCertificate:SigningCertificate",
    "aws:iam/sshKey:SshKey",
)
"""Identities with long-lived credentials."""

_SOURCES = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"})
_NEEDS_SOURCE_ARN = frozenset(
    {"cloudtrail.amazonaws.com", "codebuild.amazonaws.com", "ecs-tasks.amazonaws.com", "states.amazonaws.com"}
)
"""Services that assume a role for one type of resource, whose name is known before the role is created. Others act for
many types, or for resources created later (each service's guide, "Cross-service confused deputy prevention")."""
SENDS_NO_SOURCE = frozenset({"ec2.amazonaws.com", "lambda.amazonaws.com"})
"""Services that send no source account when they assume a role, but use roles of the same account only: EC2 does it for
the instance itself, and Lambda refuses functions with a role of another account (AWS Lambda Developer Guide, "Defining
Lambda function permissions with an execution role", whose trust policy has no condition; read 2026-11-22)."""
_EXACT = ("stringequals", "foranyvalue:stringequals")
_SUBJECT = re.compile(r"[^*?:]+:[^*?:]+/[^*?:]+:(ref|environment):[^*?]+|system:serviceaccount:[^*?:]+:[^*?:]+")
"""Token subject: a repository with a branch or environment, or a service account of a cluster."""
_PULL_REQUEST = re.compile(r"repo:[^*?:/]+/[^*?:/]+:pull_request")
"""Token subject of pull requests of one repository. Their authors choose what the workflow does."""
_REVIEW_ROLE = "platform-review-runner"
"""The role for workflows of pull requests, which only reads."""


def has_boundary_and_path(resource: Resource) -> Violation | None:
    boundary = resource.properties.text("permissionsBoundary")
    if not isinstance(boundary, Unknown) and f":policy{PLATFORM_PATH}" not in (boundary or ""):
        return violation(
            "does not have the platform's permissions boundary", fix="set permissionsBoundary to the environment's"
        )
    path = resource.properties.text("path")
    if isinstance(path, Unknown) or (path or "/").startswith(PLATFORM_PATH):
        return None
    return violation("is not under the platform's path", fix=f"set its path to {PLATFORM_PATH} or below")


def trusts_known_principals(resource: Resource) -> Violation | None:
    return first(
        in_statement(statement, _trusts_unknown_principals(statement, resource)) for statement in trust(resource)
    )


def _trusts_unknown_principals(statement: Statement, resource: Resource) -> Violation | None:
    if statement.is_for_everybody:
        return violation("trusts every principal", fix="name the roles that assume it")
    principals = statement.principals_of("AWS")
    if not all(map(account_of, principals)):
        return violation("trusts a principal without an account", fix="name roles by their ARN")
    if any(_is_whole_account(name) for name in principals) and not statement.is_confined_by({"aws:principalarn"}):
        return violation("trusts a whole account", fix="name the role, or add a condition on aws:PrincipalArn")
    if _foreign(statement, resource) and not statement.is_confined_by(ORGANIZATION_KEYS):
        return violation(
            "trusts an account that may leave the organization", fix="add a condition on aws:PrincipalOrgID"
        )
    return None


def _is_whole_account(principal: str) -> bool:
    return ":role/" not in principal and ":assumed-role/" not in principal


def _foreign(statement: Statement, resource: Resource) -> set[str]:
    """Returns named accounts that are neither the resource's own nor a partner's. Only AWS knows at run time whether
    such an account belongs to the organization."""
    own = resource.account_ids
    return set() if isinstance(own, Unknown) else statement.accounts - {*own, *resource.context.partner_accounts}


def services_are_confined(resource: Resource) -> Violation | None:
    """Requires a source condition for services. Without it, any customer of the service could have it act with the role
    (IAM User Guide, "The confused deputy")."""
    for statement in trust(resource):
        services = set(statement.principals_of("Service")) - SENDS_NO_SOURCE
        if services and not statement.is_confined_by(_SOURCES):
            return violation("trusts a service on behalf of any account", fix="add a condition on aws:SourceAccount")
        if services & _NEEDS_SOURCE_ARN and not statement.is_confined_by({"aws:sourcearn"}):
            return violation("trusts a service on behalf of any resource", fix="add a condition on aws:SourceArn")
    return None


def trusts_one_workload(resource: Resource) -> Violation | None:
    for statement in trust(resource):
        if not statement.covers("sts:assumerolewithwebidentity"):
            continue
        if _admits_pull_requests(statement) and resource.properties.text("name") != _REVIEW_ROLE:
            return violation(
                "trusts the workflows of pull requests", fix=f"only {_REVIEW_ROLE}, which only reads, may trust them"
            )
        if not _pins_audience_and_subject(statement):
            return violation(
                "trusts web identities of other workloads",
                fix="compare aud and sub with StringEquals, and sub down to repository and branch or environment",
            )
    return None


def _admits_pull_requests(statement: Statement) -> bool:
    subjects = (value for c in statement.conditions if c.key.endswith(":sub") for value in c.values)
    return any(_PULL_REQUEST.fullmatch(subject) for subject in subjects)


def _pins_audience_and_subject(statement: Statement) -> bool:
    audiences = [c for c in statement.conditions if c.key.endswith(":aud") and c.operator in _EXACT]
    token_subjects = [c for c in statement.conditions if c.key.endswith(":sub")]
    return any(map(_names_all, audiences)) and any(map(_pins, token_subjects))


def _names_all(condition: Condition) -> bool:
    return bool(condition.values) and not any("*" in value for value in condition.values)


def _pins(condition: Condition) -> bool:
    exact = condition.operator in (*_EXACT, "stringlike")
    named = (_SUBJECT.fullmatch(value) or _PULL_REQUEST.fullmatch(value) for value in condition.values)
    return exact and bool(condition.values) and all(named)


def is_forbidden(_subject: Resource) -> Violation | None:
    return violation("is a long-lived credential", fix="use Identity Center for people and roles for workloads")


RULES = (
    Rule(
        id="IA-04",
        title="Roles have the platform's permissions boundary and path",
        severity="high",
        sources=("AWS Prescriptive Guidance, permissions boundaries for delegation", "SCP-05"),
        remedy=f"Give the role a path under {PLATFORM_PATH} and the environment's permissions boundary.",
        checks=for_each(ROLE, has_boundary_and_path),
    ),
    Rule(
        id="IA-07",
        title="Roles trust named principals of the organization",
        severity="critical",
        sources=("CKV_AWS_60", "CKV_AWS_61", "RCP-01"),
        remedy="Name the roles that assume it, and add a condition on aws:PrincipalOrgID for other accounts.",
        checks=for_each(ROLE, trusts_known_principals),
    ),
    Rule(
        id="IA-08",
        title="Services assume roles only on behalf of this organization",
        severity="high",
        sources=("prowler iam_role_cross_service_confused_deputy_prevention", "RCP-02"),
        remedy="Add a condition on aws:SourceAccount. For CloudTrail, CodeBuild, ECS tasks and state machines, whose "
        "resource names are known before the role is created, add one on aws:SourceArn too.",
        checks=for_each(ROLE, services_are_confined),
    ),
    Rule(
        id="IA-09",
        title="Web identity trust is limited to one repository and branch",
        severity="critical",
        sources=("CKV_AWS_358", "RCP-05"),
        remedy="Compare the token's audience and subject with StringEquals, without a wildcard in the repository. Only "
        f"{_REVIEW_ROLE} may trust workflows of pull requests.",
        checks=for_each(ROLE, trusts_one_workload),
    ),
    Rule(
        id="IA-10",
        title="No long-lived credentials",
        severity="high",
        sources=("FSBP IAM.2", "CIS 7.0 2.19", "CKV_AWS_273"),
        remedy="Remove the user or key. People sign in through Identity Center, and workloads assume roles.",
        checks=for_each(LONG_LIVED, is_forbidden),
    ),
)
