"""People in the directory of IAM Identity Center, and the platform team, whose approvals of requests count."""

from __future__ import annotations

from tests.support.workbench import Workbench


def add_people(bench: Workbench, *names: str) -> dict[str, str]:
    """Adds people to the directory if it does not have them. Returns the ids of all people by user name."""
    client, directory = bench.client("identitystore"), bench.outputs("identity")["identity_store_id"]
    known = {user["UserName"]: user["UserId"] for user in client.list_users(IdentityStoreId=directory)["Users"]}
    for name in set(names) - set(known):
        person = {"UserName": name, "DisplayName": name, "Name": {"GivenName": name, "FamilyName": name}}
        known[name] = client.create_user(IdentityStoreId=directory, **person)["UserId"]
    return known


def remove_person(bench: Workbench, name: str) -> None:
    """Removes a person from the directory."""
    client, directory = bench.client("identitystore"), bench.outputs("identity")["identity_store_id"]
    client.delete_user(IdentityStoreId=directory, UserId=add_people(bench)[name])


def join_platform_team(bench: Workbench, *names: str) -> None:
    """Adds people to the group of the platform team, and to the directory if it does not have them."""
    outputs, client, known = bench.outputs("identity"), bench.client("identitystore"), add_people(bench, *names)
    group = {"IdentityStoreId": outputs["identity_store_id"], "GroupId": outputs["groups"]["it-platform"]}
    for name in names:
        client.create_group_membership(**group, MemberId={"UserId": known[name]})


def leave_platform_team(bench: Workbench, name: str) -> None:
    """Removes a person from the group. The person stays in the directory."""
    outputs, client = bench.outputs("identity"), bench.client("identitystore")
    directory, group = {"IdentityStoreId": outputs["identity_store_id"]}, outputs["groups"]["it-platform"]
    (user,) = [
        candidate["UserId"] for candidate in client.list_users(**directory)["Users"] if candidate["UserName"] == name
    ]
    memberships = client.list_group_memberships(**directory, GroupId=group)["GroupMemberships"]
    (membership,) = [candidate["MembershipId"] for candidate in memberships if candidate["MemberId"]["UserId"] == user]
    client.delete_group_membership(**directory, MembershipId=membership)


def join_team(bench: Workbench, team: str, persona: str, *names: str) -> None:
    """Puts people into the group of a persona of a team, and into the directory with the team as their department, by
    which their sessions are of the team."""
    client, directory = bench.client("identitystore"), bench.outputs("identity")["identity_store_id"]
    known = add_people(bench)
    for name in names:
        if name in known:  # the sandbox cannot change the department of a user
            remove_person(bench, name)
        client.create_user(
            IdentityStoreId=directory,
            UserName=name,
            DisplayName=name,
            Name={"GivenName": name, "FamilyName": name},
            Extensions={"aws:identitystore:enterprise": {"department": team}},
        )
        bench.sandbox("user", name, f"--group=plinth-{team}-{persona}")
