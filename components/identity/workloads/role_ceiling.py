"""A permissions boundary for roles that are not workloads, such as deployers and people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.former_components import without_component
from components.identity.iam.statements import Statement, policy_document
from components.identity.workloads.bounded_role import ROLE_PATH


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleCeilingArgs:
    """Arguments of :class:`RoleCeiling`."""

    policy_name: str
    """Name of the policy in the account, under the foundation's path. It ends in ``-boundary``."""

    description: str
    """Description for the console."""

    statements: Sequence[Statement]
    """Statements of the boundary, up to 6,144 characters (an IAM limit)."""


class RoleCeiling:
    """A permissions boundary, which limits the permissions of roles and grants none.

    Not a component resource, because a stack has few resources to spare.

    Creates: one managed policy under the foundation's path.

    Outputs: ``arn``.

    Cost: none.

    Example::

        ceiling = RoleCeiling("ceiling", RoleCeilingArgs(
            policy_name="people-tooling-boundary", description="Ceiling of people", statements=[never_widen],
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the policy, for the roles that it limits."""

    def __init__(self, name: str, args: RoleCeilingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        policy = aws.iam.Policy(
            name,
            name=args.policy_name,
            path=ROLE_PATH,
            description=args.description,
            policy=policy_document(*args.statements),
            opts=without_component(name, "plinth:identity:RoleCeiling", opts),
        )
        self.arn = policy.arn
