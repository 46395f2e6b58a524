"""Whether the policies of a role or user let it take over an account."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from selfservice.undeclared.policy_access import listed

TAKE_OVER = (
    "iam:AddUserToGroup", "iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:CreateAccessKey",
    "iam:CreateLoginProfile", "iam:CreatePolicyVersion", "iam:PutRolePolicy", "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy", "iam:UpdateLoginProfile",
    "kms:CreateGrant", "kms:PutKeyPolicy", "lakeformation:GrantPermissions", "lakeformation:PutDataLakeSettings",
    "organizations:DetachPolicy", "s3:PutBucketPolicy", "sso:CreateAccountAssignment",
)  # fmt: skip
"""Actions with which a principal gives more to itself or to others (AWS, "IAM JSON policy: permissions management")."""
ON_EVERYTHING = ("iam:PassRole", "sts:AssumeRole")
"""Actions that do the same if they are allowed on all roles."""


def takes_over(documents: Iterable[str | Mapping[str, Any]]) -> bool:
    """Returns whether one of these policies allows actions with which a principal extends access.

    Conditions, boundaries and guardrails are not considered, which may forbid it all the same.
    """
    return any(
        _takes_over(statement)
        for document in documents
        for statement in listed((json.loads(document) if isinstance(document, str) else document).get("Statement"))
    )


def _takes_over(statement: Mapping[str, Any]) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    if "NotAction" in statement:
        return True
    patterns = [str(pattern).lower() for pattern in listed(statement.get("Action"))]
    everywhere = "*" in listed(statement.get("Resource")) or "NotResource" in statement
    wanted = (*TAKE_OVER, *(ON_EVERYTHING if everywhere else ()))
    return any(fnmatchcase(action.lower(), pattern) for action in wanted for pattern in patterns)
