"""Policies and shared copies with which an intruder opens resources that no stack declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from selfservice.undeclared.finding import Danger
from tests.engine.example.expected import STRANGER, Expected, policy_of

if TYPE_CHECKING:
    from tests.engine.example.intruder import Intruder


def policies(intruder: Intruder) -> Iterator[Expected]:
    """Policies of resources that no stack declares, each for strangers."""
    region = "eu-west-1"
    where = f"{region}:{intruder.production}"
    s3 = intruder.acme.client("s3", intruder.production)
    s3.create_bucket(Bucket="intruders-loot", CreateBucketConfiguration={"LocationConstraint": region})
    intruder.later(s3.delete_bucket, Bucket="intruders-loot")
    stranger = {"AWS": f"arn:aws:iam::{STRANGER}:root"}
    s3.put_bucket_policy(
        Bucket="intruders-loot", Policy=policy_of("s3:GetObject", stranger, "arn:aws:s3:::intruders-loot/*")
    )
    intruder.later(s3.delete_bucket_policy, Bucket="intruders-loot")
    yield Expected(Danger.OUTSIDE, intruder.production, "S3", "arn:aws:s3:::intruders-loot")
    point = {"AccountId": intruder.production, "Name": "intruders-door"}
    control = intruder.acme.client("s3control", intruder.production)
    control.create_access_point(**point, Bucket="intruders-loot")
    intruder.later(control.delete_access_point, **point)
    yield Expected(
        Danger.ACCOUNT, intruder.production, "S3 access points", f"arn:aws:s3:{where}:accesspoint/intruders-door"
    )

    secrets = intruder.acme.client("secretsmanager", intruder.production)
    secret = secrets.create_secret(Name="intruder", SecretString="loot")["ARN"]
    intruder.later(secrets.delete_secret, SecretId=secret, ForceDeleteWithoutRecovery=True)
    policy = policy_of("secretsmanager:GetSecretValue", stranger, "*")
    secrets.put_resource_policy(SecretId=secret, ResourcePolicy=policy)
    yield Expected(Danger.OUTSIDE, intruder.production, "Secrets Manager", secret)

    sqs = intruder.acme.client("sqs", intruder.production)
    arn = f"arn:aws:sqs:{where}:intruder"
    policy = policy_of("sqs:ReceiveMessage", stranger, arn)
    queue = sqs.create_queue(QueueName="intruder", Attributes={"Policy": policy})["QueueUrl"]
    intruder.later(sqs.delete_queue, QueueUrl=queue)
    yield Expected(Danger.OUTSIDE, intruder.production, "SQS", arn)

    sns = intruder.acme.client("sns", intruder.production)
    topic = sns.create_topic(Name="intruder")["TopicArn"]
    intruder.later(sns.delete_topic, TopicArn=topic)
    policy = policy_of("sns:Subscribe", stranger, topic)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    yield Expected(Danger.OUTSIDE, intruder.production, "SNS", topic)

    ecr = intruder.acme.client("ecr", intruder.production)
    repository = ecr.create_repository(repositoryName="intruder")["repository"]["repositoryArn"]
    intruder.later(ecr.delete_repository, repositoryName="intruder")
    ecr.set_repository_policy(repositoryName="intruder", policyText=policy_of("ecr:BatchGetImage", {"AWS": "*"}, None))
    yield Expected(Danger.OUTSIDE, intruder.production, "ECR", repository)

    events = intruder.acme.client("events", intruder.production)
    bus = events.create_event_bus(Name="intruder")["EventBusArn"]
    intruder.later(events.delete_event_bus, Name="intruder")
    events.put_permission(
        EventBusName="intruder", Action="events:PutEvents", Principal=STRANGER, StatementId="intruder"
    )
    yield Expected(Danger.OUTSIDE, intruder.production, "EventBridge", bus)

    glue = intruder.acme.client("glue", intruder.production)
    arn = f"arn:aws:glue:{where}:catalog"
    glue.put_resource_policy(PolicyInJson=policy_of("glue:GetTable", stranger, arn))
    intruder.later(glue.delete_resource_policy)
    yield Expected(Danger.OUTSIDE, intruder.production, "Glue", arn)

    sagemaker = intruder.acme.client("sagemaker", intruder.production)
    group = {"ModelPackageGroupName": "intruder"}
    arn = sagemaker.create_model_package_group(**group)["ModelPackageGroupArn"]
    intruder.later(sagemaker.delete_model_package_group, **group)
    policy = policy_of("sagemaker:DescribeModelPackage", stranger, arn)
    sagemaker.put_model_package_group_policy(**group, ResourcePolicy=policy)
    intruder.later(sagemaker.delete_model_package_group_policy, **group)
    yield Expected(Danger.OUTSIDE, intruder.production, "SageMaker", arn)


def stores(intruder: Intruder) -> Iterator[Expected]:
    """Policies of stores and APIs that no stack declares, each for strangers."""
    where, stranger = f"eu-west-1:{intruder.production}", {"AWS": f"arn:aws:iam::{STRANGER}:root"}
    packages = intruder.acme.client("codeartifact", intruder.production)
    domain = packages.create_domain(domain="intruder")["domain"]["arn"]
    intruder.later(packages.delete_domain, domain="intruder")
    packages.put_domain_permissions_policy(
        domain="intruder", policyDocument=policy_of("codeartifact:GetAuthorizationToken", stranger, "*")
    )
    yield Expected(Danger.OUTSIDE, intruder.production, "CodeArtifact domains", domain)
    shelf = {"domain": "intruder", "repository": "loot"}
    repository = packages.create_repository(**shelf)["repository"]["arn"]
    intruder.later(packages.delete_repository, **shelf)
    policy = policy_of("codeartifact:ReadFromRepository", stranger, "*")
    packages.put_repository_permissions_policy(**shelf, policyDocument=policy)
    yield Expected(Danger.OUTSIDE, intruder.production, "CodeArtifact repositories", repository)

    apis = intruder.acme.client("apigateway", intruder.production)
    policy = policy_of("execute-api:Invoke", {"AWS": "*"}, "*")
    api = apis.create_rest_api(name="intruder", policy=policy)["id"]
    intruder.later(apis.delete_rest_api, restApiId=api)
    yield Expected(Danger.OUTSIDE, intruder.production, "API Gateway", f"arn:aws:apigateway:eu-west-1::/restapis/{api}")

    dynamodb = intruder.acme.client("dynamodb", intruder.production)
    key = {"AttributeName": "key"}
    table = dynamodb.create_table(
        TableName="intruder",
        KeySchema=[{**key, "KeyType": "HASH"}],
        AttributeDefinitions=[{**key, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]["TableArn"]
    intruder.later(dynamodb.delete_table, TableName="intruder")
    dynamodb.put_resource_policy(ResourceArn=table, Policy=policy_of("dynamodb:GetItem", stranger, table))
    yield Expected(Danger.OUTSIDE, intruder.production, "DynamoDB", table)

    efs = intruder.acme.client("efs", intruder.production)
    system = efs.create_file_system(CreationToken="intruder", Encrypted=True)
    intruder.later(efs.delete_file_system, FileSystemId=system["FileSystemId"])
    policy = policy_of("elasticfilesystem:ClientMount", stranger, "*")
    efs.put_file_system_policy(FileSystemId=system["FileSystemId"], Policy=policy)
    yield Expected(Danger.OUTSIDE, intruder.production, "EFS", system["FileSystemArn"])

    kinesis = intruder.acme.client("kinesis", intruder.production)
    kinesis.create_stream(StreamName="intruder", ShardCount=1)
    intruder.later(kinesis.delete_stream, StreamName="intruder")
    stream = f"arn:aws:kinesis:{where}:stream/intruder"
    kinesis.put_resource_policy(ResourceARN=stream, Policy=policy_of("kinesis:GetRecords", stranger, stream))
    yield Expected(Danger.OUTSIDE, intruder.production, "Kinesis", stream)

    logs = intruder.acme.client("logs", intruder.production)
    role = f"arn:aws:iam::{intruder.production}:role/worker"
    logs.put_destination(destinationName="intruder", targetArn=stream, roleArn=role)
    intruder.later(logs.delete_destination, destinationName="intruder")
    destination = f"arn:aws:logs:{where}:destination:intruder"
    policy = policy_of("logs:PutSubscriptionFilter", stranger, destination)
    logs.put_destination_policy(destinationName="intruder", accessPolicy=policy)
    yield Expected(Danger.OUTSIDE, intruder.production, "CloudWatch Logs", destination)


def copies(intruder: Intruder) -> Iterator[Expected]:
    """Copies of volumes and databases that are shared: with everyone, with a stranger, and inside."""
    ec2 = intruder.acme.client("ec2", intruder.production)
    encrypted = {"Encrypted": True, "KmsKeyId": intruder.acme.outputs("fraud-production")["key_arn"]}
    volume = ec2.create_volume(AvailabilityZone="eu-west-1a", Size=1, **encrypted)["VolumeId"]
    intruder.later(ec2.delete_volume, VolumeId=volume)
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    intruder.later(ec2.delete_snapshot, SnapshotId=snapshot)
    shared = {"Attribute": "createVolumePermission", "OperationType": "add", "UserIds": [STRANGER]}
    ec2.modify_snapshot_attribute(SnapshotId=snapshot, **shared)
    what = "Images and snapshots"
    yield Expected(Danger.OUTSIDE, intruder.production, what, f"arn:aws:ec2:eu-west-1::snapshot/{snapshot}")
    image = ec2.register_image(Name="intruder", RootDeviceName="/dev/sda1")["ImageId"]
    intruder.later(ec2.deregister_image, ImageId=image)
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": intruder.experimentation}]})
    yield Expected(Danger.ORGANIZATION, intruder.production, what, f"arn:aws:ec2:eu-west-1::image/{image}")
