"""A permission set: what a persona may do in the accounts that it is assigned in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.statements import Statement, policy_document

CEILING = "arn:aws:iam::aws:policy/PowerUserAccess"
"""Boundary of every person's session: whatever a permission set may come to say, it touches neither identities nor the
organization. A policy of AWS's is in every account; one of ours would have to be there before the first assignment."""

LONGEST_SESSION_HOURS = 4
"""Of people (IA-14)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PermissionSetArgs:
    """Arguments of :class:`PermissionSet`."""

    permission_set_name: str
    """Name in Identity Center, up to 32 characters (its limit); part of the ARN of every session."""

    description: str
    """Whom it is for, for the console."""

    instance_arn: pulumi.Input[str]
    """Instance of Identity Center."""

    statements: Sequence[Statement]
    """What it allows, inside the ceiling; up to 10,240 characters (an IAM limit of the role that it becomes)."""

    session_hours: int = LONGEST_SESSION_HOURS
    """Longest session, 1 to 4 hours."""

    opens: str | None = None
    """Address of the console page that a session starts on."""

    def __post_init__(self) -> None:
        if not 1 <= self.session_hours <= LONGEST_SESSION_HOURS:
            raise ValueError(f"session_hours: {self.session_hours} is out of range (1 to {LONGEST_SESSION_HOURS})")


class PermissionSet(pulumi.ComponentResource):
    """A permission set with one policy of its own, under a ceiling that keeps identities and the organization out.

    Creates: the permission set; its inline policy; its permissions boundary.

    Args: see :class:`PermissionSetArgs`.

    Outputs: ``arn``.

    Raises: ValueError when the session is longer than people may have.

    Cost: none.

    Example::

        PermissionSet("product-owner", PermissionSetArgs(
            permission_set_name="ProductOwner", description="Pays for a team's products", instance_arn=instance_arn,
            statements=[see_the_bill],
        ))
    """

    arn: pulumi.Output[str]
    """For assignments; known only once the set has its policy and its ceiling."""

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
        ceiling = aws.ssoadmin.PermissionsBoundaryAttachment(
            f"{name}-ceiling",
            instance_arn=permission_set.instance_arn,
            permission_set_arn=permission_set.arn,
            permissions_boundary=aws.ssoadmin.PermissionsBoundaryAttachmentPermissionsBoundaryArgs(
                managed_policy_arn=CEILING
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = aws.ssoadmin.PermissionSetInlinePolicy(
            f"{name}-permissions",
            instance_arn=permission_set.instance_arn,
            permission_set_arn=permission_set.arn,
            inline_policy=policy_document(*args.statements),
            # Never without its ceiling, not even for a moment.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[ceiling]),
        )
        self.arn = pulumi.Output.all(permission_set.arn, policy.id).apply(lambda known: str(known[0]))
        self.register_outputs({"arn": self.arn})
