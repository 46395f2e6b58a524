"""Rules about identity policies: least privilege, and no privilege escalation."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
from policies.evaluation.readers import UNKNOWN, Unknown
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation
from policies.security.inputs.escalation import ALONE, WITH_A_ROLE

POLICY = (*IDENTITY_POLICY, *ROLE)
_START_BUILD = "codebuild:startbuild"
_PROJECT = re.compile(
    r"arn:aws[\w-]*:codebuild:[a-z0-9-]+:\d{12}:project/[a-z][a-z0-9-]*--[a-z0-9-]+"
    r"-(?:(build)|(promotion)(?:-preprod|-prod)?)"
    r"|arn:aws[\w-]*:codebuild:[a-z0-9-]+:\d{12}:project/plinth-(requests)"
)
_STARTER = re.compile(r"[a-z][a-z0-9-]*--[a-z0-9-]+-(start|promoter)|platform-(runner-start)")
"""Roles of a use case that start its projects, and the role that starts the runner of requests."""
_STARTS = {
    "start": ("build", "events.amazonaws.com"),
    "promoter": ("promotion", "codepipeline.amazonaws.com"),
    "runner-start": ("requests", "events.amazonaws.com"),
}
"""Projects that each of these roles starts, without their environment, and the only service that can assume the
role."""
_IMAGES = re.compile(r"arn:aws[\w-]*:codebuild:[a-z0-9-]+:\d{12}:project/(?P<owner>[a-z][a-z0-9-]*--[a-z0-9-]+)-images")
_FIXED = frozenset(
    f"codebuild:{part}"
    for part in (
        "environment.image", "environment.privilegedmode", "secondarysources", "servicerole", "source.buildspec",
        "source.location",
    )
)  # fmt: skip
"""Condition keys of what a start of a privileged project could replace: its commands, what they read, the image in
which they run, and the role (CodeBuild User Guide, "AWS CodeBuild condition keys")."""
_VARIABLES = "codebuild:environment.environmentvariables.name"
_SETTABLE = ("TAG",)
"""Variables that a start of image builds sets. Others, such as BASH_ENV, could make its shell run something else."""
_BUILDS = re.compile(
    r"arn:aws[\w-]*:codebuild:[a-z0-9-]+:(\*|\d{12}):project/(\*|[a-z][a-z0-9-]*)--(\*|[a-z0-9-]+)-build"
)
_VALUE = "codebuild:environment.environmentvariables/{}.value"
_SETTABLE_BY_PEOPLE = ("BRANCH", "REASON", "REPEATED_BUILD", "TASK")
"""Variables that a person sets who starts training. The commands of builds read them as data."""
_TASKS_OF_PEOPLE = ("repeat", "train")
_CHANGE_CODE = "lambda:updatefunctioncode"
_FUNCTIONS = re.compile(
    r"arn:aws[\w-]*:lambda:[a-z0-9-]+:\d{12}:function:(?P<owner>[a-z][a-z0-9-]*--[a-z0-9-]+-(preprod|prod))\*"
)
_PROVISIONER = "platform-provisioner"
"""Role in the management account with which the runner of requests creates teams. Its trust policy names one role."""
_ASSIGN = "sso:createaccountassignment"
_OTHER_ESCALATION = tuple(action for action in ALONE if action != _CHANGE_CODE)
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


def cannot_escalate(resource: Resource) -> Violation | None:
    if is_boundary(resource):
        return None
    exempt = (_starts_own_builds, _starts_own_image_builds, _changes_functions_of_its_releases, _assigns_teams)
    others = [one for one in grants(resource) if not _starts_training(one)]
    allowed = [one for one in others if not any(check(one, resource) for check in exempt)]
    if starter := _starter(resource.properties.text("name")):
        _, service = _STARTS[starter]
        if not all(_is_for(service, one) for one in trust(resource)):
            return violation("can start builds for others than its service", fix=f"trust only {service}")
    if any(_covers_any(statement, ALONE) and not _is_delegated(statement) for statement in allowed):
        return violation(
            "can escalate its own permissions",
            fix="leave identities to the platform, or require iam:PermissionsBoundary",
        )
    passes = any(statement.covers("iam:passrole") and not _passes_few_roles(statement) for statement in allowed)
    if passes and any(_covers_any(statement, WITH_A_ROLE) for statement in allowed):
        return violation(
            "can run code with a stronger role", fix="allow passing only roles of one environment, named by prefix"
        )
    return None


def _starts_own_builds(statement: Statement, resource: Resource) -> bool:
    """Whether a statement lets a role start the projects of its use case that it is for, and nothing else.
    People and other services cannot assume that role, so nobody can override the buildspec."""
    role = resource.properties.text("role")
    if set(statement.actions) != {_START_BUILD}:
        return False
    found = [match and match[match.lastindex or 0] for match in map(_PROJECT.fullmatch, statement.resources)]
    starters = _STARTS if isinstance(role, Unknown) else filter(None, [_starter(role)])
    return bool(found) and any(set(found) == {_STARTS[starter][0]} for starter in starters)


def _starts_own_image_builds(statement: Statement, resource: Resource) -> bool:
    """Whether a statement lets the integration role of a use case start its project of images as the project is."""
    role = resource.properties.text("role")
    owners = [found["owner"] for arn in statement.resources if (found := _IMAGES.fullmatch(arn))]
    own = bool(owners) and len(owners) == len(statement.resources)
    known = isinstance(role, Unknown) or all(role == f"{owner}-integration" for owner in owners)
    return own and known and _starts_as_it_is(statement, _SETTABLE)


def _starts_training(statement: Statement) -> bool:
    """Whether a statement lets people start builds of ``main`` that train, as the project is."""
    builds = bool(statement.resources) and all(map(_BUILDS.fullmatch, statement.resources))
    required = {
        ("stringequals", _VALUE.format("branch"), ("main",)),
        ("stringequals", _VALUE.format("task"), _TASKS_OF_PEOPLE),
    }
    return builds and _starts_as_it_is(statement, _SETTABLE_BY_PEOPLE) and required.issubset(_tests(statement))


def _starts_as_it_is(statement: Statement, settable: tuple[str, ...]) -> bool:
    """Whether a statement allows only starts that replace nothing of the project but these variables."""
    fixed = {("null", key, ("true",)) for key in _FIXED} | {("forallvalues:stringequals", _VARIABLES, settable)}
    return set(statement.actions) == {_START_BUILD} and fixed <= _tests(statement)


def _tests(statement: Statement) -> set[tuple[str, str, tuple[str, ...]]]:
    return {(one.operator, one.key, one.values) for one in statement.conditions}


def _changes_functions_of_its_releases(statement: Statement, resource: Resource) -> bool:
    """Whether a statement lets the release role of a use case change the code of its functions in its environment.
    They have no role but the one that the release role may pass to them anyway."""
    role = resource.properties.text("role")
    owners = [found["owner"] for arn in statement.resources if (found := _FUNCTIONS.fullmatch(arn))]
    own = bool(owners) and len(owners) == len(statement.resources)
    known = isinstance(role, Unknown) or all(role == f"{owner}-release" for owner in owners)
    return own and known and _CHANGE_CODE in statement.actions and not _covers_any(statement, _OTHER_ESCALATION)


def _assigns_teams(statement: Statement, resource: Resource) -> bool:
    """Whether a statement lets the provisioner assign groups to accounts, and nothing else that escalates. A team needs
    it, and the role changes neither permission sets nor members of groups."""
    others = tuple(action for action in ALONE if action != _ASSIGN)
    is_own = resource.context.kind == "identity" and resource.properties.text("role") in (_PROVISIONER, UNKNOWN)
    return is_own and statement.covers(_ASSIGN) and not _covers_any(statement, others)


def _starter(name: str | Unknown | None) -> str | None:
    """Returns what a role that starts projects is for: ``start``, ``promoter`` or ``runner-start``; None for any other
    role."""
    match = _STARTER.fullmatch(name) if isinstance(name, str) else None
    return match and match[match.lastindex or 0]


def _is_for(service: str, statement: Statement) -> bool:
    return statement.principals_of("Service") == [service] and not statement.principals_of("AWS")


def _covers_any(statement: Statement, actions: Sequence[str]) -> bool:
    return any(map(statement.covers, actions))


def _is_delegated(statement: Statement) -> bool:
    """Whether a statement applies only to identities with the permissions boundary. A principal that can create and
    edit only such identities cannot escalate past the boundary (AWS delegation guidance)."""
    return statement.is_confined_by({"iam:permissionsboundary"})


def _passes_few_roles(statement: Statement) -> bool:
    """Whether the roles that may be passed are those of one environment: a name prefix below the platform's path."""
    names = [arn.partition(f":role{PLATFORM_PATH}")[2].strip("*?") for arn in statement.resources]
    return bool(names) and all(names) and statement.is_confined_by({"iam:passedtoservice"})


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
        id="IA-06",
        title="No permission allows privilege escalation",
        severity="critical",
        sources=("prowler privilege_escalation", "CKV2_AWS_40"),
        remedy="Leave changes to identities, sign-in and other principals' code to the platform, and pass few roles.",
        checks=for_each(POLICY, cannot_escalate),
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
