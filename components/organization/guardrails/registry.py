"""The model registry: a model is approved by who may, and stays."""

from __future__ import annotations

from components.identity.iam.statements import Statement
from components.organization.guardrails.denial import deny
from components.organization.guardrails.exceptions import APPROVERS, NOT_BY_FOUNDATION, not_by
from components.organization.guardrails.sagemaker_keys import actions_with

REMOVING_AND_OPENING = (
    "sagemaker:DeleteModelPackage", "sagemaker:DeleteModelPackageGroup", "sagemaker:DeleteModelPackageGroupPolicy",
    "sagemaker:PutModelPackageGroupPolicy",
)  # fmt: skip


def only_approvers_approve() -> list[Statement]:
    """SCP-10: nobody else sets a model to approved or moves it to another stage, neither IT nor whoever deploys."""
    return [
        deny(
            "SCP10OnlyApproversApprove",
            actions_with("ModelApprovalStatus"),
            not_by(*APPROVERS),
            {"StringEquals": {"sagemaker:ModelApprovalStatus": "Approved"}},
        ),
        deny(
            "SCP10OnlyApproversMoveStages",
            actions_with("ModelLifeCycle:Stage"),
            not_by(*APPROVERS),
            {"Null": {"sagemaker:ModelLifeCycle:Stage": "false"}},
        ),
        deny("SCP10KeepTheRegistry", REMOVING_AND_OPENING, NOT_BY_FOUNDATION),
    ]
