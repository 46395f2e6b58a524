"""Assignments of permission sets to groups in accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """One group, one permission set, one account."""

    group_id: pulumi.Input[str]
    permission_set_arn: pulumi.Input[str]
    account_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountAssignmentsArgs:
    """Arguments of :class:`AccountAssignments`."""

    instance_arn: pulumi.Input[str]
    """ARN of the Identity Center instance."""

    assignments: Mapping[str, Assignment]
    """Assignments by a stable name suffix. They name groups only, so that people are managed in the directory alone."""


class AccountAssignments(pulumi.ComponentResource):
    """Assignments of permission sets to groups, account by account.

    Identity Center creates a role in the account for each assignment, and keeps it unchanged by its service-linked
    role.

    Creates: one assignment per entry.

    Outputs: ``assigned``.

    Cost: none.

    Example::

        AccountAssignments("people", AccountAssignmentsArgs(
            instance_arn=instance_arn,
            assignments={"Auditor-audit": Assignment(
                group_id=groups["auditor"], permission_set_arn=sets["Auditor"], account_id="111111111111",
            )},
        ))
    """

    assigned: list[str]
    """Name suffixes of the assignments, in order."""

    def __init__(self, name: str, args: AccountAssignmentsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:identity:AccountAssignments", name, None, opts)
        for suffix, assignment in args.assignments.items():
            aws.ssoadmin.AccountAssignment(
                f"{name}-{suffix}",
                instance_arn=args.instance_arn,
                permission_set_arn=assignment.permission_set_arn,
                principal_type="GROUP",
                principal_id=assignment.group_id,
                target_type="AWS_ACCOUNT",
                target_id=assignment.account_id,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.assigned = sorted(args.assignments)
        self.register_outputs({"assigned": self.assigned})
