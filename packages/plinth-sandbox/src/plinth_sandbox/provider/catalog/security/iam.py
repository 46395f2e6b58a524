"""AWS Identity and Access Management."""

from __future__ import annotations

from plinth_sandbox.provider.functions.security.iam import (
    delete_instance_profile,
    delete_policy,
    delete_role,
    delete_service_linked_role,
    describe_service_linked_role,
    disable_features,
    enable_features,
    put_version,
    read_identity_provider,
    read_service_linked_role,
    replace_role,
    switch_client_ids,
    switch_features,
)
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update

ROLE = Resource(
    type="aws:iam/role:Role",
    create="create_role",
    identifier="{name}",
    address={"RoleName": "{name}"},
    read=Call(
        "get_role",
        within="Role",
        gives={"permissionsBoundary": "Role.PermissionsBoundary.PermissionsBoundaryArn"},
    ),
    update=[
        Update(
            Call("update_assume_role_policy", {"PolicyDocument": "{assumeRolePolicy}"}), carries=["assumeRolePolicy"]
        ),
        "update_role",
        Update("put_role_permissions_boundary", otherwise="delete_role_permissions_boundary"),
    ],
    delete=delete_role,
    renames={"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument", "uniqueId": "RoleId"},
    defaults={"path": "/", "maxSessionDuration": 3600},
    local=["forceDetachPolicies"],
    name=Name(longest=64),
    tags=Tagging("tag_role", "untag_role", read=None),
)

SERVICE_LINKED_ROLE = Resource(
    type="aws:iam/serviceLinkedRole:ServiceLinkedRole",
    create=Call("create_service_linked_role", gives={"id": "Role.Arn", "name": "Role.RoleName"}),
    read=read_service_linked_role,
    update=[Update(describe_service_linked_role, carries=["description"])],
    delete=delete_service_linked_role,
    renames={"awsServiceName": "AWSServiceName"},
    name=None,
    tags=Tagging("tag_role", "untag_role", read=None, address={"RoleName": "{name}"}),
)

POLICY = Resource(
    type="aws:iam/policy:Policy",
    create=Call("create_policy", gives={"id": "Policy.Arn"}),
    address={"PolicyArn": "{id}"},
    read=[
        Call("get_policy", within="Policy", gives={"defaultVersionId": "Policy.DefaultVersionId"}),
        Call("get_policy_version", {"VersionId": "{defaultVersionId}"}, gives={"policy": "PolicyVersion.Document"}),
    ],
    update=[Update(put_version, carries=["policy"])],
    delete=delete_policy,
    renames={"name": "PolicyName", "policy": "PolicyDocument"},
    defaults={"path": "/"},
    local=["delayAfterPolicyCreationInMs"],
    name=Name(longest=128),
    tags=Tagging("tag_policy", "untag_policy", read=None),
)

ROLE_POLICY = Resource(
    type="aws:iam/rolePolicy:RolePolicy",
    put="put_role_policy",
    identifier="{role}:{name}",
    address={"RoleName": "{role}", "PolicyName": "{name}"},
    read="get_role_policy",
    delete="delete_role_policy",
    renames={"policy": "PolicyDocument"},
    name=Name(longest=128),
)

ROLE_POLICY_ATTACHMENT = Resource(
    type="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    create="attach_role_policy",
    identifier="{role}/{policyArn}",
    address={"RoleName": "{role}", "PolicyArn": "{policyArn}"},
    read=Call("list_attached_role_policies", within="AttachedPolicies[?PolicyArn=='{policyArn}'] | [0]"),
    delete="detach_role_policy",
    name=None,
)

INSTANCE_PROFILE = Resource(
    type="aws:iam/instanceProfile:InstanceProfile",
    create="create_instance_profile",
    identifier="{name}",
    address={"InstanceProfileName": "{name}"},
    read=Call("get_instance_profile", within="InstanceProfile", gives={"role": "InstanceProfile.Roles[0].RoleName"}),
    update=[Update(replace_role, carries=["role"])],
    delete=delete_instance_profile,
    renames={"name": "InstanceProfileName", "uniqueId": "InstanceProfileId"},
    defaults={"path": "/"},
    name=Name(longest=128),
    tags=Tagging("tag_instance_profile", "untag_instance_profile", read=None),
)

ACCOUNT_PASSWORD_POLICY = Resource(
    type="aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
    put="update_account_password_policy",
    identifier="iam-account-password-policy",
    read=Call("get_account_password_policy", within="PasswordPolicy"),
    delete="delete_account_password_policy",
    defaults={"allowUsersToChangePassword": True, "minimumPasswordLength": 6},
    computed=[
        "hardExpiry",
        "maxPasswordAge",
        "passwordReusePrevention",
        *[f"require{kind}" for kind in ("LowercaseCharacters", "Numbers", "Symbols", "UppercaseCharacters")],
    ],
    volatile=["expirePasswords"],
    name=None,
)

ACCOUNT_ALIAS = Resource(
    type="aws:iam/accountAlias:AccountAlias",
    create="create_account_alias",
    identifier="{accountAlias}",
    address={"AccountAlias": "{accountAlias}"},
    read=Call("list_account_aliases", within="AccountAliases[?@=='{accountAlias}'] | [0]"),
    delete="delete_account_alias",
    name=None,
)

OPEN_ID_CONNECT_PROVIDER = Resource(
    type="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    create=Call("create_open_id_connect_provider", gives={"id": "OpenIDConnectProviderArn"}),
    address={"OpenIDConnectProviderArn": "{id}"},
    read=read_identity_provider,
    update=[
        Update(switch_client_ids, carries=["clientIdLists"]),
        Update("update_open_id_connect_provider_thumbprint", carries=["thumbprintLists"]),
    ],
    delete="delete_open_id_connect_provider",
    renames={"clientIdLists": "ClientIDList", "thumbprintLists": "ThumbprintList"},
    computed=["thumbprintLists"],
    replaces=["url"],
    name=None,
    tags=Tagging("tag_open_id_connect_provider", "untag_open_id_connect_provider", read=None),
)

USER = Resource(
    type="aws:iam/user:User",
    create="create_user",
    identifier="{name}",
    address={"UserName": "{name}"},
    read=Call("get_user", within="User"),
    update=[Update(Call("update_user", {"NewPath": "{path}"}), carries=["path"])],
    delete="delete_user",
    renames={"name": "UserName", "uniqueId": "UserId"},
    defaults={"path": "/"},
    local=["forceDestroy"],
    volatile=["arn"],
    name=Name(longest=64),
    tags=Tagging("tag_user", "untag_user", read=None),
)

ORGANIZATIONS_FEATURES = Resource(
    type="aws:iam/organizationsFeatures:OrganizationsFeatures",
    create=enable_features,
    creates=["enabledFeatures"],
    read=Call("list_organizations_features", gives={"enabledFeatures": "EnabledFeatures"}),
    # The resource does not exist if no feature is enabled.
    exists="EnabledFeatures[0]",
    absent="CallerIsNotManagementAccount|ServiceAccessNotEnabled",
    update=[Update(switch_features, carries=["enabledFeatures"])],
    delete=disable_features,
    name=None,
)

RESOURCES = [
    ROLE,
    SERVICE_LINKED_ROLE,
    USER,
    POLICY,
    ROLE_POLICY,
    ROLE_POLICY_ATTACHMENT,
    INSTANCE_PROFILE,
    ACCOUNT_PASSWORD_POLICY,
    ACCOUNT_ALIAS,
    OPEN_ID_CONNECT_PROVIDER,
    ORGANIZATIONS_FEATURES,
]
