"""A role with a permissions boundary. The foundation creates roles of this kind only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.identity.iam.statements import Statement, policy_document
from components.ranges import require_within

ROLE_PATH = "/plinth/"
"""Path of all roles and policies of the foundation. Guardrails prevent others from changing anything under it
(SCP-05)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BoundedRoleArgs:
    """Arguments of :class:`BoundedRole`."""

    role_name: str
    """Name of the role in the account, up to 64 characters (an IAM limit)."""

    description: str
    """Description for the console: who assumes the role and why."""

    trust: Statement | Sequence[Statement]
    """Statements of the trust policy, from :mod:`components.identity.iam.principals`."""

    permissions: Sequence[Statement]
    """Permissions within the boundary, in an inline policy that is created and deleted with the role."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    session_hours: int = 1
    """Maximum session duration, 1 to 12 hours (an IAM limit). One hour for workloads, at most four for people
    (IA-14)."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags in addition to the stack's, for policies that distinguish principals by tags."""

    def __post_init__(self) -> None:
        require_within("session_hours", self.session_hours, (1, 12))


class BoundedRole:
    """A role under the foundation's path, with its permissions boundary and one inline policy.

    Not a component resource, because a stack has many roles and each would increase the size of its state. ``opts``
    apply to the role and its policy, so their parent is that of the role.

    Raises: ValueError when the session duration is outside IAM's limits.

    Example::

        role = BoundedRole("flow-logs-role", BoundedRoleArgs(
            role_name="plinth-flow-logs", description="VPC flow logs write to their log group",
            trust=service_trust("vpc-flow-logs", account_id=account_id),
            permissions=[write_events], boundary_arn=boundary.arn,
        ), pulumi.ResourceOptions(parent=self))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for trust policies and services; known once the role has its permissions."""
    role_name: pulumi.Output[str]
    """Name of the role in the account."""

    def __init__(self, name: str, args: BoundedRoleArgs, opts: pulumi.ResourceOptions) -> None:
        trust = [args.trust] if isinstance(args.trust, Statement) else args.trust
        role = aws.iam.Role(
            name,
            name=args.role_name,
            path=ROLE_PATH,
            description=args.description,
            assume_role_policy=policy_document(*trust),
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
        # Services that get the role before its policy exists would fail for lack of permissions.

        self.arn = pulumi.Output.all(role.arn, policy.id).apply(lambda known: str(known[0]))
        self.role_name = role.name
