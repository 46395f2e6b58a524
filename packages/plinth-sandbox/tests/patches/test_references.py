"""Requests that refer to something that does not exist, cannot be used or is still used."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.testing import IMAGE_OF_AWS, REGION, EmulatedAws, refusal

MISSING_SUBNET, MISSING_GROUP = "subnet-0123456789abcdef0", "sg-0123456789abcdef0"
MISSING_KEY = f"arn:aws:kms:{REGION}:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
CONTAINER = {"Image": IMAGE_OF_AWS}
MACHINE = json.dumps({"StartAt": "done", "States": {"done": {"Type": "Succeed"}}})
FEATURES = [{"FeatureName": "card", "FeatureType": "String"}, {"FeatureName": "at", "FeatureType": "String"}]


class Site:
    """An account with one of everything that requests refer to."""

    def __init__(self, aws: EmulatedAws, account: str) -> None:
        self.aws, self.id = aws, account
        self.nobody = f"arn:aws:iam::{account}:role/nobody"
        self.role = aws.role("learns", "sagemaker", account)
        self.stranger = aws.role("stranger", "glue", account)
        ec2 = self("ec2")
        self.vpc, self.other_vpc = (ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] for _ in range(2))
        self.subnet, self.other_subnet = (self.new_subnet(vpc, 0) for vpc in (self.vpc, self.other_vpc))
        self.group = ec2.create_security_group(GroupName="a", Description="a", VpcId=self.vpc)["GroupId"]
        self.key = self("kms").create_key()["KeyMetadata"]["Arn"]
        self.doomed, self.disabled = (self("kms").create_key()["KeyMetadata"]["Arn"] for _ in range(2))
        self("kms").schedule_key_deletion(KeyId=self.doomed)
        self("kms").disable_key(KeyId=self.disabled)
        self.domain = self("sagemaker").create_domain(**self.studio())["DomainArn"].rpartition("/")[2]
        self("sagemaker").create_user_profile(DomainId=self.domain, UserProfileName="ada")
        self("sagemaker").create_space(**self.space("ada"))
        self("sagemaker").create_model(ModelName="m", PrimaryContainer=CONTAINER, ExecutionRoleArn=self.role)
        for bucket in ("refers-default", "refers"):
            location = {"LocationConstraint": REGION}
            self("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
        by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": MISSING_KEY}
        self("s3").put_bucket_encryption(
            Bucket="refers-default",
            ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": by_default}]},
        )

    def __call__(self, service: str) -> Any:
        return self.aws.client(service, self.id)

    def new_subnet(self, vpc: str, number: int, zone: str = "a") -> str:
        made = self("ec2").create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")
        return str(made["Subnet"]["SubnetId"])

    def studio(self, role: str = "", **changes: Any) -> dict[str, Any]:
        settings = {"ExecutionRole": role or self.role}
        network = {"VpcId": self.vpc, "SubnetIds": [self.subnet]}
        return {"DomainName": "studio", "AuthMode": "IAM", "DefaultUserSettings": settings, **network, **changes}

    def space(self, owner: str) -> dict[str, Any]:
        return {
            "DomainId": self.domain,
            "SpaceName": "work",
            "OwnershipSettings": {"OwnerUserProfileName": owner},
            "SpaceSharingSettings": {"SharingType": "Private"},
        }

    def training(self, role: str = "", **resources: Any) -> dict[str, Any]:
        return {
            "TrainingJobName": "t",
            "RoleArn": role or self.role,
            "AlgorithmSpecification": {"TrainingImage": CONTAINER["Image"], "TrainingInputMode": "File"},
            "OutputDataConfig": {"S3OutputPath": "s3://refers/out"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5, **resources},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        }

    def processing(self, role: str) -> dict[str, Any]:
        cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}
        return {
            "ProcessingJobName": "p",
            "RoleArn": role,
            "AppSpecification": {"ImageUri": CONTAINER["Image"]},
            "ProcessingResources": {"ClusterConfig": cluster},
        }

    def features(self, role: str = "", **online: Any) -> dict[str, Any]:
        return {
            "FeatureGroupName": "f",
            "RecordIdentifierFeatureName": "card",
            "EventTimeFeatureName": "at",
            "FeatureDefinitions": FEATURES,
            "OnlineStoreConfig": {"EnableOnlineStore": True, **online},
            "RoleArn": role or self.role,
        }

    def serving(self, model: str = "m", **more: Any) -> dict[str, Any]:
        variant = {"VariantName": "all", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        return {"EndpointConfigName": "c", "ProductionVariants": [{**variant, "ModelName": model}], **more}

    def assignment(self, **changes: Any) -> dict[str, Any]:
        center = self.aws.client("sso-admin")
        (instance,) = center.list_instances()["Instances"]
        where = {"InstanceArn": instance["InstanceArn"]}
        sets = center.list_permission_sets(**where)["PermissionSets"]
        known = (
            sets[0]
            if sets
            else center.create_permission_set(Name="reads", **where)["PermissionSet"]["PermissionSetArn"]
        )
        directory = self.aws.client("identitystore")
        group = directory.create_group(
            IdentityStoreId=instance["IdentityStoreId"], DisplayName="-".join(["assigned", *changes])
        )
        target = {"TargetId": self.id, "TargetType": "AWS_ACCOUNT", "PermissionSetArn": known}
        return {**where, **target, "PrincipalType": "GROUP", "PrincipalId": group["GroupId"], **changes}


@pytest.fixture(scope="module")
def site(aws: EmulatedAws) -> Site:
    return Site(aws, aws.new_account("refers"))


Ask: TypeAlias = Callable[[Site], Any]


def scale(site: Site, resource: str) -> Any:
    return site("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId=resource,
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1,
        MaxCapacity=2,
    )


def machine(site: Site, role: str, **more: Any) -> Any:
    return site("stepfunctions").create_state_machine(name="m", definition=MACHINE, roleArn=role, **more)


def encrypted_machine(site: Site, key: str) -> Any:
    encryption = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": key, "kmsDataKeyReusePeriodSeconds": 300}
    return machine(site, site.aws.role("steps", "states", site.id), encryptionConfiguration=encryption)


def put_object(site: Site, key: str) -> Any:
    return site("s3").put_object(Bucket="refers", Key="o", Body=b"", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)


def table(site: Site, key: str) -> Any:
    return site("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )


def image_repository(site: Site, key: str) -> Any:
    encryption = {"encryptionType": "KMS", "kmsKey": key}
    return site("ecr").create_repository(repositoryName="images", encryptionConfiguration=encryption)


def send(site: Site, key: str) -> Any:
    url = site("sqs").create_queue(QueueName=f"under-{key[-4:]}", Attributes={"KmsMasterKeyId": key})["QueueUrl"]
    return site("sqs").send_message(QueueUrl=url, MessageBody="m")


def publish(site: Site, key: str) -> Any:
    topic = site("sns").create_topic(Name=f"under-{key[-4:]}", Attributes={"KmsMasterKeyId": key})["TopicArn"]
    return site("sns").publish(TopicArn=topic, Message="m")


def second_permission_set(site: Site) -> Any:
    center = site.aws.client("sso-admin")
    (instance,) = center.list_instances()["Instances"]
    for _ in range(2):
        center.create_permission_set(Name="twice", InstanceArn=instance["InstanceArn"])


def assign(**changes: Any) -> Ask:
    return lambda site: site.aws.client("sso-admin").create_account_assignment(**site.assignment(**changes))


REFUSED: dict[str, tuple[Ask, str, str]] = {
    "a domain in an unknown VPC": (
        lambda s: s("sagemaker").create_domain(**s.studio(VpcId="vpc-0123456789abcdef0")),
        "ValidationException",
        "The vpc ID 'vpc-0123456789abcdef0' does not exist",
    ),
    "a domain in an unknown subnet": (
        lambda s: s("sagemaker").create_domain(**s.studio(SubnetIds=[s.subnet, MISSING_SUBNET])),
        "ValidationException",
        f"The subnet ID '{MISSING_SUBNET}' does not exist",
    ),
    "a domain in a subnet of another VPC": (
        lambda s: s("sagemaker").create_domain(**s.studio(SubnetIds=[s.other_subnet])),
        "ValidationException",
        "is not in the VPC of the domain",
    ),
    "a domain with a missing role": (
        lambda s: s("sagemaker").create_domain(**s.studio(s.nobody)),
        "ValidationException",
        "Could not assume role",
    ),
    "a domain with a role of another service": (
        lambda s: s("sagemaker").create_domain(**s.studio(s.stranger)),
        "ValidationException",
        "allows principal 'sagemaker.amazonaws.com' to assume the role",
    ),
    "a domain with a role of another account": (
        lambda s: s("sagemaker").create_domain(**s.studio(s.aws.role("elsewhere", "sagemaker"))),
        "ValidationException",
        "Could not assume role",
    ),
    "a domain with a missing security group": (
        lambda s: s("sagemaker").update_domain(
            DomainId=s.domain, DefaultUserSettings={"SecurityGroups": [s.group, MISSING_GROUP]}
        ),
        "ValidationException",
        f"The security group '{MISSING_GROUP}' does not exist",
    ),
    "a profile with a missing role": (
        lambda s: s("sagemaker").create_user_profile(
            DomainId=s.domain, UserProfileName="bob", UserSettings={"ExecutionRole": s.nobody}
        ),
        "ValidationException",
        "Could not assume role",
    ),
    "a space of an unknown owner": (
        lambda s: s("sagemaker").create_space(**{**s.space("nobody"), "SpaceName": "other"}),
        "ValidationException",
        "User profile nobody does not exist",
    ),
    "a profile that owns a space, deleted": (
        lambda s: s("sagemaker").delete_user_profile(DomainId=s.domain, UserProfileName="ada"),
        "ResourceInUse",
        "Unable to delete UserProfile",
    ),
    "a pipeline with a missing role": (
        lambda s: s("sagemaker").create_pipeline(
            PipelineName="p", PipelineDefinition='{"Steps": []}', ClientRequestToken="t" * 32, RoleArn=s.nobody
        ),
        "ValidationException",
        "Could not assume role",
    ),
    "a feature group with a missing role": (
        lambda s: s("sagemaker").create_feature_group(**s.features(s.nobody)),
        "ValidationException",
        "The execution role ARN is invalid.",
    ),
    "a feature group with a missing key": (
        lambda s: s("sagemaker").create_feature_group(**s.features(SecurityConfig={"KmsKeyId": MISSING_KEY})),
        "ValidationException",
        "does not exist",
    ),
    "a model with a missing role": (
        lambda s: s("sagemaker").create_model(ModelName="n", PrimaryContainer=CONTAINER, ExecutionRoleArn=s.nobody),
        "ValidationException",
        "Could not assume role",
    ),
    "a training job with a missing role": (
        lambda s: s("sagemaker").create_training_job(**s.training(s.nobody)),
        "ValidationException",
        "Could not assume role",
    ),
    "a training job with a key that will be deleted": (
        lambda s: s("sagemaker").create_training_job(**s.training(VolumeKmsKeyId=s.doomed)),
        "ValidationException",
        "is pending deletion",
    ),
    "a processing job with a missing role": (
        lambda s: s("sagemaker").create_processing_job(**s.processing(s.nobody)),
        "ValidationException",
        "Could not assume role",
    ),
    "an endpoint configuration with a missing model": (
        lambda s: s("sagemaker").create_endpoint_config(**s.serving("absent")),
        "ValidationException",
        "Could not find model",
    ),
    "an endpoint with a missing configuration": (
        lambda s: s("sagemaker").create_endpoint(EndpointName="e", EndpointConfigName="absent"),
        "ValidationException",
        "Could not find endpoint configuration",
    ),
    "scaling of a missing endpoint": (
        lambda s: scale(s, "endpoint/absent/variant/all"),
        "ValidationException",
        "endpoint/absent/variant/all",
    ),
    "a state machine with a missing role": (
        lambda s: machine(s, s.nobody),
        "AccessDeniedException",
        "is authorized to assume the provided role",
    ),
    "a state machine with a disabled key": (
        lambda s: encrypted_machine(s, s.disabled),
        "InvalidEncryptionConfiguration",
        "does not exist or is inactive",
    ),
    "an assignment to an account outside the organization": (
        assign(TargetId="999999999999"),
        "ResourceNotFoundException",
        "Account not found: 999999999999",
    ),
    "an assignment of a missing group": (
        assign(PrincipalId="01234567-89ab-cdef-0123-456789abcdef"),
        "ResourceNotFoundException",
        "Principal not found",
    ),
    "a second permission set with a name": (
        second_permission_set,
        "ConflictException",
        "PermissionSet with name twice already exists.",
    ),
    "an object with a missing key": (lambda s: put_object(s, MISSING_KEY), "KMS.NotFoundException", "does not exist"),
    "an object with a disabled key": (lambda s: put_object(s, s.disabled), "KMS.DisabledException", "is disabled"),
    "an object with a key that will be deleted": (
        lambda s: put_object(s, s.doomed),
        "KMS.KMSInvalidStateException",
        "is pending deletion",
    ),
    "an object in a bucket whose default key is missing": (
        lambda s: s("s3").put_object(Bucket="refers-default", Key="o", Body=b""),
        "KMS.NotFoundException",
        "does not exist",
    ),
    "a log group with a missing key": (
        lambda s: s("logs").create_log_group(logGroupName="g", kmsKeyId=MISSING_KEY),
        "InvalidParameterException",
        "The specified KMS Key Id could not be found.",
    ),
    "a secret with a disabled key": (
        lambda s: s("secretsmanager").create_secret(Name="s", SecretString="s", KmsKeyId=s.disabled),
        "EncryptionFailure",
        "can't encrypt",
    ),
    "a table with a missing key": (
        lambda s: table(s, MISSING_KEY),
        "ValidationException",
        "KMS validation error",
    ),
    "an image repository with a missing key": (
        lambda s: image_repository(s, MISSING_KEY),
        "KmsException",
        "does not exist",
    ),
    "a code repository with a key that will be deleted": (
        lambda s: s("codecommit").create_repository(repositoryName="r", kmsKeyId=s.doomed),
        "EncryptionKeyUnavailableException",
        "is pending deletion",
    ),
    "a message to a queue with a missing key": (lambda s: send(s, MISSING_KEY), "KmsNotFound", "not exist"),
    "a message to a topic with a disabled key": (lambda s: publish(s, s.disabled), "KMSDisabled", "is disabled"),
}


@pytest.mark.parametrize(("ask", "code", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_refers_to_nothing_is_refused(site: Site, ask: Ask, code: str, words: str) -> None:
    with pytest.raises(ClientError) as error:
        ask(site)
    found = error.value.response["Error"]
    assert (found["Code"], words in found["Message"]) == (code, True), found["Message"]


@pytest.mark.parametrize(
    "name", ["arn:aws:kms", "arn:aws:kms:nowhere:123456789012:key/k", "arn:aws:kms:nowhere:123456789012:alias/k", "k"]
)
def test_a_key_by_a_name_that_nobody_can_have_is_missing(site: Site, name: str) -> None:
    assert refusal(put_object, site=site, key=name) == "KMS.NotFoundException"


def test_a_key_of_an_account_that_is_not_emulated_counts_as_existing(site: Site) -> None:
    key = f"arn:aws:kms:{REGION}:999999999999:key/01234567-89ab-cdef-0123-456789abcdef"
    assert put_object(site, key)["SSEKMSKeyId"] == key


def test_a_space_gives_its_owner_free_when_it_is_deleted(site: Site) -> None:
    studio = site("sagemaker")
    studio.create_user_profile(DomainId=site.domain, UserProfileName="eve")
    studio.create_space(**{**site.space("eve"), "SpaceName": "short"})
    assert refusal(studio.delete_user_profile, DomainId=site.domain, UserProfileName="eve") == "ResourceInUse"
    studio.delete_space(DomainId=site.domain, SpaceName="short")
    studio.delete_user_profile(DomainId=site.domain, UserProfileName="eve")


def test_only_a_variant_of_an_endpoint_is_scaled(site: Site) -> None:
    site("sagemaker").create_endpoint_config(**{**site.serving(), "EndpointConfigName": "scaled"})
    site("sagemaker").create_endpoint(EndpointName="scaled", EndpointConfigName="scaled")
    with pytest.raises(ClientError, match="endpoint/scaled/variant/absent"):
        scale(site, "endpoint/scaled/variant/absent")
    scale(site, "endpoint/scaled/variant/all")


def test_s3_reads_no_object_whose_key_will_be_deleted(site: Site) -> None:
    key = site("kms").create_key()["KeyMetadata"]["Arn"]
    put_object(site, key)
    site("kms").schedule_key_deletion(KeyId=key)
    assert refusal(site("s3").get_object, Bucket="refers", Key="o") == "KMS.KMSInvalidStateException"
    site("kms").cancel_key_deletion(KeyId=key)
    site("kms").enable_key(KeyId=key)
    site("s3").get_object(Bucket="refers", Key="o")


def test_an_object_behind_a_delete_marker_does_not_exist(site: Site) -> None:
    s3 = site("s3")
    s3.create_bucket(Bucket="versioned", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    written = s3.put_object(Bucket="versioned", Key="o", Body=b"1")
    s3.delete_object(Bucket="versioned", Key="o")
    assert refusal(s3.get_object, Bucket="versioned", Key="o") == "NoSuchKey"
    s3.get_object(Bucket="versioned", Key="o", VersionId=written["VersionId"])


def cluster(site: Site, subnets: list[str], group: str) -> str:
    role = site.aws.role("clusters", "eks", site.id)
    network = {"subnetIds": subnets, "securityGroupIds": [group]}
    site("eks").create_cluster(name="uses", roleArn=role, resourcesVpcConfig=network)
    return "uses"


def test_a_subnet_and_a_group_stay_while_a_cluster_uses_them(site: Site) -> None:
    ec2 = site("ec2")
    subnets = [site.new_subnet(site.vpc, number, zone) for number, zone in ((1, "a"), (2, "b"))]
    group = ec2.create_security_group(GroupName="of-cluster", Description="c", VpcId=site.vpc)["GroupId"]
    name = cluster(site, subnets, group)
    assert refusal(ec2.delete_subnet, SubnetId=subnets[0]) == "DependencyViolation"
    assert refusal(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    site("eks").delete_cluster(name=name)
    ec2.delete_subnet(SubnetId=subnets[0])
    ec2.delete_security_group(GroupId=group)


def test_a_subnet_stays_while_a_studio_domain_uses_it(site: Site) -> None:
    subnet = site.new_subnet(site.vpc, 3)
    domain = site("sagemaker").create_domain(**site.studio(DomainName="uses", SubnetIds=[subnet]))["DomainArn"]
    assert refusal(site("ec2").delete_subnet, SubnetId=subnet) == "DependencyViolation"
    site("sagemaker").delete_domain(DomainId=domain.rpartition("/")[2])
    site("ec2").delete_subnet(SubnetId=subnet)


def test_a_subnet_and_a_group_stay_while_an_endpoint_uses_them(site: Site) -> None:
    studio, ec2, subnet = site("sagemaker"), site("ec2"), site.new_subnet(site.vpc, 4)
    group = ec2.create_security_group(GroupName="of-endpoint", Description="e", VpcId=site.vpc)["GroupId"]
    network = {"Subnets": [subnet], "SecurityGroupIds": [group]}
    studio.create_model(ModelName="inside", PrimaryContainer=CONTAINER, ExecutionRoleArn=site.role, VpcConfig=network)
    studio.create_endpoint_config(**{**site.serving("inside"), "EndpointConfigName": "inside"})
    studio.create_endpoint(EndpointName="inside", EndpointConfigName="inside")
    assert refusal(ec2.delete_subnet, SubnetId=subnet) == "DependencyViolation"
    assert refusal(ec2.delete_security_group, GroupId=group) == "DependencyViolation"


def test_a_group_stays_while_a_rule_of_another_group_names_it(site: Site) -> None:
    ec2 = site("ec2")
    named, other = (
        ec2.create_security_group(GroupName=name, Description="r", VpcId=site.vpc)["GroupId"] for name in ("n", "o")
    )
    pair = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [{"GroupId": named}]}]
    for group in (named, other):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=pair)
    assert refusal(ec2.delete_security_group, GroupId=named) == "DependencyViolation"
    ec2.revoke_security_group_ingress(GroupId=other, IpPermissions=pair)
    ec2.delete_security_group(GroupId=named)


def test_the_name_of_a_deleted_queue_is_free_again_after_60_seconds(aws: EmulatedAws, site: Site) -> None:
    sqs = site("sqs")
    url = sqs.create_queue(QueueName="again")["QueueUrl"]
    sqs.delete_queue(QueueUrl=url)
    with pytest.raises(sqs.exceptions.QueueDeletedRecently):
        sqs.create_queue(QueueName="again")
    sqs.create_queue(QueueName="another")
    aws.advance(seconds=59)
    with pytest.raises(sqs.exceptions.QueueDeletedRecently):
        sqs.create_queue(QueueName="again")
    aws.advance(seconds=1)
    sqs.create_queue(QueueName="again")
