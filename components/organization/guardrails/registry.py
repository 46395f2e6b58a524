"""Guardrails on the model registry: who approves models, and that entries are kept."""

from __future__ import annotations

from components.identity.iam.statements import Statement
from components.organization.guardrails.denial import deny
from components.organization.guardrails.exceptions import (
    APPROVERS,
    FOUNDATION,
    INTEGRATION,
    NOT_BY_FOUNDATION,
    not_by,
)
from components.organization.guardrails.sagemaker_keys import actions_with
from settings.data.ml_layout import FEATURE

REGISTRY_CHANGES = (
    "sagemaker:DeleteModelPackage", "sagemaker:DeleteModelPackageGroup", "sagemaker:DeleteModelPackageGroupPolicy",
    "sagemaker:PutModelPackageGroupPolicy",
)  # fmt: skip

OF_FEATURE_BRANCHES = tuple(
    f"arn:aws:sagemaker:*:*:{kind}/*--*-{FEATURE}*" for kind in ("model-package", "model-package-group")
)
"""Groups and versions of feature branches, which continuous integration creates and removes."""


def only_approvers_approve() -> list[Statement]:
    """Builds SCP-10: only approvers may approve a model or move it to another stage; IT and deployers may not.

    The registry stays, except for groups of feature branches, which continuous integration removes.
    """
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
        deny("SCP10KeepTheRegistry", REGISTRY_CHANGES, not_by(*FOUNDATION, INTEGRATION)),
        Statement(
            sid="SCP10KeepPermanentGroups",
            effect="Deny",
            actions=REGISTRY_CHANGES,
            not_resources=OF_FEATURE_BRANCHES,
            conditions=NOT_BY_FOUNDATION,
        ),
    ]
