"""Whether the people who approved a request are still in the platform team, according to IAM Identity Center."""

from __future__ import annotations

from collections.abc import Iterable

from selfservice.engine.people_directory import PeopleDirectory
from selfservice.projects.project import Project
from selfservice.projects.states import account_of_organization, outputs_of
from selfservice.requests.run_changes import UncheckedApproversError

_IDENTITY, _PLATFORM_TEAM = "identity", "it-platform"
"""The stack with the groups, and the persona that decides on requests."""


def departed(project: Project, users: Iterable[str]) -> list[str]:
    """Returns those of the users who are not in the group of the platform team, in their order.

    Nobody has departed where people sign in without IAM Identity Center, because there is no directory to ask.

    Raises: UncheckedApproversError if AWS does not answer the question.
    """
    outputs = outputs_of(project, _IDENTITY)
    directory, group = outputs.get("identity_store_id"), outputs.get("groups", {}).get(_PLATFORM_TEAM)
    organization = account_of_organization(project)
    if not directory or not group or organization is None:
        return []
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = PeopleDirectory(directory, organization.client("identitystore"))
        return [user for user in users if not _is_member(found, group, user)]
    except (BotoCoreError, ClientError) as error:
        raise UncheckedApproversError(
            f"waits, because its approvers may no longer be in the platform team: {error}; use credentials "
            "of the management account that allow identitystore:GetUserId and identitystore:IsMemberInGroups"
        ) from error


def _is_member(directory: PeopleDirectory, group: str, user: str) -> bool:
    id_ = directory.user_id(user)
    if id_ is None:
        return False
    answer = directory.client.is_member_in_groups(
        IdentityStoreId=directory.identity_store_id, MemberId={"UserId": id_}, GroupIds=[group]
    )
    return bool(answer["Results"][0]["MembershipExists"])
