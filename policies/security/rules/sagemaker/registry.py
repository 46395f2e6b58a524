"""Rules about the registry of models: groups are where the registry is, branches' end, and others read them."""

from __future__ import annotations

import re

from policies.security.inputs.pipelines import role_of_pipelines
from policies.security.inputs.policy_attachments import admissions
from policies.security.inputs.policy_documents import Statement, account_of
from policies.security.inputs.readers import Unknown
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, first, for_each, refuse
from settings.data.ml_layout import FEATURE
from settings.derived.tags import BRANCH_TAG, EXPIRY_TAG
from settings.team.use_case import USE_CASE_TAG

GROUP = ("aws:sagemaker/modelPackageGroup:ModelPackageGroup",)
GROUP_POLICY = ("aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_REGISTERING = "sagemaker:createmodelpackage"
_READING = frozenset(
    {
        "sagemaker:createmodel",
        "sagemaker:describemodelpackage",
        "sagemaker:describemodelpackagegroup",
        "sagemaker:listmodelpackages",
    }
)
"""What it takes to find a version of a model and to serve it (SageMaker Developer Guide, "Deploy a model version from a
different account")."""
_REGISTRAR = role_of_pipelines("development")
_STATUS, _PENDING = "sagemaker:modelapprovalstatus", "PendingManualApproval"


def is_where_the_registry_is(subject: Subject) -> Verdict:
    """In tooling; in development too where that is tooling's account (3P-03)."""
    around = subject.surroundings
    if around.kind == "tooling" or (around.kind == "development" and around.holds_registry):
        return None
    return refuse("is a registry beside the registry", fix="make groups in tooling, and share them from there")


def ends_with_its_branch(subject: Subject) -> Verdict:
    """By its name, which begins with its use case's (OR-05), and then is the branch's."""
    case, branch, day = (subject.properties.text("tags", tag) for tag in (USE_CASE_TAG, BRANCH_TAG, EXPIRY_TAG))
    own = str(subject.properties.text("modelPackageGroupName")).partition("--")[2]
    if not own.startswith(f"{case}-{FEATURE}"):
        return None
    if not branch:
        return refuse("does not say which branch it is of", fix=f"tag it with {BRANCH_TAG}")
    if not isinstance(day, Unknown) and not _DAY.fullmatch(day or ""):
        return refuse("does not say when it may go", fix=f"tag it with {EXPIRY_TAG}, a day as 2026-01-31")
    return None


def group_is_in_its_place(subject: Subject) -> Verdict:
    return is_where_the_registry_is(subject) or ends_with_its_branch(subject)


def lets_others_read_and_development_register(subject: Subject) -> Verdict:
    """Whoever is named: the own account needs no policy for what its roles may do."""
    return first(_gives_too_much(statement) for statement in admissions(subject))


def _gives_too_much(statement: Statement) -> Verdict:
    if not all(map(account_of, statement.principals)) or statement.has_other_principals:
        return refuse("admits others than named accounts", fix="name accounts of the organization or roles in them")
    if statement.has_wildcard_resource or statement.excludes:
        return refuse("is about more than its group", fix="name the group, and model-package/<group>/*")
    if not {*_READING, _REGISTERING}.issuperset(statement.actions):
        return refuse(
            "lets others do more than read and register", fix="leave approving and deleting to roles of the registry"
        )
    if _REGISTERING not in statement.actions:
        return None
    if not all(map(_REGISTRAR.fullmatch, _named(statement, "aws:principalarn", "arnequals") or statement.principals)):
        return refuse("lets others than pipelines of development register", fix="name the pipeline role of a use case")
    if _named(statement, _STATUS, "stringequals") != [_PENDING]:
        return refuse("lets who registers approve", fix=f"add a condition on the status {_PENDING}")
    return None


def _named(statement: Statement, key: str, operator: str) -> list[str]:
    """What conditions of a sort ask for."""
    return [
        value for test in statement.conditions if test.key == key and test.operator == operator for value in test.values
    ]


RULES = (
    Rule(
        id="SM-23",
        title="Groups of model packages are in the registry, and those of branches end",
        severity="medium",
        sources=("TOOL-02", "BR-04", "BR-05"),
        remedy=f"Make groups in tooling, or in development where the two share an account. Tag the group of a feature "
        f"branch with {BRANCH_TAG} and {EXPIRY_TAG}.",
        judges=for_each(GROUP, group_is_in_its_place),
    ),
    Rule(
        id="SM-24",
        title="Other accounts read models, development's pipelines register them, and nobody decides from afar",
        severity="critical",
        sources=("TOOL-02", "CIS 7.0 2.21", "SageMaker API, PutModelPackageGroupPolicy"),
        remedy="Name accounts or roles, and actions without wildcards: to describe and list packages, to make models "
        "of them. sagemaker:CreateModelPackage is for the pipeline role of a use case in development, with the status "
        "PendingManualApproval. That the accounts are the organization's ST-06 asks for, by aws:PrincipalOrgID.",
        judges=for_each(GROUP_POLICY, lets_others_read_and_development_register),
    ),
)
