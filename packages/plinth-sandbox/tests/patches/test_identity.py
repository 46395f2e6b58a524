"""Patches for IAM and Identity Center: managed policies, root access and permission sets."""

from itertools import count
from pathlib import Path

from plinth_sandbox.testing import MANAGEMENT, EmulatedAws, refusal

TRUST = '{"Version": "2012-10-17", "Statement": []}'
_numbers = count()
TAGS = [{"Key": "team", "Value": "fraud"}]


def test_a_policy_that_aws_manages_can_be_attached_in_any_account(aws: EmulatedAws, account: str) -> None:
    iam = aws.client("iam", account)
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST)
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.attach_role_policy(RoleName="reader", PolicyArn=arn)
    attached = iam.list_attached_role_policies(RoleName="reader")["AttachedPolicies"]
    assert attached == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": arn}]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert refusal(iam.get_policy, PolicyArn="arn:aws:iam::aws:policy/NoSuchPolicy") == "NoSuchEntity"


def test_root_access_of_member_accounts_is_managed_centrally(aws: EmulatedAws, account: str) -> None:
    iam = aws.client("iam")
    assert refusal(iam.enable_organizations_root_credentials_management) == "ServiceAccessNotEnabledException"
    aws.client("organizations").enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    iam.enable_organizations_root_credentials_management()
    iam.enable_organizations_root_sessions()
    iam.disable_organizations_root_sessions()
    assert iam.list_organizations_features()["EnabledFeatures"] == ["RootCredentialsManagement"]


def test_permission_sets_have_tags_and_finish_their_provisioning(aws: EmulatedAws) -> None:
    center = aws.client("sso-admin")
    instance = center.list_instances()["Instances"][0]["InstanceArn"]
    made = center.create_permission_set(Name="Scientist", InstanceArn=instance, SessionDuration="PT4H", Tags=TAGS)
    arn = made["PermissionSet"]["PermissionSetArn"]
    center.tag_resource(InstanceArn=instance, ResourceArn=arn, Tags=[{"Key": "cost", "Value": "1"}])
    center.untag_resource(InstanceArn=instance, ResourceArn=arn, TagKeys=["cost"])
    assert center.list_tags_for_resource(InstanceArn=instance, ResourceArn=arn)["Tags"] == TAGS
    request = center.provision_permission_set(
        InstanceArn=instance, PermissionSetArn=arn, TargetType="AWS_ACCOUNT", TargetId=MANAGEMENT
    )["PermissionSetProvisioningStatus"]["RequestId"]
    status = center.describe_permission_set_provisioning_status(
        InstanceArn=instance, ProvisionPermissionSetRequestId=request
    )["PermissionSetProvisioningStatus"]
    assert (status["Status"], status["AccountId"]) == ("SUCCEEDED", MANAGEMENT)


def test_the_directory_keeps_its_id_when_a_restored_call_looks_into_it_before_its_patches(tmp_path: Path) -> None:
    with EmulatedAws(tmp_path) as own:
        center = own.client("sso-admin")
        before = center.list_instances()["Instances"][0]
        # The only call that is restored. It is judged by the permission sets that exist, before it is answered.
        center.create_permission_set(Name="First", InstanceArn=before["InstanceArn"])
        own.restart()
        assert own.client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"] == before["IdentityStoreId"]
        assert own.client("identitystore").list_users(IdentityStoreId=before["IdentityStoreId"])["Users"] == []


def test_a_permission_set_has_one_boundary_until_it_is_deleted(aws: EmulatedAws) -> None:
    center = aws.client("sso-admin")
    instance = center.list_instances()["Instances"][0]["InstanceArn"]
    made = center.create_permission_set(Name="Bounded", InstanceArn=instance)
    address = {"InstanceArn": instance, "PermissionSetArn": made["PermissionSet"]["PermissionSetArn"]}
    assert refusal(center.get_permissions_boundary_for_permission_set, **address) == "ResourceNotFoundException"
    boundary = {"ManagedPolicyArn": "arn:aws:iam::aws:policy/PowerUserAccess"}
    center.put_permissions_boundary_to_permission_set(**address, PermissionsBoundary=boundary)
    assert center.get_permissions_boundary_for_permission_set(**address)["PermissionsBoundary"] == boundary
    center.delete_permissions_boundary_from_permission_set(**address)
    assert refusal(center.delete_permissions_boundary_from_permission_set, **address) == "ResourceNotFoundException"
    unknown = address | {"PermissionSetArn": f"{address['PermissionSetArn'][:-16]}{'0' * 16}"}
    put = center.put_permissions_boundary_to_permission_set
    assert refusal(put, **unknown, PermissionsBoundary=boundary) == "ResourceNotFoundException"


def test_a_permission_set_is_provisioned_to_the_accounts_of_its_assignments(aws: EmulatedAws, account: str) -> None:
    center = aws.client("sso-admin")
    (known,) = center.list_instances()["Instances"]
    instance, directory = known["InstanceArn"], known["IdentityStoreId"]
    made = center.create_permission_set(Name="Assigned", InstanceArn=instance)
    address = {"InstanceArn": instance, "PermissionSetArn": made["PermissionSet"]["PermissionSetArn"]}
    assert center.list_accounts_for_provisioned_permission_set(**address)["AccountIds"] == []
    assigned = {**address, "TargetType": "AWS_ACCOUNT", "TargetId": account, "PrincipalType": "GROUP"}
    nobody = {**assigned, "PrincipalId": "01234567-0123-0123-0123-0123456789ab"}
    assert refusal(center.create_account_assignment, **nobody) == "ResourceNotFoundException"
    group = aws.client("identitystore").create_group(IdentityStoreId=directory, DisplayName="assigned")["GroupId"]
    center.create_account_assignment(**assigned, PrincipalId=group)
    assert center.list_accounts_for_provisioned_permission_set(**address)["AccountIds"] == [account]


def test_an_instance_has_one_set_of_attributes(aws: EmulatedAws) -> None:
    center = aws.client("sso-admin")
    instance = {"InstanceArn": center.list_instances()["Instances"][0]["InstanceArn"]}
    assert refusal(center.describe_instance_access_control_attribute_configuration, **instance) == (
        "ResourceNotFoundException"
    )
    team = {"AccessControlAttributes": [{"Key": "team", "Value": {"Source": ["${path:enterprise.department}"]}}]}
    create = center.create_instance_access_control_attribute_configuration
    create(**instance, InstanceAccessControlAttributeConfiguration=team)
    assert refusal(create, **instance, InstanceAccessControlAttributeConfiguration=team) == "ConflictException"
    found = center.describe_instance_access_control_attribute_configuration(**instance)
    assert found["InstanceAccessControlAttributeConfiguration"] == team
    center.delete_instance_access_control_attribute_configuration(**instance)


def make_domain(aws: EmulatedAws, account: str, mode: str) -> str:
    return str(
        aws.client("sagemaker", account).create_domain(
            DomainName=f"studio-{mode}",
            AuthMode=mode,
            DefaultUserSettings={"ExecutionRole": aws.role(f"studio-{mode}-{next(_numbers)}", "sagemaker", account)},
            **aws.network(account),
        )["DomainId"]
    )


def make_user(aws: EmulatedAws, name: str) -> str:
    store = aws.client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]
    person = {"UserName": name, "DisplayName": name, "Name": {"GivenName": name, "FamilyName": "Doe"}}
    return str(aws.client("identitystore").create_user(IdentityStoreId=store, **person)["UserId"])


def test_a_domain_with_identity_center_has_an_application_of_the_organization(aws: EmulatedAws, account: str) -> None:
    center, sagemaker = aws.client("sso-admin"), aws.client("sagemaker", account)
    domain = make_domain(aws, account, "SSO")
    arn = sagemaker.describe_domain(DomainId=domain)["SingleSignOnApplicationArn"]
    found = center.describe_application(ApplicationArn=arn)
    instance = center.list_instances()["Instances"][0]["InstanceArn"]
    assert (found["ApplicationAccount"], found["InstanceArn"]) == (account, instance)
    assert arn in {
        application["ApplicationArn"] for application in center.list_applications(InstanceArn=instance)["Applications"]
    }
    person = {"ApplicationArn": arn, "PrincipalType": "USER", "PrincipalId": make_user(aws, "assigned")}
    center.create_application_assignment(**person)
    assert center.describe_application_assignment(**person)["PrincipalId"] == person["PrincipalId"]
    sagemaker.delete_domain(DomainId=domain)
    assert refusal(center.describe_application, ApplicationArn=arn) == "ResourceNotFoundException"
    assert refusal(center.describe_application_assignment, **person) == "ResourceNotFoundException"


def test_only_existing_people_are_assigned_to_existing_applications_of_ones_own(aws: EmulatedAws, account: str) -> None:
    domain = make_domain(aws, account, "SSO")
    arn = aws.client("sagemaker", account).describe_domain(DomainId=domain)["SingleSignOnApplicationArn"]
    user = {"PrincipalType": "USER", "PrincipalId": make_user(aws, "somebody")}
    assign = aws.client("sso-admin").create_application_assignment
    unknown = f"{arn[:-16]}{'0' * 16}"
    assert refusal(assign, ApplicationArn=unknown, **user) == "ResourceNotFoundException"
    nobody = {**user, "PrincipalId": "00000000-0000-0000-0000-000000000000"}
    assert refusal(assign, ApplicationArn=arn, **nobody) == "ResourceNotFoundException"
    group = {**user, "PrincipalType": "GROUP"}
    assert refusal(assign, ApplicationArn=arn, **group) == "ResourceNotFoundException"
    elsewhere = aws.client("sso-admin", account).create_application_assignment
    assert refusal(elsewhere, ApplicationArn=arn, **user) == "AccessDeniedException"


def test_a_profile_is_of_a_person_in_the_directory_or_of_nobody(aws: EmulatedAws, account: str) -> None:
    sagemaker = aws.client("sagemaker", account)
    center, iam = make_domain(aws, account, "SSO"), make_domain(aws, account, "IAM")
    make_user(aws, "profiled")
    named = {"SingleSignOnUserIdentifier": "UserName", "SingleSignOnUserValue": "profiled"}
    create = sagemaker.create_user_profile
    assert "SingleSignOnApplicationArn" not in sagemaker.describe_domain(DomainId=iam)
    assert refusal(create, DomainId=iam, UserProfileName="ada", **named) == "ValidationException"
    assert refusal(create, DomainId=center, UserProfileName="ada") == "ValidationException"
    missing = {**named, "SingleSignOnUserValue": "nobody"}
    assert refusal(create, DomainId=center, UserProfileName="ada", **missing) == "ValidationException"
    create(DomainId=center, UserProfileName="ada", **named)
    create(DomainId=iam, UserProfileName="ada")


def test_a_group_can_be_renamed_and_described(aws: EmulatedAws) -> None:
    directory = aws.client("identitystore")
    store = aws.client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]
    group = {"IdentityStoreId": store}
    group["GroupId"] = directory.create_group(IdentityStoreId=store, DisplayName="before")["GroupId"]
    changes = [{"AttributePath": "displayName", "AttributeValue": "after"}]
    directory.update_group(**group, Operations=changes)
    assert directory.describe_group(**group)["DisplayName"] == "after"
    unknown = group | {"GroupId": "00000000-0000-0000-0000-000000000000"}
    assert refusal(directory.update_group, **unknown, Operations=changes) == "ResourceNotFoundException"
