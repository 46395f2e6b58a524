"""Permissions to read code in CodeCommit and to push it to branches that nobody has to review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.arns import arn_of
from components.identity.iam.role_names import CONTRIBUTOR
from components.identity.iam.statements import Conditions, Statement, through
from components.identity.workloads.bounded_role import ROLE_PATH

MAIN_BRANCHES = ("refs/heads/main", "refs/heads/master")
"""Branches that change only by reviewed pull requests."""

_READING = ("codecommit:BatchGet*", "codecommit:Get*", "codecommit:GitPull", "codecommit:List*")
_PUSHING = (
    "codecommit:CreateBranch",
    "codecommit:CreatePullRequest",
    "codecommit:GitPush",
    "codecommit:PostCommentForPullRequest",
    "codecommit:PostCommentReply",
    "codecommit:UpdatePullRequestDescription",
    "codecommit:UpdatePullRequestTitle",
)
READ_KEY = ("kms:Decrypt", "kms:DescribeKey")
CHANGE_KEY = (*READ_KEY, "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
"""Actions that CodeCommit takes on a customer managed key in the name of whoever reads and changes a repository
(CodeCommit User Guide, "AWS Key Management Service and encryption for AWS CodeCommit repositories")."""
CODE_ACTIONS = tuple(action for action in (*_READING, *_PUSHING) if not action.startswith("codecommit:Git"))
"""Actions of people who contribute code, for permissions boundaries that already allow git."""


def read_code(resources: Sequence[pulumi.Input[str]], conditions: Conditions | None = None) -> Statement:
    """Allows reading repositories, with their pull requests and comments."""
    return Statement(sid="ReadCode", actions=_READING, resources=resources, conditions=conditions or {})


def use_key_of_code(
    keys: Sequence[pulumi.Input[str]], region: str, *, write: bool = False, conditions: Conditions | None = None
) -> Statement:
    """Allows CodeCommit, and nothing else, to use the keys of repositories for the caller, who reads and with ``write``
    also changes code."""
    return Statement(
        sid="UseTheKeyOfCode",
        actions=CHANGE_KEY if write else READ_KEY,
        resources=keys,
        conditions={**through("codecommit", region), **(conditions or {})},
    )


def contribute_code(
    resources: Sequence[pulumi.Input[str]],
    conditions: Conditions | None = None,
    pushing: Conditions | None = None,
) -> list[Statement]:
    """Allows reading repositories, pushing branches and opening pull requests, the latter two under the additional
    conditions ``pushing``. Main branches change only by reviewed pull requests."""
    shared = conditions or {}
    return [
        read_code(resources, conditions),
        Statement(sid="PushBranches", actions=_PUSHING, resources=resources, conditions={**shared, **(pushing or {})}),
        Statement(
            # AWS CodeCommit User Guide, "Limit pushes and merges to branches": a push without a reference only queries
            # permissions, and is allowed.
            sid="MainByPullRequest",
            effect="Deny",
            actions=[
                "codecommit:DeleteBranch",
                "codecommit:GitPush",
                "codecommit:MergeBranches*",
                "codecommit:MergePullRequest*",
                "codecommit:PutFile",
            ],
            resources=resources,
            conditions={
                "StringEqualsIfExists": {"codecommit:References": MAIN_BRANCHES},
                "Null": {"codecommit:References": "false"},
            },
        ),
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeAccount:
    """The account with the code repositories of the use cases, for people of Studio."""

    account_id: pulumi.Input[str]
    organization_id: pulumi.Input[str]

    @property
    def roles(self) -> pulumi.Output[str]:
        """Beginning of the ARNs of its roles."""
        return arn_of("iam", "", self.account_id, f"role{ROLE_PATH}")


def push_code_of(team: str, code: CodeAccount) -> Statement:
    """Allows assuming the roles that push code of a team's use cases, with the source identity of the session."""
    return Statement(
        sid="PushCodeOfTheTeam",
        actions=["sts:AssumeRole", "sts:SetSourceIdentity"],
        resources=[pulumi.Output.concat(code.roles, f"{team}--*-{CONTRIBUTOR}")],
        conditions={"StringEquals": {"aws:ResourceOrgID": code.organization_id}},
    )
