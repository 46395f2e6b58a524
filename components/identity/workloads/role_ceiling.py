"""A permissions boundary for roles that do other than work on data and models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.statements import Statement, policy_document
from components.identity.workloads.bounded_role import ROLE_PATH


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleCeilingArgs:
    """Arguments of :class:`RoleCeiling`."""

    policy_name: str
    """Name in the account, under the foundation's path; ends in ``-boundary``."""

    description: str
    """Whose ceiling it is, for the console."""

    statements: Sequence[Statement]
    """The most that they may do, and what they may never; up to 6,144 characters (an IAM limit)."""


class RoleCeiling(pulumi.ComponentResource):
    """What some roles can never go beyond: it grants nothing, whatever it leaves open.

    Creates: one managed policy under the foundation's path.

    Args: see :class:`RoleCeilingArgs`.

    Outputs: ``arn``.

    Raises: nothing of its own.

    Cost: none.

    Example::

        ceiling = RoleCeiling("ceiling", RoleCeilingArgs(
            policy_name="people-tooling-boundary", description="Ceiling of people", statements=[never_widen],
        ))
    """

    arn: pulumi.Output[str]
    """For the roles under it."""

    def __init__(self, name: str, args: RoleCeilingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:identity:RoleCeiling", name, None, opts)
        policy = aws.iam.Policy(
            name,
            name=args.policy_name,
            path=ROLE_PATH,
            description=args.description,
            policy=policy_document(*args.statements),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = policy.arn
        self.register_outputs({"arn": self.arn})
