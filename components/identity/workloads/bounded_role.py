"""A role that can never do more than its account's boundary: the only way the foundation makes one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.identity.iam.statements import Statement, policy_document

ROLE_PATH = "/plinth/"
"""Path of every role and policy of the foundation; guardrails keep others from editing what lies under it (SCP-05)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BoundedRoleArgs:
    """Arguments of :class:`BoundedRole`."""

    role_name: str
    """Name in the account, up to 64 characters (an IAM limit)."""

    description: str
    """Who assumes it and for what, for the console."""

    trust: Statement
    """Who may assume it, from :mod:`components.identity.iam.principals`."""

    permissions: Sequence[Statement]
    """What it may do, inside the boundary; kept in the role, so that it lives and dies with it."""

    boundary_arn: pulumi.Input[str]
    """Permissions boundary of the account."""

    session_hours: int = 1
    """Longest session, 1 to 12 hours (an IAM limit). One hour for machines, four at most for people (IA-14)."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Beside those of the stack, for policies that tell principals by their tags."""

    def __post_init__(self) -> None:
        if not 1 <= self.session_hours <= 12:
            raise ValueError(f"session_hours: {self.session_hours} is out of range (1 to 12)")


class BoundedRole:
    """A role under the foundation's path, with its permissions boundary and one policy of its own.

    Not a component: a stack has many roles, and each would count once more against the size of its state. ``opts`` are
    those of the role and of its policy, so their parent is whatever the role is part of.

    Raises: ValueError when the session is outside IAM's limits.

    Example::

        role = BoundedRole("flow-logs-role", BoundedRoleArgs(
            role_name="plinth-flow-logs", description="VPC flow logs write to their log group",
            trust=service_trust("vpc-flow-logs", account_id=account_id),
            permissions=[write_events], boundary_arn=boundary.arn,
        ), pulumi.ResourceOptions(parent=self))
    """

    arn: pulumi.Output[str]
    """For trust policies and for services that assume the role; known only once the role may do its work."""
    role_name: pulumi.Output[str]
    """Name in the account."""

    def __init__(self, name: str, args: BoundedRoleArgs, opts: pulumi.ResourceOptions) -> None:
        role = aws.iam.Role(
            name,
            name=args.role_name,
            path=ROLE_PATH,
            description=args.description,
            assume_role_policy=policy_document(args.trust),
            permissions_boundary=args.boundary_arn,
            max_session_duration=args.session_hours * 3600,
            tags=args.tags or None,
            opts=opts,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-permissions",
            name="permissions",
            role=role.name,
            policy=policy_document(*args.permissions),
            opts=opts,
        )
        # A service that is given the role at once would find it without permissions, and fail.
        self.arn = pulumi.Output.all(role.arn, policy.id).apply(lambda known: str(known[0]))
        self.role_name = role.name
