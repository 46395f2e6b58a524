"""Roles, policies and instance profiles, which AWS deletes only when nothing uses them, and the organization's features
for central management of root users."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_FEATURES = {
    "RootCredentialsManagement": "organizations_root_credentials_management",
    "RootSessions": "organizations_root_sessions",
}
"""Name of the operation by feature."""

MOST_VERSIONS = 5
"""IAM quota: versions of one managed policy."""


def delete_role(caller: Caller, known: Properties) -> None:
    """Deletes a role after removing it from instance profiles. With `forceDetachPolicies`, its policies are detached
    too."""
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
    """Adds a version of the policy document and deletes the oldest version if the quota is reached."""
    arn = known["id"]
    versions = caller.aws("list_policy_versions", PolicyArn=arn)["Versions"]
    if len(versions) >= MOST_VERSIONS:
        spare = [version for version in versions if not version["IsDefaultVersion"]]
        oldest = min(spare, key=lambda version: int(version["VersionId"].removeprefix("v")))
        caller.aws("delete_policy_version", PolicyArn=arn, VersionId=oldest["VersionId"])
    caller.aws("create_policy_version", PolicyArn=arn, PolicyDocument=known["policy"], SetAsDefault=True)


def delete_policy(caller: Caller, known: Properties) -> None:
    """Deletes the policy after its other versions. The default version is deleted with the policy."""
    arn = known["id"]
    for version in caller.aws("list_policy_versions", PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            caller.aws("delete_policy_version", PolicyArn=arn, VersionId=version["VersionId"])
    caller.aws("delete_policy", PolicyArn=arn)


def replace_role(caller: Caller, known: Properties) -> None:
    """Changes the role of an instance profile, which can contain only one role."""
    name = known["name"]
    _empty_profile(caller, name)
    if known.get("role"):
        caller.aws("add_role_to_instance_profile", InstanceProfileName=name, RoleName=known["role"])


def delete_instance_profile(caller: Caller, known: Properties) -> None:
    """Deletes an instance profile after removing its role."""
    _empty_profile(caller, known["name"])
    caller.aws("delete_instance_profile", InstanceProfileName=known["name"])


def _empty_profile(caller: Caller, name: str) -> None:
    for role in caller.aws("get_instance_profile", InstanceProfileName=name)["InstanceProfile"]["Roles"]:
        caller.aws("remove_role_from_instance_profile", InstanceProfileName=name, RoleName=role["RoleName"])


def read_service_linked_role(caller: Caller, known: Properties) -> Properties:
    """Returns a service-linked role. Its path contains the service, and its name ends with the custom suffix.

    Names of Application Auto Scaling's roles end with the scaled resource instead, which is no custom suffix: the
    provider sees no difference there (terraform-provider-aws/internal/service/iam/service_linked_role.go).
    """
    role = caller.aws("get_role", RoleName=str(known["id"]).rpartition("/")[2])["Role"]
    service = role["Path"].split("/")[2]
    _, _, suffix = role["RoleName"].partition("_")
    return {
        "arn": role["Arn"],
        "awsServiceName": service,
        "createDate": role["CreateDate"].isoformat(),
        "customSuffix": None if ".application-autoscaling." in service else suffix or None,
        "description": role.get("Description"),
        "name": role["RoleName"],
        "path": role["Path"],
        "tags": {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])},
        "uniqueId": role["RoleId"],
    }


def describe_service_linked_role(caller: Caller, known: Properties) -> None:
    """Updates the description, the only property that can change."""
    caller.aws("update_role", RoleName=known["name"], Description=known.get("description") or "")


def delete_service_linked_role(caller: Caller, known: Properties) -> None:
    """Deletes the role. The deletion is a task, which can take a while."""
    caller.aws("delete_service_linked_role", RoleName=str(known["id"]).rpartition("/")[2])


def read_identity_provider(caller: Caller, known: Properties) -> Properties:
    """Returns an OpenID Connect provider. IAM returns its URL without the scheme, which is always HTTPS."""
    provider = caller.aws("get_open_id_connect_provider", OpenIDConnectProviderArn=known["id"])
    return {
        "arn": known["id"],
        "clientIdLists": provider.get("ClientIDList", []),
        "tags": {tag["Key"]: tag["Value"] for tag in provider.get("Tags", [])},
        "thumbprintLists": provider.get("ThumbprintList", []),
        "url": f"https://{provider['Url']}",
    }


def switch_client_ids(caller: Caller, known: Properties) -> None:
    """Adds and removes client ids of an OpenID Connect provider, one per call."""
    arn = known["id"]
    for client_id in known["+clientIdLists"]:
        caller.aws("add_client_id_to_open_id_connect_provider", OpenIDConnectProviderArn=arn, ClientID=client_id)
    for client_id in known["-clientIdLists"]:
        caller.aws("remove_client_id_from_open_id_connect_provider", OpenIDConnectProviderArn=arn, ClientID=client_id)


def enable_features(caller: Caller, known: Properties) -> Properties:
    """Enables the features. The id is the organization's."""
    switch_features(caller, {"-enabledFeatures": [], "+enabledFeatures": known["enabledFeatures"]})
    return {"id": caller.aws("list_organizations_features")["OrganizationId"]}


def switch_features(caller: Caller, known: Properties) -> None:
    """Enables and disables features, one per call."""
    for verb, features in (("disable", known["-enabledFeatures"]), ("enable", known["+enabledFeatures"])):
        for feature in features:
            caller.aws(f"{verb}_{_FEATURES[feature]}")


def disable_features(caller: Caller, known: Properties) -> None:
    """Disables the features. The organization stays."""
    switch_features(caller, {"-enabledFeatures": known["enabledFeatures"], "+enabledFeatures": []})
