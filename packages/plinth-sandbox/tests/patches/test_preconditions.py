"""Requests that AWS refuses because of other resources, quotas or a grammar."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from plinth_sandbox.testing import REGION, EmulatedAws, refusal

LOCATION = {"LocationConstraint": REGION}
MISSING_GROUP = "sg-0123456789abcdef0"
MISSING_SUBNET = "subnet-0123456789abcdef0"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def policy_of(size: int) -> str:
    """Returns an IAM policy with exactly this size, white space not counted."""
    empty = document({**READ, "Resource": "arn:aws:s3:::b/"})
    return document({**READ, "Resource": f"arn:aws:s3:::b/{'x' * (size - len(''.join(empty.split())))}"})


def trusting(principal: Any, **elements: Any) -> str:
    return document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **elements})


LAMBDA = trusting({"Service": "lambda.amazonaws.com"})


# IAM


def test_a_managed_policy_fits_its_quota(aws: EmulatedAws, account: str) -> None:
    iam = aws.client("iam", account)
    arn = iam.create_policy(PolicyName="longest", PolicyDocument=policy_of(6_144))["Policy"]["Arn"]
    assert refusal(iam.create_policy, PolicyName="long", PolicyDocument=policy_of(6_145)) == "LimitExceeded"
    assert refusal(iam.create_policy_version, PolicyArn=arn, PolicyDocument=policy_of(6_145)) == "LimitExceeded"


def test_the_inline_policies_of_a_role_fit_their_quota_in_sum(aws: EmulatedAws, account: str) -> None:
    iam = aws.client("iam", account)
    iam.create_role(RoleName="inline", AssumeRolePolicyDocument=LAMBDA)
    put = {"RoleName": "inline", "PolicyName": "first"}
    iam.put_role_policy(**put, PolicyDocument=policy_of(6_000))
    iam.put_role_policy(**put, PolicyDocument=policy_of(5_000))
    second = {"RoleName": "inline", "PolicyName": "second"}
    assert refusal(iam.put_role_policy, **second, PolicyDocument=policy_of(5_241)) == "LimitExceeded"
    iam.put_role_policy(**second, PolicyDocument=policy_of(5_240))


def test_a_trust_policy_fits_its_quota(aws: EmulatedAws, account: str) -> None:
    iam = aws.client("iam", account)
    long = trusting({"Service": "lambda.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceArn": "x" * 2_000}})
    assert refusal(iam.create_role, RoleName="long", AssumeRolePolicyDocument=long) == "LimitExceeded"
    iam.create_role(RoleName="updated", AssumeRolePolicyDocument=LAMBDA)
    assert refusal(iam.update_assume_role_policy, RoleName="updated", PolicyDocument=long) == "LimitExceeded"


def test_a_role_has_at_most_ten_attached_policies(aws: EmulatedAws, account: str) -> None:
    iam = aws.client("iam", account)
    iam.create_role(RoleName="attached", AssumeRolePolicyDocument=LAMBDA)
    arns = [
        iam.create_policy(PolicyName=f"attached-{n}", PolicyDocument=document(READ))["Policy"]["Arn"] for n in range(11)
    ]
    for arn in arns[:10]:
        iam.attach_role_policy(RoleName="attached", PolicyArn=arn)
    iam.attach_role_policy(RoleName="attached", PolicyArn=arns[0])
    assert refusal(iam.attach_role_policy, RoleName="attached", PolicyArn=arns[10]) == "LimitExceeded"


@pytest.fixture(scope="module")
def trusted(aws: EmulatedAws, account: str) -> str:
    """Returns the name of a role that exists."""
    aws.client("iam", account).create_role(RoleName="trusted", AssumeRolePolicyDocument=LAMBDA)
    return "trusted"


def test_tags_of_aws_are_refused(aws: EmulatedAws, account: str, trusted: str) -> None:
    iam, s3 = aws.client("iam", account), aws.client("s3", account)
    tags = [{"Key": "AWS:owner", "Value": "me"}]
    assert refusal(iam.tag_role, RoleName=trusted, Tags=tags) == "InvalidInput"
    configuration = {"LocationConstraint": REGION, "Tags": tags}
    assert refusal(s3.create_bucket, Bucket="reserved-tags", CreateBucketConfiguration=configuration) == "InvalidTag"


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": "arn:aws:iam::{account}:role/trusted"},
        {"AWS": "arn:aws:iam::{account}:root"},
        {"AWS": "{account}"},
        {"AWS": "arn:aws:iam::111122223333:role/of-another-organization"},
        {"AWS": "arn:aws:sts::{account}:assumed-role/trusted/session"},
        {"Service": "glue.amazonaws.com"},
    ],
)
def test_a_policy_names_principals_that_exist(
    aws: EmulatedAws, account: str, trusted: str, principal: dict[str, Any]
) -> None:
    policy = trusting(principal).replace("{account}", account)
    iam = aws.client("iam", account)
    iam.update_assume_role_policy(RoleName=trusted, PolicyDocument=policy)
    assert iam.get_role(RoleName=trusted)["Role"]["AssumeRolePolicyDocument"] == json.loads(policy)


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": "arn:aws:iam::{account}:role/missing"},
        {"AWS": "arn:aws:iam::{account}:role/*"},
        {"AWS": "arn:aws:iam::{account}:user/missing"},
        {"AWS": ["{account}", "arn:aws:sts::{account}:assumed-role/missing/session"]},
        {"AWS": "trusted"},
        {"Service": "glue"},
    ],
)
def test_a_policy_that_names_a_missing_principal_is_refused(
    aws: EmulatedAws, account: str, trusted: str, principal: dict[str, Any]
) -> None:
    policy = trusting(principal).replace("{account}", account)
    update = aws.client("iam", account).update_assume_role_policy
    assert refusal(update, RoleName=trusted, PolicyDocument=policy) == "MalformedPolicyDocument"


# S3


@pytest.fixture(scope="module")
def bucket(aws: EmulatedAws, account: str) -> str:
    aws.client("s3", account).create_bucket(Bucket="preconditions", CreateBucketConfiguration=LOCATION)
    return "preconditions"


INSIDE = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::preconditions/*"}


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        (INSIDE, None),
        ({**INSIDE, "Resource": ["arn:aws:s3:::preconditions", "arn:aws:s3:::preconditions/a/*"]}, None),
        ({**INSIDE, "Resource": "arn:aws:s3:::precondition*/a"}, None),
        ({**INSIDE, "Resource": "arn:aws:s3:::another/*"}, "MalformedPolicy"),
        ({**INSIDE, "Resource": "preconditions/*"}, "MalformedPolicy"),
        ({**INSIDE, "Action": ["s3:GetObject", "sqs:SendMessage"]}, "MalformedPolicy"),
        ({**INSIDE, "Sid": "x" * 20_480}, "PolicyTooLarge"),
        ({name: value for name, value in INSIDE.items() if name != "Principal"}, "MalformedPolicy"),
    ],
)
def test_a_bucket_policy_is_about_its_bucket(
    aws: EmulatedAws, account: str, bucket: str, statement: dict[str, Any], error: str | None
) -> None:
    put, parameters = aws.client("s3", account).put_bucket_policy, {"Bucket": bucket, "Policy": document(statement)}
    if error is None:
        put(**parameters)
    else:
        assert refusal(put, **parameters) == error


def moved(*steps: tuple[int, str], **more: Any) -> dict[str, Any]:
    return {"Transitions": [{"Days": days, "StorageClass": kind} for days, kind in steps], **more}


@pytest.mark.parametrize(
    ("actions", "error"),
    [
        (moved((30, "STANDARD_IA"), (60, "GLACIER"), Expiration={"Days": 90}), None),
        (moved((0, "GLACIER")), None),
        (moved((0, "INTELLIGENT_TIERING"), Expiration={"Days": 1}), None),
        (moved((29, "STANDARD_IA")), "InvalidArgument"),
        (moved((29, "ONEZONE_IA")), "InvalidArgument"),
        (moved((60, "STANDARD_IA"), (60, "GLACIER")), "InvalidArgument"),
        (moved((90, "STANDARD_IA"), (60, "GLACIER")), "InvalidArgument"),
        (moved((60, "GLACIER"), Expiration={"Days": 60}), "InvalidArgument"),
        (
            {
                "NoncurrentVersionTransitions": [{"NoncurrentDays": 30, "StorageClass": "STANDARD_IA"}],
                "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            },
            "InvalidArgument",
        ),
        ({}, "InvalidRequest"),
    ],
)
def test_the_actions_of_a_lifecycle_rule_follow_each_other(
    aws: EmulatedAws, account: str, bucket: str, actions: dict[str, Any], error: str | None
) -> None:
    put = aws.client("s3", account).put_bucket_lifecycle_configuration
    rule = {"ID": "rule", "Status": "Enabled", "Filter": {"Prefix": ""}, **actions}
    if error is None:
        put(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    else:
        assert refusal(put, Bucket=bucket, LifecycleConfiguration={"Rules": [rule]}) == error


def test_two_lifecycle_rules_have_two_names(aws: EmulatedAws, account: str, bucket: str) -> None:
    rule = {"ID": "same", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    put = aws.client("s3", account).put_bucket_lifecycle_configuration
    assert refusal(put, Bucket=bucket, LifecycleConfiguration={"Rules": [rule, rule]}) == "InvalidArgument"


def test_a_locked_bucket_keeps_its_versions(aws: EmulatedAws, account: str) -> None:
    s3 = aws.client("s3", account)
    locked = {"Bucket": "preconditions-locked"}
    s3.create_bucket(**locked, CreateBucketConfiguration=LOCATION, ObjectLockEnabledForBucket=True)
    suspended = {"VersioningConfiguration": {"Status": "Suspended"}}
    assert refusal(s3.put_bucket_versioning, **locked, **suspended) == "InvalidBucketState"


# KMS


OWNER = {"Effect": "Allow", "Principal": {"AWS": "{account}"}, "Action": "kms:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("statements", "error"),
    [
        ([OWNER], None),
        ([{**OWNER, "Action": ["kms:Put*", "kms:Get*"]}], None),
        ([{**OWNER, "Action": ["kms:Encrypt"]}], "MalformedPolicyDocumentException"),
        ([{**OWNER, "Principal": {"AWS": "111122223333"}}], "MalformedPolicyDocumentException"),
        ([{**OWNER, "Principal": {"Service": "logs.amazonaws.com"}}], "MalformedPolicyDocumentException"),
        ([OWNER, {**OWNER, "Effect": "Deny", "Principal": "*"}], "MalformedPolicyDocumentException"),
        (
            [OWNER, {**OWNER, "Principal": {"AWS": "arn:aws:iam::{account}:role/missing"}}],
            "MalformedPolicyDocumentException",
        ),
        ([{**OWNER, "Sid": "x" * 32_768}], "LimitExceededException"),
    ],
)
def test_a_key_policy_keeps_the_key_manageable(
    aws: EmulatedAws, account: str, statements: list[dict[str, Any]], error: str | None
) -> None:
    create, policy = aws.client("kms", account).create_key, document(*statements).replace("{account}", account)
    if error is None:
        create(Policy=policy)
    else:
        assert refusal(create, Policy=policy) == error


def test_a_locked_out_key_is_made_only_on_purpose(aws: EmulatedAws, account: str) -> None:
    kms = aws.client("kms", account)
    policy = document({**OWNER, "Principal": {"AWS": account}, "Action": "kms:Encrypt"})
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    put = {"KeyId": key, "PolicyName": "default", "Policy": policy}
    assert refusal(kms.put_key_policy, **put) == "MalformedPolicyDocumentException"
    kms.put_key_policy(**put, BypassPolicyLockoutSafetyCheck=True)


def test_a_grant_is_for_a_key_that_exists(aws: EmulatedAws, account: str) -> None:
    grant = {"GranteePrincipal": f"arn:aws:iam::{account}:root", "Operations": ["Decrypt"]}
    key = "11111111-1111-1111-1111-111111111111"
    assert refusal(aws.client("kms", account).create_grant, KeyId=key, **grant) == "NotFoundException"


# Organizations


DENIAL = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
EVERYBODY = {"Principal": "*"}


@pytest.mark.parametrize(
    ("kind", "statement", "accepted"),
    [
        (SCP, DENIAL, True),
        (SCP, {"Effect": "Allow", "NotAction": "s3:*", "NotResource": "arn:aws:s3:::b/*", "Condition": {}}, True),
        (SCP, DENIAL | EVERYBODY, False),
        (SCP, {**DENIAL, "NotPrincipal": "*"}, False),
        (SCP, {**DENIAL, "NotResource": "*"}, False),
        (SCP, {**DENIAL, "NotAction": "*"}, False),
        (SCP, {**DENIAL, "Effect": "Refuse"}, False),
        (RCP, DENIAL | EVERYBODY, True),
        (RCP, {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::b/*"} | EVERYBODY, True),
        (RCP, DENIAL, False),
        (RCP, {**DENIAL, "Principal": {"AWS": "111122223333"}}, False),
        (RCP, {**DENIAL, "Effect": "Allow"} | EVERYBODY, False),
        (RCP, {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"} | EVERYBODY, False),
    ],
)
def test_a_control_policy_follows_the_grammar_of_its_type(
    aws: EmulatedAws, account: str, kind: str, statement: dict[str, Any], accepted: bool
) -> None:
    organizations = aws.client("organizations")
    create = {"Type": kind, "Name": f"grammar-{kind}", "Description": ""}
    if accepted:
        made = organizations.create_policy(**create, Content=document(statement))["Policy"]["PolicySummary"]["Id"]
        update = {"PolicyId": made, "Content": "{"}
        assert refusal(organizations.update_policy, **update) == "MalformedPolicyDocumentException"
        organizations.delete_policy(PolicyId=made)
    else:
        refused = refusal(organizations.create_policy, **create, Content=document(statement))
        assert refused == "MalformedPolicyDocumentException"


# EC2


class Network:
    """A VPC with a subnet and a security group."""

    def __init__(self, ec2: Any) -> None:
        self.ec2 = ec2
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self.add_subnet("10.0.0.0/24")
        self.group = ec2.create_security_group(GroupName="own", Description="own", VpcId=self.vpc)["GroupId"]
        self.service = f"com.amazonaws.{REGION}.sqs"

    def add_subnet(self, block: str) -> str:
        zone = f"{REGION}a"
        created = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=block, AvailabilityZone=zone)
        return str(created["Subnet"]["SubnetId"])

    def endpoint(self, **parameters: Any) -> dict[str, Any]:
        return {
            "VpcId": self.vpc,
            "VpcEndpointType": "Interface",
            "ServiceName": self.service,
            "SubnetIds": [self.subnet],
            "SecurityGroupIds": [self.group],
            **parameters,
        }


@pytest.fixture
def network(aws: EmulatedAws, account: str) -> Network:
    return Network(aws.client("ec2", account))


def test_an_endpoint_refers_to_what_exists(network: Network) -> None:
    def refused(**parameters: Any) -> str:
        return refusal(network.ec2.create_vpc_endpoint, **network.endpoint(**parameters))

    assert refused(SecurityGroupIds=[MISSING_GROUP]) == "InvalidGroup.NotFound"
    assert refused(SubnetIds=[MISSING_SUBNET]) == "InvalidSubnetID.NotFound"
    assert refused(SubnetIds=[network.subnet, network.add_subnet("10.0.1.0/24")]) == "DuplicateSubnetsInSameZone"
    assert refused(ServiceName=f"com.amazonaws.{REGION}.nosuch") == "InvalidServiceName"
    assert refused(ServiceName="com.amazonaws.us-east-1.sqs") == "InvalidServiceName"
    assert refused(ServiceName="com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0") == "InvalidServiceName"
    assert refused(ServiceName=f"com.amazonaws.{REGION}.studio") == "InvalidServiceName"
    assert refused(PolicyDocument=document({**DENIAL, "Sid": "x" * 20_480})) == "InvalidPolicyDocument"
    assert refused(PrivateDnsEnabled=True) == "InvalidParameter"


def test_a_private_name_belongs_to_one_endpoint_of_a_vpc(network: Network) -> None:
    network.ec2.modify_vpc_attribute(VpcId=network.vpc, EnableDnsHostnames={"Value": True})
    named = network.endpoint(PrivateDnsEnabled=True)
    network.ec2.create_vpc_endpoint(**named)
    assert refusal(network.ec2.create_vpc_endpoint, **named) == "InvalidParameter"
    network.ec2.create_vpc_endpoint(**named | {"ServiceName": f"aws.sagemaker.{REGION}.studio"})


def test_an_endpoint_is_changed_to_what_exists(network: Network) -> None:
    made = network.ec2.create_vpc_endpoint(**network.endpoint())["VpcEndpoint"]["VpcEndpointId"]

    def refused(**parameters: Any) -> str:
        return refusal(network.ec2.modify_vpc_endpoint, VpcEndpointId=made, **parameters)

    assert refused(AddSecurityGroupIds=[MISSING_GROUP]) == "InvalidGroup.NotFound"
    assert refused(AddSubnetIds=[MISSING_SUBNET]) == "InvalidSubnetID.NotFound"
    assert refused(AddRouteTableIds=["rtb-0123456789abcdef0"]) == "InvalidRouteTableID.NotFound"
    assert refused(PolicyDocument=document({**DENIAL, "Sid": "x" * 20_480})) == "InvalidPolicyDocument"


def test_a_network_is_deleted_after_what_is_in_it(network: Network) -> None:
    ec2 = network.ec2
    made = ec2.create_vpc_endpoint(**network.endpoint())["VpcEndpoint"]["VpcEndpointId"]
    assert refusal(ec2.delete_security_group, GroupId=network.group) == "DependencyViolation"
    assert refusal(ec2.delete_subnet, SubnetId=network.subnet) == "DependencyViolation"
    assert refusal(ec2.delete_vpc, VpcId=network.vpc) == "DependencyViolation"
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made])
    ec2.delete_subnet(SubnetId=network.subnet)
    assert refusal(ec2.delete_vpc, VpcId=network.vpc) == "DependencyViolation"
    ec2.delete_security_group(GroupId=network.group)
    ec2.delete_vpc(VpcId=network.vpc)


@pytest.mark.parametrize("attached", [True, False])
def test_a_vpc_outlives_its_gateways(network: Network, attached: bool) -> None:
    ec2 = network.ec2
    ec2.delete_security_group(GroupId=network.group)
    ec2.delete_subnet(SubnetId=network.subnet)
    if attached:
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc)
    else:
        ec2.create_vpc_endpoint(VpcId=network.vpc, ServiceName=f"com.amazonaws.{REGION}.s3")
    assert refusal(ec2.delete_vpc, VpcId=network.vpc) == "DependencyViolation"


def test_a_deleted_nat_gateway_leaves_its_subnet_free(network: Network) -> None:
    nat = network.ec2.create_nat_gateway(SubnetId=network.subnet, ConnectivityType="private")["NatGateway"]
    assert refusal(network.ec2.delete_subnet, SubnetId=network.subnet) == "DependencyViolation"
    network.ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    network.ec2.delete_subnet(SubnetId=network.subnet)


def test_a_route_leads_to_a_gateway_that_exists(network: Network) -> None:
    table = network.ec2.create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-0123456789abcdef0"}
    assert refusal(network.ec2.create_route, **route) == "InvalidNatGatewayID.NotFound"


# Schedules


def test_services_refuse_a_schedule_that_they_cannot_read(aws: EmulatedAws, account: str) -> None:
    events, glue, scheduler = (aws.client(service, account) for service in ("events", "glue", "scheduler"))
    assert refusal(events.put_rule, Name="r", ScheduleExpression="cron(0 3 * * *)") == "ValidationException"
    assert refusal(events.put_rule, Name="r", ScheduleExpression="rate(1 minutes)") == "ValidationException"
    events.put_rule(Name="r", ScheduleExpression="rate(1 minute)")
    trigger = {"Name": "t", "Type": "SCHEDULED", "Actions": [{"JobName": "j"}]}
    assert refusal(glue.create_trigger, **trigger, Schedule="cron(99 3 * * ? *)") == "InvalidInputException"
    glue.create_trigger(**trigger, Schedule="cron(9 3 * * ? *)")
    update = {"Name": "t", "TriggerUpdate": {"Schedule": "rate(1 hour)"}}
    assert refusal(glue.update_trigger, **update) == "InvalidInputException"
    target = {"Arn": f"arn:aws:sqs:{REGION}:{account}:q", "RoleArn": f"arn:aws:iam::{account}:role/r"}
    schedule = {"Name": "s", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    refused = refusal(scheduler.create_schedule, **schedule, ScheduleExpression="cron(0 3 * * *)")
    assert refused == "ValidationException"


# Documents of services


def rule(priority: object, **selection: Any) -> dict[str, Any]:
    counted = {"countType": "imageCountMoreThan", "countNumber": 5}
    return {"rulePriority": priority, "selection": selection | counted, "action": {"type": "expire"}}


TAGGED = {"tagStatus": "tagged", "tagPrefixList": ["v"]}
LAST = {"tagStatus": "any"}


@pytest.mark.parametrize(
    "rules",
    [
        [rule(1, **TAGGED), rule(1, **LAST)],
        [rule(0, **LAST)],
        [rule("1", **LAST)],
        [rule(1, tagStatus="tagged")],
        [rule(1, **TAGGED, tagPatternList=["v*"])],
        [rule(1, tagStatus="untagged", tagPrefixList=["v"])],
        [rule(1, tagStatus="tagged", tagPatternList=["*a*b*c*d*"])],
        [rule(1, tagStatus="every")],
        [rule(1, **LAST), rule(2, **TAGGED)],
    ],
)
def test_a_lifecycle_policy_of_ecr_has_complete_rules_in_an_order(
    aws: EmulatedAws, account: str, rules: list[dict[str, Any]]
) -> None:
    ecr = aws.client("ecr", account)
    name = "images"
    if name not in [repository["repositoryName"] for repository in ecr.describe_repositories()["repositories"]]:
        ecr.create_repository(repositoryName=name)
    put = {"repositoryName": name, "lifecyclePolicyText": json.dumps({"rules": rules})}
    assert refusal(ecr.put_lifecycle_policy, **put) == "InvalidParameterException"
    complete = [rule(1, **TAGGED), rule(2, tagStatus="tagged", tagPatternList=["*a*b*c*"]), rule(9, **LAST)]
    ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=json.dumps({"rules": complete}))


def test_the_digest_of_an_image_is_that_of_its_manifest(aws: EmulatedAws, account: str) -> None:
    ecr = aws.client("ecr", account)
    ecr.create_repository(repositoryName="digests")
    for tag in ("a", "b"):
        manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "a": tag})
        put = {"repositoryName": "digests", "imageTag": tag, "imageManifest": manifest}
        digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
        other = {**put, "imageDigest": f"sha256:{'0' * 64}"}
        assert refusal(ecr.put_image, **other) == "ImageDigestDoesNotMatchException"
        assert ecr.put_image(**put)["image"]["imageId"]["imageDigest"] == digest


def test_the_inline_policy_of_a_permission_set_is_an_identity_policy_within_its_quota(aws: EmulatedAws) -> None:
    sso = aws.client("sso-admin")
    instance = sso.list_instances()["Instances"][0]["InstanceArn"]
    made = sso.create_permission_set(InstanceArn=instance, Name="Checked")["PermissionSet"]["PermissionSetArn"]
    put = {"InstanceArn": instance, "PermissionSetArn": made}
    refused = [
        document(READ | {"Principal": "*"}),
        document(READ | {"Actions": "s3:GetObject"}),
        document(),
        "no document",
    ]
    for policy in refused:
        assert refusal(sso.put_inline_policy_to_permission_set, **put, InlinePolicy=policy) == "ValidationException", (
            policy
        )
    long = refusal(sso.put_inline_policy_to_permission_set, **put, InlinePolicy=policy_of(10_241))
    assert long == "ServiceQuotaExceededException"
    sso.put_inline_policy_to_permission_set(**put, InlinePolicy=policy_of(10_240))


def machine(start: str, **states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": start, "States": states}


END = {"Type": "Succeed"}


@pytest.mark.parametrize(
    "definition",
    [
        {"StartAt": "A"},
        machine("B", A=END),
        machine("A", A={"Type": "Pass", "Next": "B"}),
        machine("A", A={"Type": "Choice", "Choices": [{"Next": "B"}], "Default": "A"}),
        machine("A", A={"Type": "Choice", "Choices": [{"Next": "A"}], "Default": "B"}),
        machine("A", A={"Type": "Task", "Catch": [{"Next": "B"}], "End": True}),
        machine("A", A={"Type": "Parallel", "Branches": [machine("B", C=END)], "End": True}),
        machine("A", A={"Type": "Map", "ItemProcessor": machine("B", C=END), "End": True}),
    ],
)
def test_a_state_machine_refers_to_states_that_exist(
    aws: EmulatedAws, account: str, definition: dict[str, Any]
) -> None:
    machines = aws.client("stepfunctions", account)
    given = {"name": "checked", "roleArn": f"arn:aws:iam::{account}:role/r", "definition": json.dumps(definition)}
    assert refusal(machines.create_state_machine, **given) == "InvalidDefinition"
