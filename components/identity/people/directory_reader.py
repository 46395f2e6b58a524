"""The role with which requests look up people in the directory of IAM Identity Center."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.principals import SignedInPeople, people_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs
from settings.types.aws.account_access import DIRECTORY_READER


@dataclass(frozen=True, kw_only=True, slots=True)
class DirectoryReaderArgs:
    """Arguments of :class:`DirectoryReader`."""

    account_id: pulumi.Input[str]
    """Id of the management account, which has the directory."""

    organization_id: pulumi.Input[str]
    """Id of the organization. Roles of other organizations cannot assume the role."""

    identity_store_id: str
    """Id of the directory."""

    requesters: Sequence[SignedInPeople]
    """People who write requests, at least one entry. Each account occurs once."""

    def __post_init__(self) -> None:
        if not self.requesters:
            raise ValueError("requesters: nobody could look up people; name at least one permission set")


class DirectoryReader:
    """A role that answers whether the directory has a user name, so that requests name existing people.

    It finds one user by the exact name. It lists nobody, and reads neither attributes nor groups. Identity Store has no
    resource policies and answers in the management account only (IAM Identity Center User Guide), so people of
    other accounts need a role there.

    Not a component resource, because a stack has few resources to spare.

    Creates: the role; its permissions boundary.

    Outputs: ``arn``.

    Raises: ValueError without people who write requests.

    Cost: none.

    Example::

        DirectoryReader("directory-reader", DirectoryReaderArgs(
            account_id=account_id, organization_id="o-acme", identity_store_id="d-1234567890",
            requesters=[SignedInPeople(account_id="111111111111", permission_sets=["ITPlatform-governance"])],
        ), opts)
    """

    arn: pulumi.Output[str]
    """ARN of the role; known once it has its permissions."""

    def __init__(self, name: str, args: DirectoryReaderArgs, opts: pulumi.ResourceOptions) -> None:
        permissions = _permissions(args)
        boundary = RoleCeiling(
            f"{name}-boundary",
            RoleCeilingArgs(
                policy_name=f"{DIRECTORY_READER}-boundary",
                description="Ceiling of look-ups in the directory",
                statements=permissions,
            ),
            opts,
        )
        role = BoundedRole(
            name,
            BoundedRoleArgs(
                role_name=DIRECTORY_READER,
                description="Requests look up whether the directory has a user name",
                trust=people_trust(people=args.requesters, organization_id=args.organization_id),
                permissions=permissions,
                boundary_arn=boundary.arn,
            ),
            opts,
        )
        self.arn = role.arn


def _permissions(args: DirectoryReaderArgs) -> list[Statement]:
    directory = f":identitystore/{args.identity_store_id}"
    return [
        Statement(
            sid="LookUpUserNames",
            actions=["identitystore:GetUserId"],
            resources=[
                pulumi.Output.concat("arn:aws:identitystore::", args.account_id, directory),
                "arn:aws:identitystore:::user/*",
            ],
        ),
        Statement(sid="FindTheDirectory", actions=["sso:ListInstances"], resources=["*"]),
    ]
