"""The role with which a review reads an account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.arns import arn_of
from components.identity.iam.principals import role_trust
from components.identity.iam.role_names import REVIEW_RUNNER
from components.identity.reviews.reviewer_permissions import reviewer_ceiling, reviewer_statements
from components.identity.workloads.bounded_role import ROLE_PATH, BoundedRole, BoundedRoleArgs
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs
from settings.types.aws.account_access import REVIEWER
from settings.types.kinds import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformReviewerArgs:
    """Arguments of :class:`PlatformReviewer`."""

    hosts: Sequence[Kind]
    """Account kinds placed in the account, which determine the resource types."""

    account_id: pulumi.Input[str]
    """Id of the account."""

    organization_id: pulumi.Input[str]
    """Id of the organization. Roles of other organizations cannot assume the role."""

    governance_account_id: pulumi.Input[str]
    """Id of the account in which reviews run."""

    regions: Sequence[str]
    """Regions in which the account may have resources."""

    cluster: bool = False
    """Whether the tooling account has a Kubernetes cluster, whose resources the role also reads."""


class PlatformReviewer:
    """A role that reads the resources of one account for the preview of a change, and changes nothing (T-15).

    The role reads neither objects nor records nor logs, and decrypts nothing. Only reviews in the governance account
    assume it. Its boundary adds no more than descriptions and lists of the same services. Like all roles under the
    foundation's path, it can be changed by the management account only.

    Not a component resource, because a stack has few resources to spare.

    Creates: the role; its permissions boundary.

    Outputs: ``arn``.

    Cost: none.

    Example::

        PlatformReviewer("reviewer", PlatformReviewerArgs(
            hosts=["development"], account_id=account_id, organization_id="o-acme",
            governance_account_id="111111111111", regions=["eu-west-1"],
        ), opts)
    """

    arn: pulumi.Output[str]
    """ARN of the role; known once it has its permissions."""

    def __init__(self, name: str, args: PlatformReviewerArgs, opts: pulumi.ResourceOptions) -> None:
        permissions = reviewer_statements(args.hosts, args.account_id, args.regions, cluster=args.cluster)
        boundary = RoleCeiling(
            f"{name}-boundary",
            RoleCeilingArgs(
                policy_name=f"{REVIEWER}-boundary",
                description="Ceiling of reviews of this account",
                statements=reviewer_ceiling(permissions),
            ),
            opts,
        )
        role = BoundedRole(
            name,
            BoundedRoleArgs(
                role_name=REVIEWER,
                description="Reviews of pull requests read this account",
                trust=role_trust(
                    account_id=args.governance_account_id,
                    organization_id=args.organization_id,
                    role_arns=[arn_of("iam", "", args.governance_account_id, f"role{ROLE_PATH}{REVIEW_RUNNER}")],
                ),
                permissions=permissions,
                boundary_arn=boundary.arn,
            ),
            opts,
        )
        self.arn = role.arn
