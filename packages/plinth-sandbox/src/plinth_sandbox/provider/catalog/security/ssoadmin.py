"""AWS IAM Identity Center: permission sets, assignments, and attributes for access control."""

from __future__ import annotations

from plinth_sandbox.provider.functions.security.ssoadmin import create_attributes, read_attributes, update_attributes
from plinth_sandbox.provider.vocabulary import Call, DataSource, Resource, Tagging, Update

SERVICE = "sso-admin"

PERMISSION_SET = Resource(
    type="aws:ssoadmin/permissionSet:PermissionSet",
    service=SERVICE,
    create=Call("create_permission_set", gives={"arn": "PermissionSet.PermissionSetArn"}),
    identifier="{arn},{instanceArn}",
    address={"PermissionSetArn": "{arn}"},
    read=Call("describe_permission_set", within="PermissionSet", gives={"arn": "PermissionSet.PermissionSetArn"}),
    update=["update_permission_set"],
    delete="delete_permission_set",
    defaults={"sessionDuration": "PT1H"},
    tags=Tagging(address={"InstanceArn": "{instanceArn}", "ResourceArn": "{arn}"}),
)

INLINE_POLICY = Resource(
    type="aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
    service=SERVICE,
    put="put_inline_policy_to_permission_set",
    identifier="{permissionSetArn},{instanceArn}",
    read="get_inline_policy_for_permission_set",
    exists="InlinePolicy != ''",
    delete="delete_inline_policy_from_permission_set",
    name=None,
)

PERMISSIONS_BOUNDARY_ATTACHMENT = Resource(
    type="aws:ssoadmin/permissionsBoundaryAttachment:PermissionsBoundaryAttachment",
    service=SERVICE,
    create="put_permissions_boundary_to_permission_set",
    identifier="{permissionSetArn},{instanceArn}",
    read="get_permissions_boundary_for_permission_set",
    delete="delete_permissions_boundary_from_permission_set",
    name=None,
)

ACCOUNT_ASSIGNMENT = Resource(
    type="aws:ssoadmin/accountAssignment:AccountAssignment",
    service=SERVICE,
    create="create_account_assignment",
    identifier="{principalId},{principalType},{targetId},{targetType},{permissionSetArn},{instanceArn}",
    address={"AccountId": "{targetId}"},
    read=Call("list_account_assignments", within="AccountAssignments[?PrincipalId=='{principalId}'] | [0]"),
    delete="delete_account_assignment",
    name=None,
)

APPLICATION_ASSIGNMENT = Resource(
    type="aws:ssoadmin/applicationAssignment:ApplicationAssignment",
    service=SERVICE,
    create="create_application_assignment",
    identifier="{applicationArn},{principalId},{principalType}",
    read="describe_application_assignment",
    delete="delete_application_assignment",
    name=None,
)

ACCESS_CONTROL_ATTRIBUTES = Resource(
    type="aws:ssoadmin/instanceAccessControlAttributes:InstanceAccessControlAttributes",
    service=SERVICE,
    create=create_attributes,
    creates=["attributes"],
    identifier="{instanceArn}",
    read=read_attributes,
    update=[Update(update_attributes, carries=["attributes"])],
    delete="delete_instance_access_control_attribute_configuration",
    name=None,
)

INSTANCES = DataSource(
    type="aws:ssoadmin/getInstances:getInstances",
    service=SERVICE,
    read=[
        Call(
            "list_instances",
            gives={"arns": "Instances[].InstanceArn", "identityStoreIds": "Instances[].IdentityStoreId"},
        )
    ],
)

DATA_SOURCES = [INSTANCES]

RESOURCES = [
    PERMISSION_SET,
    INLINE_POLICY,
    PERMISSIONS_BOUNDARY_ATTACHMENT,
    ACCOUNT_ASSIGNMENT,
    APPLICATION_ASSIGNMENT,
    ACCESS_CONTROL_ATTRIBUTES,
]
