"""The people of the platform team in the directory of IAM Identity Center, whose approvals of requests count."""

from __future__ import annotations

from tests.support.workbench import Workbench


def join_platform_team(bench: Workbench, *names: str) -> None:
    """Adds people to the group of the platform team, and to the directory if it does not have them."""
    outputs, client = bench.outputs("identity"), bench.client("identitystore")
    directory, group = {"IdentityStoreId": outputs["identity_store_id"]}, outputs["groups"]["it-platform"]
    known = {user["UserName"]: user["UserId"] for user in client.list_users(**directory)["Users"]}
    for name in names:
        person = {"UserName": name, "DisplayName": name, "Name": {"GivenName": name, "FamilyName": name}}
        user = known.get(name) or client.create_user(**directory, **person)["UserId"]
        client.create_group_membership(**directory, GroupId=group, MemberId={"UserId": user})


def leave_platform_team(bench: Workbench, name: str) -> None:
    """Removes a person from the group. The person stays in the directory."""
    outputs, client = bench.outputs("identity"), bench.client("identitystore")
    directory, group = {"IdentityStoreId": outputs["identity_store_id"]}, outputs["groups"]["it-platform"]
    (user,) = [one["UserId"] for one in client.list_users(**directory)["Users"] if one["UserName"] == name]
    memberships = client.list_group_memberships(**directory, GroupId=group)["GroupMemberships"]
    (membership,) = [one["MembershipId"] for one in memberships if one["MemberId"]["UserId"] == user]
    client.delete_group_membership(**directory, MembershipId=membership)
