"""Roles, policies and instance profiles, which AWS deletes only when nothing hangs on them any more; and what the
management account may do as a member's root, switched feature by feature.
"""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_FEATURES = {
    "RootCredentialsManagement": "organizations_root_credentials_management",
    "RootSessions": "organizations_root_sessions",
}
"""Feature -> how operations name it."""

MOST_VERSIONS = 5
"""An IAM quota: versions of one managed policy."""


def delete_role(caller: Caller, known: Properties) -> None:
    """Takes the role out of instance profiles; with `forceDetachPolicies`, its policies from it too."""
    role = known["name"]
    for profile in caller.aws("list_instance_profiles_for_role", RoleName=role)["InstanceProfiles"]:
        name = profile["InstanceProfileName"]
        caller.aws("remove_role_from_instance_profile", InstanceProfileName=name, RoleName=role)
    if known.get("forceDetachPolicies"):
        for policy in caller.aws("list_attached_role_policies", RoleName=role)["AttachedPolicies"]:
            caller.aws("detach_role_policy", RoleName=role, PolicyArn=policy["PolicyArn"])
        for name in caller.aws("list_role_policies", RoleName=role)["PolicyNames"]:
            caller.aws("delete_role_policy", RoleName=role, PolicyName=name)
    caller.aws("delete_role", RoleName=role)


def put_version(caller: Caller, known: Properties) -> None:
    """A policy's document changes by a new version; the oldest makes room for it."""
    arn = known["id"]
    versions = caller.aws("list_policy_versions", PolicyArn=arn)["Versions"]
    if len(versions) >= MOST_VERSIONS:
        spare = [version for version in versions if not version["IsDefaultVersion"]]
        oldest = min(spare, key=lambda version: int(version["VersionId"].removeprefix("v")))
        caller.aws("delete_policy_version", PolicyArn=arn, VersionId=oldest["VersionId"])
    caller.aws("create_policy_version", PolicyArn=arn, PolicyDocument=known["policy"], SetAsDefault=True)


def delete_policy(caller: Caller, known: Properties) -> None:
    """The default version goes with the policy, the others before it."""
    arn = known["id"]
    for version in caller.aws("list_policy_versions", PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            caller.aws("delete_policy_version", PolicyArn=arn, VersionId=version["VersionId"])
    caller.aws("delete_policy", PolicyArn=arn)


def swap_role(caller: Caller, known: Properties) -> None:
    """An instance profile holds one role at most: the old one leaves before the new one comes."""
    name = known["name"]
    _empty_profile(caller, name)
    if known.get("role"):
        caller.aws("add_role_to_instance_profile", InstanceProfileName=name, RoleName=known["role"])


def delete_instance_profile(caller: Caller, known: Properties) -> None:
    """A profile that still holds a role cannot be deleted."""
    _empty_profile(caller, known["name"])
    caller.aws("delete_instance_profile", InstanceProfileName=known["name"])


def _empty_profile(caller: Caller, name: str) -> None:
    for role in caller.aws("get_instance_profile", InstanceProfileName=name)["InstanceProfile"]["Roles"]:
        caller.aws("remove_role_from_instance_profile", InstanceProfileName=name, RoleName=role["RoleName"])


def read_service_linked_role(caller: Caller, known: Properties) -> Properties:
    """Its path says which service it is of, the end of its name what tells it from others of that service."""
    role = caller.aws("get_role", RoleName=str(known["id"]).rpartition("/")[2])["Role"]
    _, separator, suffix = role["RoleName"].partition("_")
    return {
        "arn": role["Arn"],
        "awsServiceName": role["Path"].split("/")[2],
        "createDate": role["CreateDate"].isoformat(),
        "customSuffix": suffix if separator else None,
        "description": role.get("Description"),
        "name": role["RoleName"],
        "path": role["Path"],
        "tags": {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])},
        "uniqueId": role["RoleId"],
    }


def describe_service_linked_role(caller: Caller, known: Properties) -> None:
    """Only what is said of it can change."""
    caller.aws("update_role", RoleName=known["name"], Description=known.get("description") or "")


def delete_service_linked_role(caller: Caller, known: Properties) -> None:
    """Its service may take a while to let go of it, and says so with a task."""
    caller.aws("delete_service_linked_role", RoleName=str(known["id"]).rpartition("/")[2])


def enable_features(caller: Caller, known: Properties) -> Properties:
    """The features, and the organization that they are of."""
    switch_features(caller, {"-enabledFeatures": [], "+enabledFeatures": known["enabledFeatures"]})
    return {"id": caller.aws("list_organizations_features")["OrganizationId"]}


def switch_features(caller: Caller, known: Properties) -> None:
    """Features are switched one by one."""
    for verb, features in (("disable", known["-enabledFeatures"]), ("enable", known["+enabledFeatures"])):
        for feature in features:
            caller.aws(f"{verb}_{_FEATURES[feature]}")


def disable_features(caller: Caller, known: Properties) -> None:
    """The organization itself stays."""
    switch_features(caller, {"-enabledFeatures": known["enabledFeatures"], "+enabledFeatures": []})
