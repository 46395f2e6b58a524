"""Rules about what people and pipelines may decide, and for how long they are signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.security.inputs.policy_attachments import IDENTITY_POLICY, ROLE, grants, is_ceiling, trust
from policies.security.inputs.policy_documents import NETWORK_KEYS, Condition, Statement
from policies.security.inputs.readers import Unknown
from policies.security.inputs.stack import Stack, names
from policies.security.inputs.subject import Subject
from policies.security.rule import Judgement, Relation, Rule, Verdict, first, for_each, refuse
from policies.security.rules.identity.permissions import reads
from policies.security.rules.organization.accounts import ACCOUNT, ENVIRONMENT_TAG
from settings.types.kinds import ENVIRONMENTS

POLICY = (*IDENTITY_POLICY, *ROLE)
PERMISSION_SET = ("aws:ssoadmin/permissionSet:PermissionSet",)
PERMISSION_SET_POLICY = ("aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",)

ASSIGNMENT = ("aws:ssoadmin/accountAssignment:AccountAssignment",)
GROUP = ("aws:identitystore/group:Group",)

APPROVERS = ("LeadScientist", "lead-data-scientist")
"""Those whose word lets a model into production, as their permission sets and roles are called (PER-03)."""

CLOSED_TO_SCIENTISTS = ("preproduction", "production")
"""Environments that data scientists see through the registry and the bill of others (PER-01)."""
LOOKS_ON = ("DataScientist-development",)
"""Permission sets by which one sees and changes nothing, but opens the own door to Studio."""
_SCIENTIST = re.compile(r"(?<!-lead)-data-scientist")
_SCIENTISTS_SET = "DataScientist"
_DOOR = "sagemaker:createpresigneddomainurl"

_APPROVAL = "sagemaker:modelapprovalstatus"
_STAGE = "sagemaker:modellifecycle:stage"
_REGISTERING = ("sagemaker:createmodelpackage", "sagemaker:updatemodelpackage")
_LAKE = re.compile(r"-lake-|data-lake|:accesspoint/")
_LANDING = "/results/"
_WRITING = ("s3:putobject", "s3:deleteobject", "s3:deleteobjectversion")
_SHARING = (
    "glue:putresourcepolicy", "lakeformation:batchgrantpermissions", "lakeformation:grantpermissions",
    "lakeformation:putdatalakesettings", "lakeformation:registerresource",
)  # fmt: skip
_PERSON = "plinth:identity:PersonaRoles"
_NO_SCIENTISTS = refuse("lets data scientists in", fix="leave them to experimentation, development and tooling")
_LONGEST_HOURS, _LONGEST_HOURS_OF_MACHINES = 4, 1


def leaves_approval_to_the_lead(subject: Subject) -> Verdict:
    approver = any(name in subject.name for name in APPROVERS)
    if approver or is_ceiling(subject) or not any(map(_approves, grants(subject))):
        return None
    return refuse("may approve models", fix="confine it to the status PendingManualApproval and to no stage")


def _approves(statement: Statement) -> bool:
    """By the status of a package or by its stage, which is a second way to say that a model may go to production."""
    if not any(map(statement.covers, _REGISTERING)):
        return False
    tests = [test for test in statement.conditions if test.key == _APPROVAL and test.operator == "stringequals"]
    leaves_stages = any(test.key == _STAGE and _asks_for_none(test) for test in statement.conditions)
    return not leaves_stages or not any("Approved" not in test.values for test in tests)


def _asks_for_none(test: Condition) -> bool:
    return test.operator == "null" and test.values == ("true",)


def only_reads_the_lake(subject: Subject) -> Verdict:
    if subject.surroundings.kind not in ENVIRONMENTS or is_ceiling(subject):
        return None
    return first(map(_changes_the_lake, grants(subject)))


def _changes_the_lake(statement: Statement) -> Verdict:
    if any(map(statement.covers, _SHARING)):
        return refuse("may grant the lake's data", fix="leave grants to the data engineers of the lake")
    lake = [arn for arn in statement.resources if _LAKE.search(arn) and _LANDING not in arn]
    if lake and any(map(statement.covers, _WRITING)):
        return refuse("may write to the lake", fix=f"leave reading actions, or write under {_LANDING}")
    return None


def role_ends_its_sessions(subject: Subject) -> Verdict:
    seconds = subject.properties.number("maxSessionDuration")
    machine = any(statement.principals_of("Service") or _is_web(statement) for statement in trust(subject))
    most = _LONGEST_HOURS_OF_MACHINES if machine else _LONGEST_HOURS
    if seconds is None or isinstance(seconds, Unknown) or seconds <= most * 3600:
        return None
    return refuse("lets a session last too long", fix=f"set maxSessionDuration to {most * 3600} or less")


def _is_web(statement: Statement) -> bool:
    return statement.covers("sts:assumerolewithwebidentity")


def set_ends_its_sessions(subject: Subject) -> Verdict:
    """One hour where nothing is said (IAM Identity Center User Guide)."""
    text = subject.properties.text("sessionDuration")
    if text is None or isinstance(text, Unknown) or _hours(text) <= _LONGEST_HOURS:
        return None
    return refuse("lets a session last too long", fix=f"set sessionDuration to PT{_LONGEST_HOURS}H or less")


def _hours(duration: str) -> float:
    """Of an ISO 8601 duration of hours and minutes; what cannot be read lasts for ever."""
    found = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?", duration)
    return int(found[1] or 0) + int(found[2] or 0) / 60 if found else float("inf")


def are_let_in_where_they_work(stack: Stack) -> Iterator[Judgement]:
    """By the group that an assignment names; where the directory brought that, by the set in the assignment's name."""
    for assignment in stack.of(ASSIGNMENT):
        accounts = [account for account in stack.of(ACCOUNT) if names(assignment, "targetId", account)]
        closed = [a for a in accounts if a.properties.text("tags", ENVIRONMENT_TAG) in CLOSED_TO_SCIENTISTS]
        if closed and _is_of_scientists(stack, assignment):
            yield assignment, _NO_SCIENTISTS


def _is_of_scientists(stack: Stack, assignment: Subject) -> bool:
    groups = [group for group in stack.of(GROUP) if names(assignment, "principalId", group)]
    called = {group.properties.text("displayName") for group in groups}
    return _scientists_of(assignment.urn) in called or _SCIENTISTS_SET in assignment.name.split("-")


def _scientists_of(urn: str) -> str:
    """The group's name, in the stack of the team that makes it."""
    return f"plinth-{urn.removeprefix('urn:pulumi:').partition('::')[0]}-data-scientist"


def role_is_for_who_works_here(subject: Subject) -> Verdict:
    """Without Identity Center people have roles in the environments themselves."""
    here = subject.surroundings.kind in CLOSED_TO_SCIENTISTS
    if here and _PERSON in subject.parents and _SCIENTIST.search(str(subject.properties.text("name"))):
        return _NO_SCIENTISTS
    return role_ends_its_sessions(subject)


def look_on(stack: Stack) -> Iterator[Judgement]:
    for policy in stack.of(PERMISSION_SET_POLICY):
        sets = [one for one in stack.of(PERMISSION_SET) if names(policy, "permissionSetArn", one)]
        if any(one.properties.text("name") in LOOKS_ON for one in sets) and any(map(_does_more, grants(policy))):
            yield policy, refuse("does more than look on", fix="leave actions that read; work goes through pipelines")


def _does_more(statement: Statement) -> bool:
    return not all(reads(action) or action in (_DOOR, "kms:decrypt") for action in statement.actions)


def opens_the_own_door(subject: Subject) -> Verdict:
    """A link to Studio signs in whoever has it, as the profile it was made for."""
    doors = [statement for statement in grants(subject) if statement.covers("sagemaker:createpresigneddomainurl")]
    if is_ceiling(subject) or all(_is_own(statement) for statement in doors):
        return None
    return refuse("opens Studio for anybody", fix="name the profile by a policy variable of the caller")


def opens_from_our_network(subject: Subject) -> Verdict:
    doors = [statement for statement in grants(subject) if statement.covers("sagemaker:createpresigneddomainurl")]
    if all(any(test.key in NETWORK_KEYS for test in statement.conditions) for statement in doors):
        return opens_the_own_door(subject)
    return refuse("opens Studio from anywhere", fix="add a condition on aws:SourceVpce")


def _is_own(statement: Statement) -> bool:
    return bool(statement.resources) and all(arn.endswith("}") for arn in statement.resources)


RULES = (
    Rule(
        id="IA-12",
        title="The lead alone approves models",
        severity="critical",
        sources=("condition keys sagemaker:ModelApprovalStatus, sagemaker:ModelLifeCycle:Stage", "SCP-10", "PER-03"),
        remedy="Confine sagemaker:CreateModelPackage and sagemaker:UpdateModelPackage to statuses other than Approved, "
        "and by Null to requests that name no stage of the life cycle.",
        judges=for_each(POLICY, leaves_approval_to_the_lead),
    ),
    Rule(
        id="IA-13",
        title="Environments read the lake and grant none of it",
        severity="critical",
        sources=("DL-08", "SCP-15"),
        remedy="Leave writing to the lake's own pipelines and grants to its data engineers.",
        judges=for_each(POLICY, only_reads_the_lake),
    ),
    Rule(
        id="IA-14",
        title="Sessions end, doors open for their owner, and people are where they work",
        severity="high",
        sources=("condition key sagemaker:UserProfileName", "LZA limits"),
        remedy="Sessions of people last four hours at most, of machines one; links to Studio are for the own profile; "
        "data scientists look on in development, and have nothing in pre-production and production.",
        judges=for_each(PERMISSION_SET, set_ends_its_sessions)
        | for_each(ROLE, role_is_for_who_works_here)
        | for_each(tuple(IDENTITY_POLICY), opens_the_own_door)
        | for_each(PERMISSION_SET_POLICY, opens_from_our_network),
        relations=(
            Relation((*ASSIGNMENT, *GROUP, *ACCOUNT), are_let_in_where_they_work),
            Relation((*PERMISSION_SET, *PERMISSION_SET_POLICY), look_on),
        ),
    ),
)
