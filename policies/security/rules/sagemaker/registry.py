"""Rules about the model registry: placement and expiry of model package groups, and access from other accounts."""

from __future__ import annotations

import re

from policies.evaluation.policy_attachments import resource_grants
from policies.evaluation.policy_documents import Statement, account_of
from policies.evaluation.readers import Unknown
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation
from policies.security.inputs.pipelines import role_of_pipelines
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
"""Actions that finding and deploying a model version needs (SageMaker Developer Guide, "Deploy a model version from a
different account")."""
_REGISTRAR = role_of_pipelines("development")
_STATUS, _PENDING = "sagemaker:modelapprovalstatus", "PendingManualApproval"


def is_in_the_registry(resource: Resource) -> Violation | None:
    """Requires model package groups to be in tooling, or in development if both share an account (3P-03)."""
    context = resource.context
    if context.kind == "tooling" or (context.kind == "development" and context.holds_registry):
        return None
    return violation("is outside the model registry", fix="create model package groups in tooling, and share them")


def expires_with_its_branch(resource: Resource) -> Violation | None:
    """Requires branch and expiry tags on groups of feature branches. Their names begin with the use case (OR-05) and
    then name the branch."""
    case, branch, day = (resource.properties.text("tags", tag) for tag in (USE_CASE_TAG, BRANCH_TAG, EXPIRY_TAG))
    own = str(resource.properties.text("modelPackageGroupName")).partition("--")[2]
    if not own.startswith(f"{case}-{FEATURE}"):
        return None
    if not branch:
        return violation("does not name its branch", fix=f"tag it with {BRANCH_TAG}")
    if not isinstance(day, Unknown) and not _DAY.fullmatch(day or ""):
        return violation("has no expiry date", fix=f"tag it with {EXPIRY_TAG} and a day, such as 2026-01-31")
    return None


def group_is_placed_and_tagged(resource: Resource) -> Violation | None:
    return is_in_the_registry(resource) or expires_with_its_branch(resource)


def limits_other_accounts(resource: Resource) -> Violation | None:
    """Checks every statement, because the own account needs no resource policy for its roles."""
    return first(_allows_too_much(statement) for statement in resource_grants(resource))


def _allows_too_much(statement: Statement) -> Violation | None:
    if not all(map(account_of, statement.principals)) or statement.has_other_principals:
        return violation("does not name accounts", fix="name accounts of the organization, or roles in them")
    if statement.has_wildcard_resource or statement.excludes:
        return violation("covers more than its group", fix="name the group, and model-package/<group>/*")
    if not {*_READING, _REGISTERING}.issuperset(statement.actions):
        return violation(
            "allows other accounts more than reading and registering",
            fix="leave approving and deleting to roles of the registry's account",
        )
    if _REGISTERING not in statement.actions:
        return None
    if not all(
        map(_REGISTRAR.fullmatch, _condition_values(statement, "aws:principalarn", "arnequals") or statement.principals)
    ):
        return violation(
            "allows registering by more than development pipelines", fix="name the pipeline role of a use case"
        )
    if _condition_values(statement, _STATUS, "stringequals") != [_PENDING]:
        return violation("allows approval when registering", fix=f"add a condition on the status {_PENDING}")
    return None


def _condition_values(statement: Statement, key: str, operator: str) -> list[str]:
    """Returns the values of conditions with a key and an operator."""
    return [
        value for test in statement.conditions if test.key == key and test.operator == operator for value in test.values
    ]


RULES = (
    Rule(
        id="SM-23",
        title="Model package groups are in the registry, and groups of branches expire",
        severity="medium",
        sources=("TOOL-02", "BR-04", "BR-05"),
        remedy=f"Create groups in tooling, or in development if the two share an account. Tag the group of a feature "
        f"branch with {BRANCH_TAG} and {EXPIRY_TAG}.",
        checks=for_each(GROUP, group_is_placed_and_tagged),
    ),
    Rule(
        id="SM-24",
        title="Other accounts may only read models, and only development pipelines register them",
        severity="critical",
        sources=("TOOL-02", "CIS 7.0 2.21", "SageMaker API, PutModelPackageGroupPolicy"),
        remedy="Name accounts or roles, and actions without wildcards: describing and listing model packages, and "
        "creating models from them. Allow sagemaker:CreateModelPackage only to the pipeline role of a use case in "
        "development, with the status PendingManualApproval. ST-06 requires a condition on aws:PrincipalOrgID.",
        checks=for_each(GROUP_POLICY, limits_other_accounts),
    ),
)
