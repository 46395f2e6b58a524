"""Rules about identity policies: they name what they allow, and no more than the task needs."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from policies.evaluation.policy_attachments import (
    IDENTITY_POLICY,
    PLATFORM_PATH,
    RESOURCE_POLICY,
    ROLE,
    grants,
    is_boundary,
    resource_grants,
    trust,
)
from policies.evaluation.policy_documents import Statement
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation

POLICY = (*IDENTITY_POLICY, *ROLE)
ATTACHMENT = {
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "policyArn",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "policyArn",
    "aws:iam/policyAttachment:PolicyAttachment": "policyArn",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": "policyArns",
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": "policyArns",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": "policyArns",
    "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment": "managedPolicyArn",
    "aws:ssoadmin/managedPolicyAttachmentsExclusive:ManagedPolicyAttachmentsExclusive": "managedPolicyArns",
    "aws:iam/role:Role": "managedPolicyArns",
}
"""Property that lists attached policy ARNs, by type."""
ALLOWED_MANAGED_POLICIES = frozenset(
    {"AmazonSSMManagedInstanceCore", "SecurityAudit", "job-function/ViewOnlyAccess", "service-role/AWS_ConfigRole"}
)
"""AWS managed policies that are narrow enough to attach. All other permissions are written out."""
CLUSTER_MANAGED_POLICIES = frozenset(
    {
        "AmazonEC2ContainerRegistryPullOnly", "AmazonEKSBlockStoragePolicy", "AmazonEKSClusterPolicy",
        "AmazonEKSComputePolicy", "AmazonEKSLoadBalancingPolicy", "AmazonEKSNetworkingPolicy",
        "AmazonEKSWorkerNodeMinimalPolicy",
    }
)  # fmt: skip
"""AWS managed policies that the roles of a cluster in EKS Auto Mode need, in the stack of the cluster only. AWS changes
them with the service, and the permissions boundary of the roles limits them (EKS User Guide, "Amazon EKS Auto Mode
cluster IAM role", "Amazon EKS Auto Mode node IAM role"; read 2026-11-23)."""
CLUSTER_STACK = "tooling-cluster"

_READING = (
    "batchget", "check", "describe", "detect", "estimate", "filter", "generate", "get", "list", "lookup",
    "preview", "query", "read", "search", "select", "simulate", "startquery", "stopquery", "test", "validate", "view",
)  # fmt: skip
"""Prefixes of action names that change nothing."""
_SENSITIVE_READING = (
    "codeconnections:getconnectiontoken", "codestar-connections:getconnectiontoken", "dynamodb:getitem",
    "s3:getobject", "secretsmanager:getsecretvalue", "ssm:getparameter",
)  # fmt: skip
WITHOUT_RESOURCE_LEVEL = (
    "cloudwatch:link", "cloudwatch:putmetricdata", "codeartifact:createdomain", "codeartifact:createrepository",
    "codeconnections:createconnection", "config:*deliverychannel", "ec2:disableebsencryptionbydefault",
    "ec2:disablesnapshotblockpublicaccess", "ec2:enable*blockpublicaccess", "ec2:enableebsencryptionbydefault",
    "ec2:modifyinstancemetadatadefaults", "ec2:modifyvpcblockpublicaccessoptions", "ec2messages:*",
    "emr-serverless:createapplication", "events:putpermission", "events:removepermission",
    "glue:*securityconfiguration", "glue:createcrawler", "guardduty:createdetector",
    "guardduty:updateorganizationconfiguration", "iam:*accountpasswordpolicy", "inspector2:enable",
    "inspector2:updateorganizationconfiguration", "kms:createkey", "lakeformation:*", "logs:*logdelivery",
    "logs:deleteresourcepolicy", "logs:putresourcepolicy", "macie2:enablemacie", "macie2:updatemaciesession",
    "macie2:updateorganizationconfiguration", "oam:createsink", "organizations:createaccount",
    "ram:createresourceshare",
    "route53profiles:associate*",
    "route53profiles:createprofile", "route53profiles:deleteprofile", "route53profiles:disassociate*",
    "route53profiles:updateprofileresourceassociation", "s3:putaccountpublicaccessblock", "sagemaker-mlflow:accessui",
    "securityhub:createconfigurationpolicy", "securityhub:createfindingaggregator", "sns:setsubscriptionattributes",
    "sns:unsubscribe", "ssmmessages:*", "sts:getservicebearertoken", "xray:put*",
)  # fmt: skip
"""Actions that accept no narrower resource (Service Authorization Reference)."""


def does_not_grant_everything(resource: Resource) -> Violation | None:
    for statement in grants(resource):
        if "*" in statement.actions and statement.is_about_everything:
            return violation(
                "allows every action on every resource", fix="list the actions and resources that the task needs"
            )
    return None


def names_actions_and_resources(resource: Resource) -> Violation | None:
    return None if is_boundary(resource) else first(map(_too_wide, grants(resource)))


def _too_wide(statement: Statement) -> Violation | None:
    if any(re.fullmatch(r"[\w-]+:\*", action) and not _has_no_resource_level(action) for action in statement.actions):
        return violation("allows every action of a service", fix="list the actions that the task needs")
    if not statement.is_about_everything or statement.is_confined_by_resource_tag:
        return None
    if any(map(_needs_a_resource, statement.actions)):
        return violation(
            "allows writing, or reading secrets, on every resource",
            fix="name the resources, or add a condition on their tags",
        )
    return None


def _needs_a_resource(action: str) -> bool:
    """Whether an action, or a pattern of actions, can be restricted to resources and writes or reads secrets."""
    if any(fnmatchcase(known, action) for known in _SENSITIVE_READING):
        return True
    return not _has_no_resource_level(action) and not reads(action)


def reads(action: str) -> bool:
    """Whether an action, or a pattern of actions, changes nothing."""
    return action.partition(":")[2].startswith(_READING)


def _has_no_resource_level(action: str) -> bool:
    return any(fnmatchcase(action, pattern) for pattern in WITHOUT_RESOURCE_LEVEL)


def attaches_listed_policies(resource: Resource) -> Violation | None:
    attached = resource.properties.items(ATTACHMENT[resource.type])
    arns = [arn for arn in attached if isinstance(arn, str)] if isinstance(attached, list) else []
    if all(_is_known(arn, resource.context.kind) for arn in arns):
        return None
    return violation(
        "attaches an AWS managed policy that is too broad", fix="write out the actions that the task needs"
    )


def _is_known(policy: str, kind: str) -> bool:
    account, _, name = policy.partition(":policy/")
    allowed = ALLOWED_MANAGED_POLICIES | (CLUSTER_MANAGED_POLICIES if kind == CLUSTER_STACK else frozenset())
    return not account.endswith(":aws") or name in allowed


def passes_platform_roles(resource: Resource) -> Violation | None:
    passing = [statement for statement in grants(resource) if statement.covers("iam:passrole")]
    if not all(_names_roles_of_the_platform(statement) for statement in passing):
        return violation("may pass roles of any principal", fix=f"name roles below role{PLATFORM_PATH}")
    if not all(statement.is_confined_by({"iam:passedtoservice"}) for statement in passing):
        return violation("may pass roles to any service", fix="add a condition on iam:PassedToService")
    return None


def _names_roles_of_the_platform(statement: Statement) -> bool:
    named = [
        re.match(rf"arn:aws[\w-]*:iam::[^:/]*:role({PLATFORM_PATH}|/aws-service-role/)", arn)
        for arn in statement.resources
    ]
    return bool(named) and all(named)


def lists_what_it_allows(resource: Resource) -> Violation | None:
    allowed = [*grants(resource), *trust(resource)] if resource.type in POLICY else resource_grants(resource)
    if not any(statement.excludes for statement in allowed):
        return None
    return violation(
        "allows everything except a list", fix="list what is allowed, because AWS keeps adding actions and principals"
    )


RULES = (
    Rule(
        id="IA-01",
        title="No policy allows every action on every resource",
        severity="critical",
        sources=("FSBP IAM.1", "CIS 5.0 1.15", "CKV_AWS_62", "CKV_AWS_63"),
        remedy="List the actions and resources that the task needs.",
        checks=for_each(POLICY, does_not_grant_everything),
    ),
    Rule(
        id="IA-02",
        title="Policies name actions and resources",
        severity="high",
        sources=("FSBP IAM.21", "CKV_AWS_111", "CKV_AWS_290", "CKV_AWS_355", "cdk-nag IAM5"),
        remedy="Name actions instead of service:*. Name the resources of actions that write, assume roles or read "
        "secrets.",
        checks=for_each(POLICY, names_actions_and_resources),
        exceptions={"experimentation": "advisory"},
    ),
    Rule(
        id="IA-03",
        title="Only listed AWS managed policies are attached",
        severity="high",
        sources=("CKV_AWS_274", "CKV2_AWS_56", "CKV2_AWS_68", "cdk-nag IAM4"),
        remedy="Write out the actions that the task needs, because AWS can extend its managed policies at any time.",
        checks=for_each(tuple(ATTACHMENT), attaches_listed_policies),
    ),
    Rule(
        id="IA-05",
        title="iam:PassRole names roles and a service",
        severity="critical",
        sources=("CKV_AWS_110", "CKV_AWS_286", "prowler PassRole paths"),
        remedy=f"Name roles below {PLATFORM_PATH} and the service in iam:PassedToService.",
        checks=for_each(POLICY, passes_platform_roles),
    ),
    Rule(
        id="IA-11",
        title="Allow statements list what they allow",
        severity="high",
        sources=("IAM User Guide, NotAction with Allow", "CKV_AWS_70"),
        remedy="Replace NotAction, NotResource and NotPrincipal in Allow statements.",
        checks=for_each((*POLICY, *RESOURCE_POLICY), lists_what_it_allows),
    ),
)
