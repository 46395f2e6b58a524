"""Rules about people and pipelines: model approval, access to the lake, session duration and Studio sign-in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.evaluation.policy_attachments import IDENTITY_POLICY, PLATFORM_PATH, ROLE, grants, is_boundary, trust
from policies.evaluation.policy_documents import NETWORK_KEYS, Condition, Statement
from policies.evaluation.readers import Unknown
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, first, for_each, violation
from policies.evaluation.stack import Stack, refers_to
from policies.security.rules.identity.permissions import reads
from policies.security.rules.organization.accounts import ACCOUNT, ENVIRONMENT_TAG
from settings.types.kinds import ENVIRONMENTS

POLICY = (*IDENTITY_POLICY, *ROLE)
ROLE_POLICY = ("aws:iam/rolePolicy:RolePolicy",)
PERMISSION_SET = ("aws:ssoadmin/permissionSet:PermissionSet",)
PERMISSION_SET_POLICY = ("aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",)

ASSIGNMENT = ("aws:ssoadmin/accountAssignment:AccountAssignment",)
GROUP = ("aws:identitystore/group:Group",)

APPROVING_SET = "LeadScientist-tooling"
"""Permission set whose holders may approve models for production (PER-03)."""
_APPROVING_ROLE = re.compile(r"people-.+-lead-data-scientist")
"""Name of the role of lead data scientists if the organization does not use Identity Center."""
APPROVERS = ("LeadScientist", "lead-data-scientist")
"""Parts of the names of the policies of approvers. The stack shows whether an approver holds such a policy."""

CLOSED_TO_SCIENTISTS = ("preproduction", "production")
"""Environments that data scientists have no access to (PER-01)."""
READ_ONLY_SETS = ("DataScientist-development",)
"""Read-only permission sets. Their one exception is opening the caller's own Studio profile."""
_ROLE_OF_SCIENTISTS = re.compile(r"people-.+(?<!-lead)-data-scientist")
"""Name of the role that data scientists have in an account if the organization does not use Identity Center."""
_SCIENTISTS_SET = "DataScientist"
_OPEN_STUDIO = "sagemaker:createpresigneddomainurl"

_APPROVAL = "sagemaker:modelapprovalstatus"
_STAGE = "sagemaker:modellifecycle:stage"
_REGISTERING = ("sagemaker:createmodelpackage", "sagemaker:updatemodelpackage")
_LAKE = re.compile(r"-lake-|data-lake|:accesspoint/")
_RESULTS = "/results/"
_WRITING = ("s3:putobject", "s3:deleteobject", "s3:deleteobjectversion")
_SHARING = (
    "glue:putresourcepolicy", "lakeformation:batchgrantpermissions", "lakeformation:grantpermissions",
    "lakeformation:putdatalakesettings", "lakeformation:registerresource",
)  # fmt: skip
_SCIENTISTS_ADMITTED = violation(
    "gives data scientists access", fix="assign them only to experimentation, development and tooling"
)
_LONGEST_HOURS, _LONGEST_HOURS_FOR_MACHINES = 4, 1


_MAY_APPROVE = violation(
    "may approve models", fix="allow only the status PendingManualApproval, and no life cycle stage"
)


def does_not_approve_models(resource: Resource) -> Violation | None:
    has_holder = resource.type in (*PERMISSION_SET_POLICY, *ROLE_POLICY)
    if has_holder and any(name in resource.name for name in APPROVERS):
        return None  # only_approvers_hold_approval looks at the holder
    if is_boundary(resource) or _is_approving_role(resource):
        return None
    return _MAY_APPROVE if any(map(_approves, grants(resource))) else None


def only_approvers_hold_approval(stack: Stack) -> Iterator[CheckResult]:
    """Checks policies that belong to a permission set or role, which alone shows whether an approver holds them.

    The guardrails on the registry know approvers by the same names, which nobody but the foundation can give (SCP-05).
    """
    for policy in stack.of((*PERMISSION_SET_POLICY, *ROLE_POLICY)):
        if any(map(_approves, grants(policy))) and not _is_held_by_approvers(stack, policy):
            yield policy, _MAY_APPROVE


def _is_held_by_approvers(stack: Stack, policy: Resource) -> bool:
    sets = [set_ for set_ in stack.of(PERMISSION_SET) if refers_to(policy, "permissionSetArn", set_)]
    roles = [role for role in stack.of(ROLE) if refers_to(policy, "role", role)]
    approving = [set_.properties.text("name") == APPROVING_SET for set_ in sets] + [*map(_is_approving_role, roles)]
    return approving == [True]


def _is_approving_role(resource: Resource) -> bool:
    """Whether this is the role of lead data scientists, which people assume and no service. A preview gives a value
    that only the update knows the benefit of the doubt."""
    name, path = resource.properties.text("name"), resource.properties.text("path")
    named = isinstance(name, Unknown) or _APPROVING_ROLE.fullmatch(str(name))
    in_path = isinstance(path, Unknown) or path == PLATFORM_PATH
    return bool(named) and in_path and _admits_people_only(resource)


def _admits_people_only(role: Resource) -> bool:
    if isinstance(role.properties.value("assumeRolePolicy"), Unknown):
        return True
    trusted = trust(role)
    return bool(trusted) and not any(statement.principals_of("Service") or _is_web(statement) for statement in trusted)


def _approves(statement: Statement) -> bool:
    """Whether a statement allows approval, by a model package's status or by its life cycle stage."""
    if not any(map(statement.covers, _REGISTERING)):
        return False
    tests = [test for test in statement.conditions if test.key == _APPROVAL]
    leaves_status = any(_is_null(test) or _is_not_approved(test) for test in tests)
    leaves_stages = any(test.key == _STAGE and _is_null(test) for test in statement.conditions)
    return not (leaves_status and leaves_stages)


def _is_not_approved(test: Condition) -> bool:
    return test.operator == "stringequals" and "Approved" not in test.values


def _is_null(test: Condition) -> bool:
    return test.operator == "null" and test.values == ("true",)


def only_reads_the_lake(resource: Resource) -> Violation | None:
    if resource.context.kind not in ENVIRONMENTS or is_boundary(resource):
        return None
    return first(map(_changes_the_lake, grants(resource)))


def _changes_the_lake(statement: Statement) -> Violation | None:
    if any(map(statement.covers, _SHARING)):
        return violation("may grant access to the lake", fix="leave grants to the lake's data engineers")
    lake = [arn for arn in statement.resources if _LAKE.search(arn) and _RESULTS not in arn]
    if lake and any(map(statement.covers, _WRITING)):
        return violation("may write to the lake", fix=f"allow only read actions, or write under {_RESULTS}")
    return None


def role_limits_sessions(resource: Resource) -> Violation | None:
    seconds = resource.properties.number("maxSessionDuration")
    machine = any(statement.principals_of("Service") or _is_web(statement) for statement in trust(resource))
    most = _LONGEST_HOURS_FOR_MACHINES if machine else _LONGEST_HOURS
    if seconds is None or isinstance(seconds, Unknown) or seconds <= most * 3600:
        return None
    return violation("allows sessions that are too long", fix=f"set maxSessionDuration to {most * 3600} or less")


def _is_web(statement: Statement) -> bool:
    return statement.covers("sts:assumerolewithwebidentity")


def permission_set_limits_sessions(resource: Resource) -> Violation | None:
    """Limits the session duration. The default is one hour (IAM Identity Center User Guide)."""
    text = resource.properties.text("sessionDuration")
    if text is None or isinstance(text, Unknown) or _hours(text) <= _LONGEST_HOURS:
        return None
    return violation("allows sessions that are too long", fix=f"set sessionDuration to PT{_LONGEST_HOURS}H or less")


def _hours(duration: str) -> float:
    """Returns the hours of an ISO 8601 duration of hours and minutes, or infinity if it cannot be parsed."""
    found = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?", duration)
    return int(found[1] or 0) + int(found[2] or 0) / 60 if found else float("inf")


def scientists_are_not_assigned_to_closed_accounts(stack: Stack) -> Iterator[CheckResult]:
    """Checks that data scientists are assigned to no closed account. The group of an assignment identifies them, or the
    permission set in the assignment's name if an external directory manages the group."""
    for assignment in stack.of(ASSIGNMENT):
        accounts = [account for account in stack.of(ACCOUNT) if refers_to(assignment, "targetId", account)]
        closed = [a for a in accounts if a.properties.text("tags", ENVIRONMENT_TAG) in CLOSED_TO_SCIENTISTS]
        if closed and _is_of_scientists(stack, assignment):
            yield assignment, _SCIENTISTS_ADMITTED


def _is_of_scientists(stack: Stack, assignment: Resource) -> bool:
    groups = [group for group in stack.of(GROUP) if refers_to(assignment, "principalId", group)]
    group_names = {group.properties.text("displayName") for group in groups}
    return _scientists_group(assignment.urn) in group_names or _SCIENTISTS_SET in assignment.name.split("-")


def _scientists_group(urn: str) -> str:
    """Returns the name of the team's group of data scientists. The team's stack creates it."""
    return f"plinth-{urn.removeprefix('urn:pulumi:').partition('::')[0]}-data-scientist"


def role_admits_people_who_work_here(resource: Resource) -> Violation | None:
    """Checks the roles that people have in the environments if the organization does not use Identity Center."""
    here = resource.context.kind in CLOSED_TO_SCIENTISTS
    if here and _ROLE_OF_SCIENTISTS.fullmatch(str(resource.properties.text("name"))):
        return _SCIENTISTS_ADMITTED
    return role_limits_sessions(resource)


def read_only_sets_only_read(stack: Stack) -> Iterator[CheckResult]:
    for policy in stack.of(PERMISSION_SET_POLICY):
        sets = [set_ for set_ in stack.of(PERMISSION_SET) if refers_to(policy, "permissionSetArn", set_)]
        if any(set_.properties.text("name") in READ_ONLY_SETS for set_ in sets) and any(
            map(_does_more, grants(policy))
        ):
            yield policy, violation("is not read-only", fix="allow only read actions; changes go through pipelines")


def _does_more(statement: Statement) -> bool:
    return not all(reads(action) or action in (_OPEN_STUDIO, "kms:decrypt") for action in statement.actions)


def opens_only_the_own_profile(resource: Resource) -> Violation | None:
    """Limits presigned Studio URLs to the caller's own profile. A URL signs in anybody who has it, as that profile."""
    opening = [statement for statement in grants(resource) if statement.covers("sagemaker:createpresigneddomainurl")]
    if is_boundary(resource) or all(_is_own(statement) for statement in opening):
        return None
    return violation(
        "may sign in to any Studio profile",
        fix="name the profile by a policy variable of the caller, or compare its tag with the caller's",
    )


def opens_studio_from_known_networks(resource: Resource) -> Violation | None:
    opening = [statement for statement in grants(resource) if statement.covers("sagemaker:createpresigneddomainurl")]
    if all(any(test.key in NETWORK_KEYS for test in statement.conditions) for statement in opening):
        return opens_only_the_own_profile(resource)
    return violation("may open Studio from any network", fix="add a condition on aws:SourceVpce")


def _is_own(statement: Statement) -> bool:
    """Whether a statement is about the caller's own profile, which a policy variable names or a tag has in common with
    the caller."""
    named = bool(statement.resources) and all(arn.endswith("}") for arn in statement.resources)
    return named or any(map(_is_tagged_like_the_caller, statement.conditions))


def _is_tagged_like_the_caller(test: Condition) -> bool:
    tag = test.key.removeprefix("aws:resourcetag/")
    callers = f"${{aws:principaltag/{tag}}}"
    return test.operator == "stringequals" and tag != test.key and [value.lower() for value in test.values] == [callers]


RULES = (
    Rule(
        id="IA-12",
        title="Only approvers approve models",
        severity="critical",
        sources=("condition keys sagemaker:ModelApprovalStatus, sagemaker:ModelLifeCycle:Stage", "SCP-10", "PER-03"),
        remedy="Allow sagemaker:CreateModelPackage and sagemaker:UpdateModelPackage only for statuses other than "
        "Approved, and, with a Null condition, only for requests that set no life cycle stage.",
        checks=for_each(POLICY, does_not_approve_models),
        stack_checks=(
            StackCheck((*PERMISSION_SET, *PERMISSION_SET_POLICY, *ROLE, *ROLE_POLICY), only_approvers_hold_approval),
        ),
    ),
    Rule(
        id="IA-13",
        title="Environments read the lake, and neither write to it nor grant it",
        severity="critical",
        sources=("DL-08", "SCP-15"),
        remedy="Leave writing to the lake's own pipelines, and grants to its data engineers.",
        checks=for_each(POLICY, only_reads_the_lake),
    ),
    Rule(
        id="IA-14",
        title="Sessions are short, Studio URLs are personal, and people have access only where they work",
        severity="high",
        sources=("condition key sagemaker:UserProfileName", "LZA limits"),
        remedy="Limit sessions to four hours for people and one hour for machines. Limit presigned Studio URLs to the "
        "caller's own profile. Give data scientists read-only access in development, and none in pre-production and "
        "production.",
        checks=for_each(PERMISSION_SET, permission_set_limits_sessions)
        | for_each(ROLE, role_admits_people_who_work_here)
        | for_each(tuple(IDENTITY_POLICY), opens_only_the_own_profile)
        | for_each(PERMISSION_SET_POLICY, opens_studio_from_known_networks),
        stack_checks=(
            StackCheck((*ASSIGNMENT, *GROUP, *ACCOUNT), scientists_are_not_assigned_to_closed_accounts),
            StackCheck((*PERMISSION_SET, *PERMISSION_SET_POLICY), read_only_sets_only_read),
        ),
    ),
)
