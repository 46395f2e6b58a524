"""The rule about privilege escalation: nobody gains more permissions than those that their policies name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policies.evaluation.policy_attachments import (
    IDENTITY_POLICY,
    MANAGED_POLICY,
    PLATFORM_PATH,
    ROLE,
    grants,
    is_boundary,
    known_statements,
    trust,
)
from policies.evaluation.policy_documents import Statement
from policies.evaluation.readers import UNKNOWN, Unknown
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, for_each, violation
from policies.evaluation.stack import Stack, refers_to
from policies.security.inputs.escalation import ALONE, TOGETHER, WITH_A_ROLE

_POLICIES = ("aws:iam/rolePolicy:RolePolicy", *MANAGED_POLICY)
_ATTACHMENT = ("aws:iam/rolePolicyAttachment:RolePolicyAttachment",)
_OF_THE_PLATFORM = re.compile(rf"arn:aws[\w-]*:iam::\d{{12}}:role{PLATFORM_PATH}platform-\*")
"""Roles of the platform, which deploy and review."""
_START_BUILD = "codebuild:startbuild"
_PROJECT = re.compile(
    r"arn:aws[\w-]*:codebuild:[a-z0-9-]+:\d{12}:project/[a-z][a-z0-9-]*--[a-z0-9-]+"
    r"-(?:(build)|(promotion)(?:-preprod|-prod)?)"
    r"|arn:aws[\w-]*:codebuild:[a-z0-9-]+:\d{12}:project/plinth-(requests|images)"
)
_STARTER = re.compile(r"[a-z][a-z0-9-]*--[a-z0-9-]+-(start|promoter)|platform-((?:runner|images)-start)")
"""Roles of a use case that start its projects, and those that start the runner of requests and the builds of the
platform's image."""
_STARTS = {
    "start": ("build", "events.amazonaws.com"),
    "promoter": ("promotion", "codepipeline.amazonaws.com"),
    "runner-start": ("requests", "events.amazonaws.com"),
    "images-start": ("images", "events.amazonaws.com"),
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


def cannot_escalate(resource: Resource) -> Violation | None:
    if starter := _starter(resource.properties.text("name")):
        _, service = _STARTS[starter]
        if not all(_is_for(service, statement) for statement in trust(resource)):
            return violation("can start builds for others than its service", fix=f"trust only {service}")
    judged = _judged(resource)
    if any(_covers_any(statement, ALONE) and not _is_delegated(statement) for statement in judged):
        return violation(
            "can escalate its own permissions",
            fix="leave identities to the platform, or require iam:PermissionsBoundary",
        )
    return _combination(judged)


def policies_of_a_role_cannot_escalate_together(stack: Stack) -> Iterator[CheckResult]:
    """Checks all policies of each role as one, and with its boundary."""
    policies = stack.of(_POLICIES)
    for role in stack.of(ROLE):
        own = [role, *(policy for policy in policies if _is_of(policy, role, stack))]
        if len(own) == 1 or any(_combination(_judged(policy)) for policy in own):
            continue
        together = [statement for policy in own for statement in _judged(policy)]
        if not _makes_roles_within_boundaries(together, _boundary_of(role, policies)):
            yield role, _combination(together)


def _boundary_of(role: Resource, policies: Sequence[Resource]) -> Resource | None:
    return next(
        (policy for policy in policies if is_boundary(policy) and refers_to(role, "permissionsBoundary", policy)), None
    )


def _makes_roles_within_boundaries(statements: Sequence[Statement], boundary: Resource | None) -> bool:
    """Whether a role may give other roles any permission up to a boundary. What it gains by passing them, it can give
    them anyway, if its own boundary keeps the roles of the platform itself from it."""
    makes = any(statement.covers("iam:putrolepolicy") and _is_delegated(statement) for statement in statements)
    kept = known_statements(boundary.properties, IDENTITY_POLICY[boundary.type]) if boundary else []
    return makes and any(
        not known_statement.allows
        and known_statement.covers("iam:passrole")
        and any(_OF_THE_PLATFORM.fullmatch(arn) for arn in known_statement.resources)
        for known_statement in kept
    )


def _is_of(policy: Resource, role: Resource, stack: Stack) -> bool:
    """Whether a policy is one of a role, or is attached to it in the stack."""
    if policy.type not in MANAGED_POLICY:
        return refers_to(policy, "role", role)
    attached = stack.referring(_ATTACHMENT, "policyArn", policy)
    listed = refers_to(role, "managedPolicyArns", policy)
    return listed or any(refers_to(attachment, "role", role) for attachment in attached)


def _judged(resource: Resource) -> list[Statement]:
    """Returns the statements of a resource's policies that no exemption is about. A boundary grants nothing."""
    if is_boundary(resource):
        return []
    exempt = (_starts_own_builds, _starts_own_image_builds, _changes_functions_of_its_releases, _assigns_teams)
    others = [grant for grant in grants(resource) if not _starts_training(grant)]
    return [grant for grant in others if not any(check(grant, resource) for check in exempt)]


def _combination(statements: Sequence[Statement]) -> Violation | None:
    """Returns what is wrong if actions of several statements allow escalation together."""
    passes = any(statement.covers("iam:passrole") and not _passes_few_roles(statement) for statement in statements)
    if passes and any(_covers_any(statement, WITH_A_ROLE) for statement in statements):
        return violation(
            "can run code with a stronger role", fix="allow passing only roles of one environment, named by prefix"
        )
    for way in TOGETHER:
        if all(any(statement.covers(action) for statement in statements) for action in way):
            return violation(
                "can run code with the role of something that exists",
                fix=f"leave out one of {', '.join(sorted(way))}",
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
    return {(condition.operator, condition.key, condition.values) for condition in statement.conditions}


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
    """Returns what a role that starts projects is for: a key of ``_STARTS``; None for any other role."""
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


RULES = (
    Rule(
        id="IA-06",
        title="No permission allows privilege escalation",
        severity="critical",
        sources=("prowler privilege_escalation", "pathfinding.cloud", "CKV2_AWS_40"),
        remedy="Leave changes to identities, sign-in and other principals' code to the platform, and pass few roles. "
        "All policies of a role count together.",
        checks=for_each((*IDENTITY_POLICY, *ROLE), cannot_escalate),
        stack_checks=(StackCheck((*ROLE, *_POLICIES, *_ATTACHMENT), policies_of_a_role_cannot_escalate_together),),
    ),
)
