"""Tests of resources that readers consider declared, made by AWS, or added, with answers in the form of AWS."""

from __future__ import annotations

import fnmatch
import json
from datetime import UTC, datetime

import boto3
import botocore.session
import pytest
from botocore.stub import ANY, Stubber

from components.identity.reviews.undeclared_reads import UNDECLARED_READS, UNDECLARED_READS_IN_MANAGEMENT
from selfservice.engine.account_access import Account
from selfservice.undeclared.declared import Declared
from selfservice.undeclared.finding import Danger
from selfservice.undeclared.organization import OrganizationAccounts
from selfservice.undeclared.readers import buckets, iam, kms, network, ram, resource_policies, shared_copies
from selfservice.undeclared.readers.policy_listings import LISTINGS
from selfservice.undeclared.reading import Reading
from selfservice.undeclared.search import SearchedAccount, search
from selfservice.undeclared.services import SERVICES, Service, Where

OWN, OTHER, STRANGER, MANAGEMENT = "111111111111", "222222222222", "999999999999", "333333333333"
REGION = "eu-west-1"
ORGANIZATION = OrganizationAccounts(
    id="o-exampleorg", management=MANAGEMENT, names={OWN: "own", OTHER: "other", MANAGEMENT: "management"}
)
SINCE = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
PROVIDER = {
    "urn": "urn:p",
    "type": "pulumi:providers:aws",
    "inputs": {"allowedAccountIds": f'["{OWN}"]', "region": REGION},
}


def state(*resources):
    """A state with these resources: type, id and properties of each."""
    made = [
        {"urn": f"urn:{number}", "type": type_, "id": id_, "provider": "urn:p::1", "outputs": properties}
        for number, (type_, id_, properties) in enumerate(resources)
    ]
    return [PROVIDER, *made]


class Stubs:
    """Clients that answer what a test says, in the order in which it says it, and check names and shapes."""

    def __init__(self):
        self.account = Account(OWN, REGION, None)
        self.stubs = []

    def answer(self, service, **operations):
        client = boto3.client(service, REGION, aws_access_key_id="a", aws_secret_access_key="b")
        stub = Stubber(client)
        for operation, answer in operations.items():
            name, _, _ = operation.partition("__")
            if isinstance(answer, str):
                stub.add_client_error(name, answer)
            else:
                stub.add_response(name, answer, dict.fromkeys(answer.pop("_asked", ()), ANY) or None)
        stub.activate()
        self.stubs.append(stub)
        self.account._clients[service] = client

    def read(self, reader, *resources, secrets_keys=frozenset()):
        unread = []
        reading = Reading(
            account=self.account,
            service="service",
            declared=Declared([state(*resources)], secrets_keys),
            organization=ORGANIZATION,
            unread=unread,
        )
        found = list(reader(reading))
        for stub in self.stubs:
            stub.assert_no_pending_responses()
        return found, unread


@pytest.fixture
def aws():
    return Stubs()


def role(name, trusted, path="/", **others):
    trust = {"Statement": [{"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}]}
    return {
        "RoleName": name,
        "Path": path,
        "Arn": f"arn:aws:iam::{OWN}:role{path}{name}",
        "AssumeRolePolicyDocument": trust,
        "CreateDate": SINCE,
        **others,
    }


def details(*roles, policies=()):
    # botocore leaves documents encoded in a stubbed answer, and decodes them in a real one.
    return {"RoleDetailList": list(roles), "UserDetailList": [], "GroupDetailList": [], "Policies": list(policies)}


def iam_of(monkeypatch, aws, pages, summary=0):
    aws.answer(
        "iam",
        list_open_id_connect_providers={"OpenIDConnectProviderList": []},
        list_saml_providers={
            "SAMLProviderList": [{"Arn": f"arn:aws:iam::{OWN}:saml-provider/AWSSSO_0123_DO_NOT_DELETE"}]
        },
        get_account_summary={"SummaryMap": {"AccountAccessKeysPresent": summary}},
    )
    monkeypatch.setattr(iam, "_pages", lambda _: iter(pages))


def test_roles_that_only_aws_can_have_made_are_no_findings(monkeypatch, aws):
    organization_role = role("OrganizationAccountAccessRole", {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"})
    made = [
        role("AWSServiceRoleForRAM", {"Service": "ram.amazonaws.com"}, "/aws-service-role/ram.amazonaws.com/"),
        role("AWSReservedSSO_Admin_1", {"Federated": "x"}, "/aws-reserved/sso.amazonaws.com/"),
        organization_role,
        role("declared", {"AWS": STRANGER}),
    ]
    iam_of(monkeypatch, aws, [details(*made)])
    assert aws.read(iam.read, ("aws:iam/role:Role", "declared", {"name": "declared"})) == ([], [])


def test_a_role_that_borrows_a_name_of_aws_is_found(monkeypatch, aws):
    borrowed = [
        role("OrganizationAccountAccessRole", {"AWS": f"arn:aws:iam::{STRANGER}:root"}),
        role("AWSReservedSSO_Admin_1", {"AWS": f"arn:aws:iam::{OTHER}:root"}),
    ]
    iam_of(monkeypatch, aws, [details(*borrowed)])
    found, _ = aws.read(iam.read)
    assert [finding.danger for finding in found] == [Danger.OUTSIDE, Danger.ORGANIZATION]
    assert found[0].since == "2030-01-02T03:04:05+00:00"


def test_a_customer_policy_that_extends_access_makes_a_role_dangerous(monkeypatch, aws):
    arn = f"arn:aws:iam::{OWN}:policy/harmless"
    document = {"Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}}
    policy = {"Arn": arn, "PolicyVersionList": [{"IsDefaultVersion": True, "Document": document}]}
    worker = role(
        "w", {"Service": "lambda.amazonaws.com"}, AttachedManagedPolicies=[{"PolicyName": "harmless", "PolicyArn": arn}]
    )
    iam_of(monkeypatch, aws, [details(worker, policies=[policy])])
    ((found,), _) = aws.read(iam.read)
    assert found.danger is Danger.TAKE_OVER
    assert arn in found.allows


def test_access_keys_of_the_root_user_are_found(monkeypatch, aws):
    iam_of(monkeypatch, aws, [details()], summary=1)
    ((found,), _) = aws.read(iam.read)
    assert (found.danger, found.resource) == (Danger.TAKE_OVER, f"arn:aws:iam::{OWN}:root")


def grant(number, **changes):
    return {
        "KeyId": "k",
        "GrantId": f"g{number}",
        "GranteePrincipal": f"arn:aws:iam::{OWN}:role/r",
        "Operations": ["Decrypt"],
        "CreationDate": SINCE,
        **changes,
    }


def test_grants_that_services_make_for_themselves_are_no_findings(aws):
    key = {"KeyId": "k", "KeyArn": f"arn:aws:kms:{REGION}:{OWN}:key/k"}
    source = {"SourceArn": f"arn:aws:lambda:{REGION}:{STRANGER}:function:f"}
    grants = [
        grant(0, GranteePrincipal="sagemaker.eu-west-1.amazonaws.com"),
        grant(1, RetiringPrincipal="lambda.eu-west-1.amazonaws.com"),
        grant(2, GranteePrincipal=f"arn:aws:sts::{OWN}:assumed-role/aws:ec2-infrastructure/i-1"),
        grant(3, GranteePrincipal=f"arn:aws:iam::{STRANGER}:root", RetiringPrincipal="rds.amazonaws.com"),
        grant(4, GranteeServicePrincipal="lambda.amazonaws.com", Constraints=source),
        grant(5, Operations=["CreateGrant", "Decrypt"]),
        grant(6),
        grant(7),
    ]
    aws.answer("kms", list_keys={"Keys": [key]}, list_grants={"Grants": grants})
    declared = [("aws:kms/key:Key", "k", {"keyId": "k"}), ("aws:kms/grant:Grant", "x", {"grantId": "g7"})]
    found, unread = aws.read(kms.read, *declared)
    assert unread == []
    assert {finding.resource.rpartition("/")[2]: finding.danger for finding in found} == {
        "g3": Danger.OUTSIDE,
        "g4": Danger.OUTSIDE,
        "g5": Danger.TAKE_OVER,
        "g6": Danger.ACCOUNT,
    }


@pytest.mark.parametrize(
    ("named", "principal", "dangers"),
    [
        (set(), OWN, {Danger.ACCOUNT}),
        ({"k"}, OWN, set()),
        ({f"arn:aws:kms:{REGION}:{OWN}:key/k"}, OWN, set()),
        ({"alias/states"}, OWN, set()),
        ({"alias/others"}, OWN, {Danger.ACCOUNT}),
        ({"k"}, STRANGER, {Danger.OUTSIDE}),
    ],
)
def test_a_key_of_states_is_no_finding_unless_it_is_open(aws, named, principal, dangers):
    key = {"KeyId": "k", "KeyArn": f"arn:aws:kms:{REGION}:{OWN}:key/k"}
    described = {"KeyId": "k", "Arn": key["KeyArn"], "KeyManager": "CUSTOMER", "KeyState": "Enabled"}
    admitted = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{principal}:root"}, "Action": "kms:*"}
    policy = json.dumps({"Statement": [{**admitted, "Resource": "*"}]})
    aliases = {"list_aliases": {"Aliases": [{"AliasName": "alias/states", "TargetKeyId": "k"}]}}
    aws.answer(
        "kms",
        list_keys={"Keys": [key]},
        describe_key={"KeyMetadata": described},
        get_key_policy={"Policy": policy},
        **(aliases if any(name.startswith("alias/") for name in named) else {}),
        list_grants={"Grants": []},
    )
    found, _ = aws.read(kms.read, secrets_keys=frozenset(named))
    assert {finding.danger for finding in found} == dangers


def share(name, resources, principals):
    arn = f"arn:aws:ram:{REGION}:{OWN}:resource-share/{name}"
    described = {"resourceShareArn": arn, "name": name, "status": "ACTIVE", "creationTime": SINCE}
    associated = [
        [{"resourceShareArn": arn, "associatedEntity": entity, "status": "ASSOCIATED"} for entity in entities]
        for entities in (principals, resources)
    ]
    return described, *associated


def test_shares_of_lake_formation_are_left_to_its_grants_and_additions_to_declared_shares_are_found(aws):
    table, subnet = f"arn:aws:glue:{REGION}:{OWN}:catalog", f"arn:aws:ec2:{REGION}:{OWN}:subnet/s"
    shares = [
        share("LakeFormation-V3-1", [table], [OTHER]),
        share("LakeFormation-V3-2", [subnet], [OTHER]),
        share("declared", [subnet], [OTHER, STRANGER]),
        share("units", [subnet], [f"arn:aws:organizations::{MANAGEMENT}:ou/o-exampleorg/ou-1"]),
        share("ended", [subnet], [STRANGER]),
    ]
    shares[-1][0]["status"] = "DELETED"
    aws.answer(
        "ram",
        get_resource_share_associations__principals={
            "resourceShareAssociations": [o for resource_share in shares for o in resource_share[1]]
        },
        get_resource_share_associations__resources={
            "resourceShareAssociations": [o for resource_share in shares for o in resource_share[2]]
        },
        get_resource_shares={"resourceShares": [resource_share[0] for resource_share in shares]},
    )
    declared = shares[2][0]["resourceShareArn"]
    found, _ = aws.read(
        ram.read,
        ("aws:ram/resourceShare:ResourceShare", declared, {"arn": declared}),
        (ram.PRINCIPAL, "p", {"resourceShareArn": declared, "principal": OTHER}),
        (ram.RESOURCE, "r", {"resourceShareArn": declared, "resourceArn": subnet}),
    )
    assert {finding.resource.rpartition("/")[2]: (finding.danger, finding.principals) for finding in found} == {
        "LakeFormation-V3-2": (Danger.ORGANIZATION, (OTHER,)),
        "declared": (Danger.OUTSIDE, (STRANGER,)),
        "units": (Danger.ORGANIZATION, (f"arn:aws:organizations::{MANAGEMENT}:ou/o-exampleorg/ou-1",)),
    }


def test_a_public_bucket_is_found_and_one_that_cannot_be_read_is_noted(aws):
    public = {"Owner": {"ID": "me"}, "Grants": [
        {"Grantee": {"Type": "CanonicalUser", "ID": "me"}, "Permission": "FULL_CONTROL"},
        {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"},
    ]}  # fmt: skip
    aws.answer("s3control", get_public_access_block="NoSuchPublicAccessBlockConfiguration")
    aws.answer(
        "s3",
        list_buckets={"Buckets": [{"Name": "open"}, {"Name": "closed"}]},
        get_bucket_policy="NoSuchBucketPolicy",
        get_public_access_block="NoSuchPublicAccessBlockConfiguration",
        get_bucket_acl=public,
        get_bucket_policy__closed="AccessDenied",
        get_public_access_block__closed={
            "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "RestrictPublicBuckets": True}
        },
        get_bucket_acl__closed="AccessDenied",
    )
    found, unread = aws.read(buckets.read_buckets)
    assert [finding.danger for finding in found] == [Danger.ACCOUNT, Danger.OUTSIDE]
    assert [gap.what for gap in unread] == [
        "policy of the bucket closed",
        "access control list of the bucket closed",
    ]


def test_an_endpoint_service_is_as_dangerous_as_those_whom_it_admits(aws):
    aws.answer(
        "ec2",
        describe_vpc_peering_connections={"VpcPeeringConnections": []},
        describe_vpc_endpoint_service_configurations={"ServiceConfigurations": [{"ServiceId": "vpce-svc-1"}]},
        describe_vpc_endpoint_service_permissions={"AllowedPrincipals": [{"Principal": "*"}]},
    )
    ((found,), _) = aws.read(network.read)
    assert found.danger is Danger.OUTSIDE


def test_a_function_for_everyone_is_found(aws):
    (listing,) = (candidate for candidate in LISTINGS if candidate.service == "lambda")
    name = {"FunctionName": "f", "FunctionArn": f"arn:aws:lambda:{REGION}:{OWN}:function:f"}
    statement = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunctionUrl"}]}'
    aws.answer("lambda", list_functions={"Functions": [name]}, get_policy={"Policy": statement})
    ((found,), _) = aws.read(resource_policies.reader_of(listing))
    assert (found.danger, found.resource) == (Danger.OUTSIDE, name["FunctionArn"])


def test_a_copy_of_data_is_as_dangerous_as_those_with_whom_it_is_shared(aws):
    aws.answer(
        "ec2",
        describe_images={"Images": [{"ImageId": "ami-1"}]},
        describe_image_attribute={
            "LaunchPermissions": [
                {"UserId": OTHER},
                {"OrganizationArn": f"arn:aws:organizations::{MANAGEMENT}:organization/o-exampleorg"},
            ]
        },
        describe_snapshots={"Snapshots": [{"SnapshotId": "snap-1"}, {"SnapshotId": "snap-2"}]},
        describe_snapshot_attribute={"CreateVolumePermissions": [{"Group": "all"}]},
        describe_snapshot_attribute__2={"CreateVolumePermissions": []},
    )
    arn = f"arn:aws:rds:{REGION}:{OWN}"
    shared = [{"AttributeName": "restore", "AttributeValues": [OWN, STRANGER]}]
    aws.answer(
        "rds",
        describe_db_snapshots={"DBSnapshots": [{"DBSnapshotIdentifier": "s", "DBSnapshotArn": f"{arn}:snapshot:s"}]},
        describe_db_snapshot_attributes={"DBSnapshotAttributesResult": {"DBSnapshotAttributes": shared}},
        describe_db_cluster_snapshots={
            "DBClusterSnapshots": [
                {"DBClusterSnapshotIdentifier": "c", "DBClusterSnapshotArn": f"{arn}:cluster-snapshot:c"}
            ]
        },
        describe_db_cluster_snapshot_attributes={
            "DBClusterSnapshotAttributesResult": {
                "DBClusterSnapshotAttributes": [{"AttributeName": "restore", "AttributeValues": ["all"]}]
            }
        },
    )
    found, unread = aws.read(shared_copies.read)
    assert unread == []
    assert [(finding.danger, finding.resource.rpartition(":")[2], finding.principals[0][:12]) for finding in found] == [
        (Danger.ORGANIZATION, "image/ami-1", OTHER),
        (Danger.ORGANIZATION, "image/ami-1", "arn:aws:orga"),
        (Danger.OUTSIDE, "snapshot/snap-1", "everyone"),
        (Danger.OUTSIDE, "s", STRANGER),
        (Danger.OUTSIDE, "c", "everyone"),
    ]


def test_an_api_for_strangers_is_found_and_one_for_the_organization_is_that_of_a_release(aws):
    (listing,) = (candidate for candidate in LISTINGS if candidate.service == "apigateway")
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg"}}
    open_, closed = (
        json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", **more}})
        for more in ({}, {"Condition": condition})
    )
    # As API Gateway answers.
    escaped = json.dumps(open_)[1:-1]
    apis = [{"id": "open", "policy": escaped}, {"id": "closed", "policy": closed}, {"id": "none"}]
    aws.answer("apigateway", get_rest_apis={"items": apis})
    ((found,), unread) = aws.read(resource_policies.reader_of(listing))
    assert (found.danger, found.resource) == (Danger.OUTSIDE, f"arn:aws:apigateway:{REGION}::/restapis/open")
    assert unread == []


def test_a_service_is_not_asked_in_a_region_without_it(aws):
    listings = [candidate for candidate in LISTINGS if candidate.service == "codeartifact"]
    assert len(listings) == 2
    aws.account = Account(OWN, "eu-south-2", None)
    for listing in listings:
        assert aws.read(resource_policies.reader_of(listing)) == ([], [])


def test_an_account_that_cannot_be_entered_and_a_service_that_refuses_are_listed():
    stubs = Stubs()
    stubs.answer("sts", get_caller_identity="AccessDenied")
    result = search([SearchedAccount(regions=[stubs.account])], Declared([]), ORGANIZATION)
    assert [(gap.account, gap.what) for gap in result.unread] == [(OWN, "everything")]
    stubs = Stubs()
    stubs.answer("sts", get_caller_identity={"Account": OWN})
    stubs.answer("kms", list_keys="AccessDeniedException")
    services = [Service(name="KMS", read=kms.read, where=Where.EVERY_REGION)]
    result = search([SearchedAccount(regions=[stubs.account])], Declared([]), ORGANIZATION, services)
    assert [(gap.account, gap.region, gap.what) for gap in result.unread] == [(OWN, REGION, "KMS")]


def test_listings_without_a_paginator_are_read_to_the_end(aws):
    aws.answer(
        "lakeformation",
        list_resources={"ResourceInfoList": [{"ResourceArn": "one"}], "NextToken": "more"},
        list_resources__more={"ResourceInfoList": [{"ResourceArn": "two"}]},
    )
    reading = Reading(account=aws.account, service="Lake Formation", declared=Declared([]), organization=ORGANIZATION)
    found = reading.every("lakeformation", "list_resources", "ResourceInfoList")
    assert [resource["ResourceArn"] for resource in found] == ["one", "two"]


def test_services_are_named_once():
    names = [service.name for service in SERVICES]
    assert sorted(names) == sorted(set(names))


def test_reviews_may_call_operations_that_exist():
    """Actions whose names are those of operations. Some services have other names for them."""
    services = {"sso": "sso-admin", "elasticfilesystem": "efs"}
    renamed = {
        "s3:GetAccountPublicAccessBlock": "GetPublicAccessBlock",
        "s3:GetBucketPublicAccessBlock": "GetPublicAccessBlock",
        "s3:ListAllMyBuckets": "ListBuckets",
    }
    session = botocore.session.get_session()
    for action in UNDECLARED_READS | UNDECLARED_READS_IN_MANAGEMENT:
        service, _, name = action.partition(":")
        operation = renamed.get(action, name)
        models = [session.get_service_model(services.get(service, service))]
        if service == "s3":
            models.append(session.get_service_model("s3control"))
        assert any(fnmatch.filter(model.operation_names, operation) for model in models), action
