"""Patches for Organizations and Account Management: answers and refusals are those of AWS."""

import itertools
from typing import Any

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.testing import MANAGEMENT, EmulatedAws, refusal

TRUST = '{"Version": "2012-10-17", "Statement": []}'
TAGS = [{"Key": "team", "Value": "fraud"}]
SERVICE_ACCESS = "account.amazonaws.com"
_numbers = itertools.count(700_000_000_000)


@pytest.fixture
def alone(aws: EmulatedAws) -> Any:
    """Returns Organizations for an account that belongs to no organization."""
    return aws.client("organizations", str(next(_numbers)))


@pytest.fixture
def organizations(alone: Any) -> Any:
    """Returns Organizations for the management account of a new organization."""
    alone.create_organization(FeatureSet="ALL")
    return alone


def root_of(organizations: Any) -> str:
    return str(organizations.list_roots()["Roots"][0]["Id"])


def names(organizations: Any) -> dict[str, str]:
    return {account["Id"]: account["Name"] for account in organizations.list_accounts()["Accounts"]}


@pytest.mark.parametrize(
    "kind",
    [
        "SERVICE_CONTROL_POLICY",
        "RESOURCE_CONTROL_POLICY",
        "TAG_POLICY",
        "BACKUP_POLICY",
        "AISERVICES_OPT_OUT_POLICY",
        "DECLARATIVE_POLICY_EC2",
    ],
)
def test_every_type_of_organization_policy_is_enabled_kept_attached_and_tagged(
    aws: EmulatedAws, account: str, kind: str
) -> None:
    organizations = aws.client("organizations")
    root = root_of(organizations)
    organizations.enable_policy_type(RootId=root, PolicyType=kind)
    assert {"Type": kind, "Status": "ENABLED"} in organizations.list_roots()["Roots"][0]["PolicyTypes"]
    policy = organizations.create_policy(Type=kind, Name=kind, Description="d", Content=TRUST, Tags=TAGS)["Policy"]
    summary = policy["PolicySummary"]
    assert summary["Type"] == kind
    assert f"policy/{organizations.describe_organization()['Organization']['Id']}/" in summary["Arn"]
    organizations.attach_policy(PolicyId=summary["Id"], TargetId=account)
    attached = organizations.list_policies_for_target(TargetId=account, Filter=kind)["Policies"]
    assert summary["Id"] in [found["Id"] for found in attached]
    assert organizations.list_tags_for_resource(ResourceId=summary["Id"])["Tags"] == TAGS


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("create_policy", {"Type": "TAG_POLICY", "Name": "n", "Description": "d", "Content": "{}"}),
        ("create_organizational_unit", {"ParentId": "r-abcd", "Name": "Workloads"}),
        ("create_account", {"Email": "audit@acme.example", "AccountName": "audit"}),
        ("enable_policy_type", {"RootId": "r-abcd", "PolicyType": "TAG_POLICY"}),
        ("list_accounts", {}),
    ],
)
def test_organization_operations_are_refused_without_an_organization(
    alone: Any, operation: str, parameters: dict[str, str]
) -> None:
    assert refusal(getattr(alone, operation), **parameters) == "AWSOrganizationsNotInUseException"


def test_a_member_account_sees_its_organization_and_manages_nothing(aws: EmulatedAws, account: str) -> None:
    member = aws.client("organizations", account)
    assert member.describe_organization()["Organization"]["MasterAccountId"] == MANAGEMENT
    assert refusal(member.list_accounts) == "AccessDeniedException"


def test_a_policy_is_attached_only_while_its_type_is_enabled(organizations: Any) -> None:
    root, kind = root_of(organizations), "SERVICE_CONTROL_POLICY"
    made = organizations.create_policy(Type=kind, Name="n", Description="d", Content=TRUST)["Policy"]
    attachment = {"PolicyId": made["PolicySummary"]["Id"], "TargetId": root}
    assert refusal(organizations.attach_policy, **attachment) == "PolicyTypeNotEnabledException"
    organizations.enable_policy_type(RootId=root, PolicyType=kind)
    organizations.attach_policy(**attachment)
    assert [
        target["TargetId"]
        for target in organizations.list_targets_for_policy(PolicyId=attachment["PolicyId"])["Targets"]
    ] == [root]


@pytest.mark.parametrize(("kind", "longest"), [("SERVICE_CONTROL_POLICY", 10_240), ("RESOURCE_CONTROL_POLICY", 5_120)])
def test_the_length_of_a_policy_is_limited(organizations: Any, kind: str, longest: int) -> None:
    fits = TRUST.ljust(longest)
    policy = organizations.create_policy(Type=kind, Name="fits", Description="d", Content=fits)["Policy"]
    for operation, whose in (
        (organizations.create_policy, {"Type": kind, "Name": "long", "Description": "d"}),
        (organizations.update_policy, {"PolicyId": policy["PolicySummary"]["Id"]}),
    ):
        with pytest.raises(ClientError, match="exceeded the maximum policy size") as refused:
            operation(**whose, Content=fits + " ")
        assert refused.value.response["Error"]["Code"] == "ConstraintViolationException"
        assert refused.value.response["Reason"] == "POLICY_CONTENT_LIMIT_EXCEEDED"


def test_units_under_one_parent_have_different_names(organizations: Any) -> None:
    root = root_of(organizations)

    def unit(parent: str, name: str) -> str:
        return str(organizations.create_organizational_unit(ParentId=parent, Name=name)["OrganizationalUnit"]["Id"])

    fraud, churn = unit(root, "fraud"), unit(root, "churn")
    production, other = unit(fraud, "Production"), unit(churn, "Production")
    assert production != other
    duplicate = "DuplicateOrganizationalUnitException"
    assert refusal(organizations.create_organizational_unit, ParentId=root, Name="fraud") == duplicate
    assert refusal(organizations.update_organizational_unit, OrganizationalUnitId=churn, Name="fraud") == duplicate
    organizations.update_organizational_unit(OrganizationalUnitId=other, Name="fraud")
    organizations.update_organizational_unit(OrganizationalUnitId=other, Name="fraud")
    found = organizations.list_organizational_units_for_parent(ParentId=churn)["OrganizationalUnits"]
    assert [child["Name"] for child in found] == ["fraud"]
    assert refusal(organizations.create_organizational_unit, ParentId="r-none", Name="x") == "ParentNotFoundException"


def test_an_organization_has_no_more_accounts_than_its_quota(aws: EmulatedAws, organizations: Any) -> None:
    account = organizations.describe_organization()["Organization"]["MasterAccountId"]
    quotas = aws.client("service-quotas", account, region="us-east-1")
    (quota,) = quotas.list_service_quotas(ServiceCode="organizations")["Quotas"]
    assert (quota["QuotaName"], quota["Value"]) == ("Default maximum number of accounts", 100)
    asked = {"ServiceCode": "organizations", "QuotaCode": quota["QuotaCode"]}
    for number in range(99):
        organizations.create_account(Email=f"a{number}@acme.example", AccountName="a")
    one_more = {"Email": "more@acme.example", "AccountName": "more"}
    status = organizations.create_account(**one_more)["CreateAccountStatus"]
    assert (status["State"], status["FailureReason"]) == ("FAILED", "ACCOUNT_LIMIT_EXCEEDED")
    raised = quotas.request_service_quota_increase(**asked, DesiredValue=101)["RequestedQuota"]
    assert raised["Status"] == "PENDING"
    looked_at = quotas.get_requested_service_quota_change(RequestId=raised["Id"])["RequestedQuota"]
    assert (looked_at["Status"], looked_at["DesiredValue"]) == ("APPROVED", 101)
    assert quotas.get_aws_default_service_quota(**asked)["Quota"]["Value"] == 10
    assert organizations.create_account(**one_more)["CreateAccountStatus"]["State"] != "FAILED"
    assert quotas.get_service_quota(**asked)["Quota"]["Value"] == 101
    increase = quotas.request_service_quota_increase
    assert refusal(increase, **asked, DesiredValue=101) == "IllegalArgumentException"
    unknown = {**asked, "QuotaCode": "L-00000000"}
    assert refusal(quotas.get_service_quota, **unknown) == "NoSuchResourceException"
    assert refusal(aws.client("service-quotas", account).get_service_quota, **asked) == "NoSuchResourceException"


def test_an_account_has_quotas_of_studio_apps_in_each_region(aws: EmulatedAws, organizations: Any) -> None:
    member = organizations.create_account(Email="studio@acme.example", AccountName="studio")["CreateAccountStatus"]
    quotas = aws.client("service-quotas", member["AccountId"])
    listed = {entry["QuotaName"]: entry for entry in quotas.list_service_quotas(ServiceCode="sagemaker")["Quotas"]}
    quota = listed["Studio JupyterLab Apps running on ml.g4dn.2xlarge instances"]
    assert (quota["Value"], quota["GlobalQuota"]) == (0, False)
    asked = {"ServiceCode": "sagemaker", "QuotaCode": quota["QuotaCode"]}
    quotas.request_service_quota_increase(**asked, DesiredValue=2)
    assert quotas.get_service_quota(**asked)["Quota"]["Value"] == 2
    elsewhere = aws.client("service-quotas", member["AccountId"], region="us-east-1")
    assert elsewhere.get_service_quota(**asked)["Quota"]["Value"] == 0


def test_an_email_address_belongs_to_one_account_ignoring_case(organizations: Any) -> None:
    organizations.create_account(Email="audit@acme.example", AccountName="audit")
    before = names(organizations)
    status = organizations.create_account(Email="Audit@ACME.example", AccountName="other")["CreateAccountStatus"]
    assert (status["State"], status["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS")
    asked = organizations.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
    assert asked == status
    assert organizations.list_create_account_status(States=["FAILED"])["CreateAccountStatuses"] == [status]
    succeeded = organizations.list_create_account_status(States=["SUCCEEDED"])["CreateAccountStatuses"]
    assert status["Id"] not in [account_status["Id"] for account_status in succeeded]
    assert names(organizations) == before


def test_every_operation_returns_the_new_name_of_an_account(aws: EmulatedAws) -> None:
    management = str(next(_numbers))
    organizations, names_of = aws.client("organizations", management), aws.client("account", management)
    organizations.create_organization(FeatureSet="ALL")
    organizations.enable_aws_service_access(ServicePrincipal=SERVICE_ACCESS)
    created = organizations.create_account(Email="build@acme.example", AccountName="acme-development")
    member = created["CreateAccountStatus"]["AccountId"]
    names_of.put_account_name(AccountId=member, AccountName="acme-build")
    assert names(organizations)[member] == "acme-build"
    assert organizations.describe_account(AccountId=member)["Account"]["Name"] == "acme-build"
    assert names_of.get_account_information(AccountId=member)["AccountName"] == "acme-build"
    own = aws.client("account", member)
    assert own.get_account_information()["AccountName"] == "acme-build"
    own.put_account_name(AccountName="acme-training")
    assert names(organizations)[member] == "acme-training"
    assert organizations.list_accounts_for_parent(ParentId=root_of(organizations))["Accounts"][-1]["Id"] == member


def test_the_management_account_is_renamed_on_its_own_and_its_organization_can_go(aws: EmulatedAws) -> None:
    management = str(next(_numbers))
    account = aws.client("account", management)
    account.put_account_name(AccountName="acme")
    assert account.get_account_information()["AccountName"] == "acme"
    organizations = aws.client("organizations", management)
    organizations.create_organization(FeatureSet="ALL")
    assert names(organizations) == {management: "acme"}
    account.put_account_name(AccountName="acme-management")
    assert names(organizations) == {management: "acme-management"}
    organizations.delete_organization()
    assert refusal(organizations.list_accounts) == "AWSOrganizationsNotInUseException"


def test_an_account_can_be_renamed_only_by_authorized_callers(aws: EmulatedAws) -> None:
    management = str(next(_numbers))
    organizations, account = aws.client("organizations", management), aws.client("account", management)
    organizations.create_organization(FeatureSet="ALL")
    created = organizations.create_account(Email="data@acme.example", AccountName="acme-data")
    member = created["CreateAccountStatus"]["AccountId"]

    def reason(**whose: str) -> str:
        with pytest.raises(ClientError, match="AccessDeniedException") as refused:
            account.put_account_name(AccountName="taken-over", **whose)
        return str(refused.value)

    assert "must first enable trusted access" in reason(AccountId=member)
    organizations.enable_aws_service_access(ServicePrincipal=SERVICE_ACCESS)
    assert "standalone context" in reason(AccountId=management)
    assert "is not a member" in reason(AccountId=MANAGEMENT)
    assert set(names(organizations).values()) == {"master", "acme-data"}
    assert refusal(organizations.delete_organization) == "OrganizationNotEmptyException"


def test_sharing_with_the_organization_needs_more_than_trusted_access(aws: EmulatedAws) -> None:
    management = str(next(_numbers))
    organizations = aws.client("organizations", management)
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]
    unit = organizations.create_organizational_unit(ParentId=root_of(organizations), Name="Data")["OrganizationalUnit"]
    accounts = [
        organizations.create_account(Email=f"{name}@sharing.example", AccountName=name)["CreateAccountStatus"]
        for name in ("sharing-owner", "sharing-reader")
    ]
    owner, reader = (account["AccountId"] for account in accounts)
    ram = aws.client("ram", owner)
    principals = {
        organization["Arn"]: "UnknownResourceException",
        unit["Arn"]: "UnknownResourceException",
        reader: "OperationNotPermittedException",
    }
    organizations.enable_aws_service_access(ServicePrincipal="ram.amazonaws.com")
    closed = ram.create_resource_share(name="closed", allowExternalPrincipals=False)["resourceShare"]
    share = {"resourceShareArn": closed["resourceShareArn"]}
    for principal, error in principals.items():
        assert refusal(ram.associate_resource_share, **share, principals=[principal]) == error
        created = {"name": "new", "allowExternalPrincipals": False, "principals": [principal]}
        assert refusal(ram.create_resource_share, **created) == error
    assert refusal(ram.enable_sharing_with_aws_organization) == "OperationNotPermittedException"

    for _ in range(2):  # enabling it again changes nothing
        assert aws.client("ram", management).enable_sharing_with_aws_organization()["returnValue"]
    for principal in principals:
        ram.associate_resource_share(**share, principals=[principal])
    stranger = str(next(_numbers))
    refused = refusal(ram.associate_resource_share, **share, principals=[stranger])
    assert refused == "OperationNotPermittedException"
    organizations.disable_aws_service_access(ServicePrincipal="ram.amazonaws.com")
    refused = refusal(ram.associate_resource_share, **share, principals=[reader])
    assert refused == "OperationNotPermittedException"
