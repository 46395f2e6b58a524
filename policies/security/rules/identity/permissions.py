"""Rules about what identity policies allow: the least that a task takes, and no way to more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from policies.security.inputs.escalation import ALONE, WITH_A_ROLE
from policies.security.inputs.policy_attachments import (
    IDENTITY_POLICY,
    RESOURCE_POLICY,
    ROLE,
    admissions,
    grants,
    is_ceiling,
    trust,
)
from policies.security.inputs.policy_documents import Statement
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, first, for_each, refuse
from policies.security.rules.identity.roles import PLATFORM_PATH

POLICY = (*IDENTITY_POLICY, *ROLE)
ATTACHMENT = {
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "policyArn",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "policyArn",
    "aws:iam/policyAttachment:PolicyAttachment": "policyArn",
    "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment": "managedPolicyArn",
    "aws:iam/role:Role": "managedPolicyArns",
}
"""Where policies are attached by their ARN."""
FROM_AWS = frozenset(
    {"AmazonSSMManagedInstanceCore", "SecurityAudit", "job-function/ViewOnlyAccess", "service-role/AWS_ConfigRole"}
)
"""Policies of AWS that give little enough to be attached as they are. Others are written out."""

_READING = (
    "batchget", "check", "describe", "detect", "estimate", "filter", "generate", "get", "head", "list", "lookup",
    "preview", "query", "read", "search", "select", "simulate", "startquery", "stopquery", "test", "validate", "view",
)  # fmt: skip
"""How the names of actions begin that change nothing."""
_SENSITIVE_READING = ("dynamodb:getitem", "s3:getobject", "secretsmanager:getsecretvalue", "ssm:getparameter")
_ASSUMING = ("sts:assumerole", "sts:assumerolewithwebidentity")
_WITHOUT_RESOURCES = (
    "cloudwatch:putmetricdata", "config:*deliverychannel", "ec2:disableebsencryptionbydefault",
    "ec2:disablesnapshotblockpublicaccess", "ec2:enable*blockpublicaccess", "ec2:enableebsencryptionbydefault",
    "ec2:modifyinstancemetadatadefaults", "ec2:modifyvpcblockpublicaccessoptions", "ec2messages:*",
    "guardduty:createdetector", "guardduty:updateorganizationconfiguration", "iam:*accountpasswordpolicy",
    "inspector2:enable", "inspector2:updateorganizationconfiguration", "kms:createkey", "lakeformation:*",
    "logs:*logdelivery", "macie2:enablemacie", "macie2:updatemaciesession",
    "macie2:updateorganizationconfiguration", "ram:createresourceshare", "route53profiles:associate*",
    "route53profiles:createprofile", "route53profiles:deleteprofile", "route53profiles:disassociate*",
    "route53profiles:updateprofileresourceassociation", "s3:putaccountpublicaccessblock",
    "securityhub:createconfigurationpolicy", "securityhub:createfindingaggregator", "sns:setsubscriptionattributes",
    "sns:unsubscribe", "ssmmessages:*", "xray:put*",
)  # fmt: skip
"""Actions that accept no narrower resource (Service Authorization Reference)."""


def grants_less_than_everything(subject: Subject) -> Verdict:
    for statement in grants(subject):
        if "*" in statement.actions and statement.is_about_everything:
            return refuse("allows everything on everything", fix="list the actions and resources that the task takes")
    return None


def grants_what_a_task_takes(subject: Subject) -> Verdict:
    return None if is_ceiling(subject) else first(map(_too_wide, grants(subject)))


def _too_wide(statement: Statement) -> Verdict:
    if any(re.fullmatch(r"[\w-]+:\*", action) and not _has_no_resources(action) for action in statement.actions):
        return refuse("allows all that a service can do", fix="list the actions that the task takes")
    if not statement.is_about_everything or statement.is_confined_by_resource_tag:
        return None
    if any(map(_accepts_a_resource_and_matters, statement.actions)):
        return refuse(
            "writes, or reads secrets, wherever it can", fix="name the resources, or confine it by their tags"
        )
    return None


def _accepts_a_resource_and_matters(action: str) -> bool:
    """Of an action or a pattern of actions."""
    if any(fnmatchcase(known, action) for known in (*_SENSITIVE_READING, *_ASSUMING)):
        return True
    return not _has_no_resources(action) and not reads(action)


def reads(action: str) -> bool:
    """Whether an action, or a pattern of actions, changes nothing."""
    return action.partition(":")[2].startswith(_READING)


def _has_no_resources(action: str) -> bool:
    return any(fnmatchcase(action, pattern) for pattern in _WITHOUT_RESOURCES)


def attaches_what_we_know(subject: Subject) -> Verdict:
    attached = subject.properties.items(ATTACHMENT[subject.type])
    arns = [arn for arn in attached if isinstance(arn, str)] if isinstance(attached, list) else []
    if all(map(_is_known, arns)):
        return None
    return refuse("carries a policy of AWS that gives too much", fix="write the actions out that the task takes")


def _is_known(policy: str) -> bool:
    account, _, name = policy.partition(":policy/")
    return not account.endswith(":aws") or name in FROM_AWS


def passes_known_roles(subject: Subject) -> Verdict:
    passing = [statement for statement in grants(subject) if statement.covers("iam:passrole")]
    if not all(_names_roles_of_the_platform(statement) for statement in passing):
        return refuse("passes on roles of anybody", fix=f"name roles below role{PLATFORM_PATH}")
    if not all(statement.is_confined_by({"iam:passedtoservice"}) for statement in passing):
        return refuse("passes roles on to any service", fix="add a condition on iam:PassedToService")
    return None


def _names_roles_of_the_platform(statement: Statement) -> bool:
    named = [
        re.match(rf"arn:aws[\w-]*:iam::[^:/]*:role({PLATFORM_PATH}|/aws-service-role/)", arn)
        for arn in statement.resources
    ]
    return bool(named) and all(named)


def leads_to_nothing_more(subject: Subject) -> Verdict:
    if is_ceiling(subject):
        return None
    allowed = grants(subject)
    if any(_covers_any(statement, ALONE) and not _is_delegated(statement) for statement in allowed):
        return refuse(
            "can give itself more", fix="leave identities to the platform, or require iam:PermissionsBoundary"
        )
    lends = any(statement.covers("iam:passrole") and not _passes_few_roles(statement) for statement in allowed)
    if lends and any(_covers_any(statement, WITH_A_ROLE) for statement in allowed):
        return refuse("can run something with a stronger role", fix="pass on roles of one environment, named by prefix")
    return None


def _covers_any(statement: Statement, actions: Sequence[str]) -> bool:
    return any(map(statement.covers, actions))


def _is_delegated(statement: Statement) -> bool:
    """Whoever makes and edits only what has the boundary cannot get past it (AWS delegation guidance)."""
    return statement.is_confined_by({"iam:permissionsboundary"})


def _passes_few_roles(statement: Statement) -> bool:
    """Names below the platform's path say more than ``*``: those of one environment, whose jobs run as its roles."""
    names = [arn.partition(f":role{PLATFORM_PATH}")[2].strip("*?") for arn in statement.resources]
    return bool(names) and all(names) and statement.is_confined_by({"iam:passedtoservice"})


def says_what_it_allows(subject: Subject) -> Verdict:
    allowed = [*grants(subject), *trust(subject)] if subject.type in POLICY else admissions(subject)
    if not any(statement.excludes for statement in allowed):
        return None
    return refuse(
        "allows all but what it lists", fix="list what is allowed: AWS adds actions and principals every week"
    )


RULES = (
    Rule(
        id="IA-01",
        title="Nobody may do everything",
        severity="critical",
        sources=("FSBP IAM.1", "CIS 5.0 1.15", "CKV_AWS_62", "CKV_AWS_63"),
        remedy="List the actions and resources that the task takes.",
        judges=for_each(POLICY, grants_less_than_everything),
    ),
    Rule(
        id="IA-02",
        title="Permissions name actions and resources",
        severity="high",
        sources=("FSBP IAM.21", "CKV_AWS_111", "CKV_AWS_290", "CKV_AWS_355", "cdk-nag IAM5"),
        remedy="Name actions in place of service:*, and the resources of whatever writes, assumes or reads secrets.",
        judges=for_each(POLICY, grants_what_a_task_takes),
        exceptions={"experimentation": "advisory"},
    ),
    Rule(
        id="IA-03",
        title="Policies of AWS are attached from a short list",
        severity="high",
        sources=("CKV_AWS_274", "CKV2_AWS_56", "CKV2_AWS_68", "cdk-nag IAM4"),
        remedy="Write out the actions that the task takes; AWS widens its own policies without asking.",
        judges=for_each(tuple(ATTACHMENT), attaches_what_we_know),
    ),
    Rule(
        id="IA-05",
        title="Roles are passed on by name, to a named service",
        severity="critical",
        sources=("CKV_AWS_110", "CKV_AWS_286", "prowler PassRole paths"),
        remedy=f"Name roles below {PLATFORM_PATH} and the service in iam:PassedToService.",
        judges=for_each(POLICY, passes_known_roles),
    ),
    Rule(
        id="IA-06",
        title="No permission leads to more permissions",
        severity="critical",
        sources=("prowler privilege_escalation", "CKV2_AWS_40"),
        remedy="Leave identities, sign-in and other principals' code to the platform; pass on few roles.",
        judges=for_each(POLICY, leads_to_nothing_more),
    ),
    Rule(
        id="IA-11",
        title="Policies say what they allow, not what they leave out",
        severity="high",
        sources=("IAM User Guide, NotAction with Allow", "CKV_AWS_70"),
        remedy="Replace NotAction, NotResource and NotPrincipal in statements that allow.",
        judges=for_each((*POLICY, *RESOURCE_POLICY), says_what_it_allows),
    ),
)
