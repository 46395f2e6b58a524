"""An Identity Center permission set: a persona's permissions in the accounts where it is assigned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.statements import Statement, policy_document
from components.ranges import require_within

BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"
"""Permissions boundary of people's sessions, which excludes identities and the organization whatever a permission set
allows. It is managed by AWS and therefore exists in all accounts; a customer managed policy would have to exist before
the first assignment."""

MAX_SESSION_HOURS = 4
"""Maximum session duration for people (IA-14)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PermissionSetArgs:
    """Arguments of :class:`PermissionSet`."""

    permission_set_name: str
    """Name in Identity Center, up to 32 characters (its limit). It is part of the ARN of each session."""

    description: str
    """Description for the console."""

    instance_arn: pulumi.Input[str]
    """ARN of the Identity Center instance."""

    statements: Sequence[Statement]
    """Allowed actions, within the boundary; up to 10,240 characters (an IAM limit of the resulting role)."""

    session_hours: int = MAX_SESSION_HOURS
    """Maximum session duration, 1 to 4 hours."""

    opens: str | None = None
    """URL of the console page on which a session starts."""

    def __post_init__(self) -> None:
        require_within("session_hours", self.session_hours, (1, MAX_SESSION_HOURS))


class PermissionSet(pulumi.ComponentResource):
    """A permission set with one inline policy and a boundary that excludes identities and the organization.

    Creates: the permission set; its inline policy; its permissions boundary.

    Outputs: ``arn``.

    Raises: ValueError when the session duration is out of range.

    Cost: none.

    Example::

        PermissionSet("product-owner", PermissionSetArgs(
            permission_set_name="ProductOwner", description="Pays for a team's products", instance_arn=instance_arn,
            statements=[see_the_bill],
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the permission set, for assignments; known once it has its policy and its boundary."""

    def __init__(self, name: str, args: PermissionSetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:identity:PermissionSet", name, None, opts)
        permission_set = aws.ssoadmin.PermissionSet(
            name,
            name=args.permission_set_name,
            description=args.description,
            instance_arn=args.instance_arn,
            session_duration=f"PT{args.session_hours}H",
            relay_state=args.opens,
            opts=pulumi.ResourceOptions(parent=self),
        )
        boundary = aws.ssoadmin.PermissionsBoundaryAttachment(
            f"{name}-ceiling",
            instance_arn=permission_set.instance_arn,
            permission_set_arn=permission_set.arn,
            permissions_boundary=aws.ssoadmin.PermissionsBoundaryAttachmentPermissionsBoundaryArgs(
                managed_policy_arn=BOUNDARY
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = aws.ssoadmin.PermissionSetInlinePolicy(
            f"{name}-permissions",
            instance_arn=permission_set.instance_arn,
            permission_set_arn=permission_set.arn,
            inline_policy=policy_document(*args.statements),
            # The policy must never be in effect without the boundary.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[boundary]),
        )
        self.arn = pulumi.Output.all(permission_set.arn, policy.id).apply(lambda known: str(known[0]))
        self.register_outputs({"arn": self.arn})
