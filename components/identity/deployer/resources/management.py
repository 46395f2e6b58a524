"""Actions on the resources of the management account: the organization, its accounts, and its people.

The management account has no deployer, so only the calls of a refresh and of data sources are listed for all resources.
Those of teams are listed completely, because the runner of requests creates them.
"""

from __future__ import annotations

from components.identity.deployer.calls import ResourceCalls, calls
from components.identity.deployer.resources.accounts import ACCOUNT_SETUP, ROLES

_ADMINISTRATORS = calls("organizations", read="ListDelegatedAdministrators")

MANAGEMENT: ResourceCalls = {
    **ACCOUNT_SETUP,
    **ROLES,
    "aws:account/alternativeContact:AlternativeContact": calls("account", read="GetAlternateContact"),
    "aws:budgets/budget:Budget": calls("budgets", read="ListTagsForResource ViewBudget"),
    "aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount": _ADMINISTRATORS,
    "aws:costexplorer/costAllocationTag:CostAllocationTag": calls("ce", read="ListCostAllocationTags"),
    "aws:guardduty/organizationAdminAccount:OrganizationAdminAccount": calls(
        "guardduty", read="ListOrganizationAdminAccounts"
    ),
    "aws:iam/organizationsFeatures:OrganizationsFeatures": calls("iam", read="ListOrganizationsFeatures"),
    "aws:identitystore/group:Group": calls("identitystore", read="DescribeGroup GetGroupId"),
    "aws:inspector2/delegatedAdminAccount:DelegatedAdminAccount": calls(
        "inspector2", read="GetDelegatedAdminAccount ListDelegatedAdminAccounts"
    ),
    "aws:macie2/organizationAdminAccount:OrganizationAdminAccount": calls(
        "macie2", read="ListOrganizationAdminAccounts"
    ),
    "aws:organizations/account:Account": calls("organizations", read="DescribeAccount ListParents ListTagsForResource"),
    "aws:organizations/delegatedAdministrator:DelegatedAdministrator": _ADMINISTRATORS,
    "aws:organizations/organization:Organization": calls(
        "organizations",
        read="DescribeOrganization ListAWSServiceAccessForOrganization ListAccounts ListDelegatedAdministrators "
        "ListRoots",
    ),
    "aws:organizations/organizationalUnit:OrganizationalUnit": calls(
        "organizations",
        read="DescribeOrganizationalUnit ListAccountsForParent ListOrganizationalUnitsForParent ListParents "
        "ListTagsForResource",
    ),
    "aws:organizations/policy:Policy": calls("organizations", read="DescribePolicy ListTagsForResource"),
    "aws:organizations/policyAttachment:PolicyAttachment": calls("organizations", read="ListTargetsForPolicy"),
    "aws:ram/sharingWithOrganization:SharingWithOrganization": calls(
        "organizations", read="ListAWSServiceAccessForOrganization iam:GetRole"
    ),
    "aws:securityhub/organizationAdminAccount:OrganizationAdminAccount": calls(
        "securityhub", read="ListOrganizationAdminAccounts"
    ),
    "aws:ssm/parameter:Parameter": calls("ssm", read="DescribeParameters GetParameter ListTagsForResource"),
    "aws:ssoadmin/accountAssignment:AccountAssignment": calls("sso", read="ListAccountAssignments"),
    "aws:ssoadmin/applicationAssignment:ApplicationAssignment": calls("sso", read="DescribeApplicationAssignment"),
    "aws:ssoadmin/instanceAccessControlAttributes:InstanceAccessControlAttributes": calls(
        "sso", read="DescribeInstanceAccessControlAttributeConfiguration ListInstances"
    ),
    "aws:ssoadmin/permissionSet:PermissionSet": calls("sso", read="DescribePermissionSet ListTagsForResource"),
    "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": calls(
        "sso", read="GetInlinePolicyForPermissionSet"
    ),
    "aws:ssoadmin/permissionsBoundaryAttachment:PermissionsBoundaryAttachment": calls(
        "sso", read="GetPermissionsBoundaryForPermissionSet"
    ),
}
"""Resources of the stacks ``organization`` and ``identity``, of teams, and of Studio in the management account."""

TEAMS: ResourceCalls = {
    "aws:account/alternativeContact:AlternativeContact": calls(
        "account", create="PutAlternateContact", update="PutAlternateContact", delete="DeleteAlternateContact"
    ),
    "aws:budgets/budget:Budget": calls("budgets", create="ModifyBudget TagResource", update="UntagResource"),
    "aws:identitystore/group:Group": calls(
        "identitystore", create="CreateGroup", update="UpdateGroup", delete="DeleteGroup"
    ),
    "aws:organizations/account:Account": calls(
        "organizations",
        create="CreateAccount DescribeCreateAccountStatus MoveAccount TagResource",
        # The name of an account that another team has left.
        update="UntagResource account:GetAccountInformation account:PutAccountName",
    ),
    "aws:organizations/organizationalUnit:OrganizationalUnit": calls(
        "organizations",
        create="CreateOrganizationalUnit",
        update="UpdateOrganizationalUnit",
        delete="DeleteOrganizationalUnit",
    ),
    "aws:ssm/parameter:Parameter": calls(
        "ssm",
        create="AddTagsToResource PutParameter",
        update="RemoveTagsFromResource",
        delete="DeleteParameter",
    ),
    "aws:ssoadmin/accountAssignment:AccountAssignment": calls(
        "sso",
        create="CreateAccountAssignment DescribeAccountAssignmentCreationStatus",
        delete="DeleteAccountAssignment DescribeAccountAssignmentDeletionStatus",
    ),
    "aws:ssoadmin/applicationAssignment:ApplicationAssignment": calls(
        "sso", create="CreateApplicationAssignment", delete="DeleteApplicationAssignment"
    ),
}
"""Changes of the resources of teams and of Studio in the management account. Attachments of guardrails are missing,
because they are allowed for accounts only."""

LOOKUPS: tuple[str, ...] = ("identitystore:DescribeUser", "identitystore:GetUserId")
"""Actions of lookups whose results are no resources: Studio users in the directory of IAM Identity Center."""
