"""Patches for keys, queries, resource shares and the model registry."""

import json

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.testing import EmulatedAws, refusal

TRUST = '{"Version": "2012-10-17", "Statement": []}'
TAGS = [{"Key": "team", "Value": "fraud"}]


def test_a_key_returns_its_rotation_period(aws: EmulatedAws, account: str) -> None:
    kms = aws.client("kms", account)
    key = kms.create_key()["KeyMetadata"]
    assert "RotationPeriodInDays" not in kms.get_key_rotation_status(KeyId=key["KeyId"])
    kms.enable_key_rotation(KeyId=key["Arn"], RotationPeriodInDays=180)
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["RotationPeriodInDays"] == 180
    kms.enable_key_rotation(KeyId=key["KeyId"])
    assert kms.get_key_rotation_status(KeyId=key["Arn"])["RotationPeriodInDays"] == 365


def test_a_workgroup_can_be_updated_in_part_and_deleted(aws: EmulatedAws, account: str) -> None:
    athena = aws.client("athena", account)
    results = {"OutputLocation": "s3://results/", "ExpectedBucketOwner": account}
    athena.create_work_group(Name="fraud", Configuration={"ResultConfiguration": results})
    updates = {
        "BytesScannedCutoffPerQuery": 20_000_000,
        "ResultConfigurationUpdates": {"OutputLocation": "s3://other/", "RemoveExpectedBucketOwner": True},
    }
    athena.update_work_group(WorkGroup="fraud", Description="d", ConfigurationUpdates=updates)
    found = athena.get_work_group(WorkGroup="fraud")["WorkGroup"]
    assert (found["Description"], found["Configuration"]["BytesScannedCutoffPerQuery"]) == ("d", 20_000_000)
    assert found["Configuration"]["ResultConfiguration"] == {"OutputLocation": "s3://other/"}
    assert found["CreationTime"] == athena.get_work_group(WorkGroup="fraud")["WorkGroup"]["CreationTime"]
    athena.delete_work_group(WorkGroup="fraud")
    assert refusal(athena.get_work_group, WorkGroup="fraud") == "InvalidRequestException"


def test_saved_queries_are_described_together(aws: EmulatedAws, account: str) -> None:
    athena = aws.client("athena", account)
    athena.create_work_group(Name="questions")
    given = {"Database": "d", "QueryString": "SELECT 1", "WorkGroup": "questions"}
    saved = [athena.create_named_query(Name=name, **given)["NamedQueryId"] for name in ("one", "two")]
    found = athena.batch_get_named_query(NamedQueryIds=[*saved, "moon"])
    assert [
        (named_query["Name"], named_query["QueryString"], named_query["WorkGroup"])
        for named_query in found["NamedQueries"]
    ] == [
        ("one", "SELECT 1", "questions"),
        ("two", "SELECT 1", "questions"),
    ]
    assert [query_id["NamedQueryId"] for query_id in found["UnprocessedNamedQueryIds"]] == ["moon"]


def test_a_workgroup_with_saved_queries_or_executions_is_deleted_only_with_them(aws: EmulatedAws, account: str) -> None:
    athena, group = aws.client("athena", account), {"WorkGroup": "history"}
    given = {"Database": "d", "QueryString": "SELECT 1", **group}

    def executed() -> str:
        results = {"OutputLocation": "s3://nowhere/"}
        query = athena.start_query_execution(QueryString="SELECT 1", ResultConfiguration=results, **group)
        return str(query["QueryExecutionId"])

    for fill in (executed, lambda: athena.create_named_query(Name="one", **given)["NamedQueryId"]):
        athena.create_work_group(Name="history")
        id_ = fill()
        with pytest.raises(ClientError, match="WorkGroup history is not empty"):
            athena.delete_work_group(**group)
        athena.delete_work_group(**group, RecursiveDeleteOption=True)
        assert refusal(athena.list_named_queries, **group) == "InvalidRequestException"
        athena.create_work_group(Name="history")
        assert athena.list_named_queries(**group)["NamedQueryIds"] == []
        assert id_ not in athena.list_query_executions(**group)["QueryExecutionIds"]
        athena.delete_work_group(**group)


def test_the_primary_workgroup_stays(aws: EmulatedAws, account: str) -> None:
    athena = aws.client("athena", account)
    with pytest.raises(ClientError, match="primary workgroup cannot be deleted"):
        athena.delete_work_group(WorkGroup="primary", RecursiveDeleteOption=True)
    assert athena.get_work_group(WorkGroup="primary")["WorkGroup"]["State"] == "ENABLED"


def test_a_query_that_names_no_workgroup_is_saved_in_the_primary_one(aws: EmulatedAws, account: str) -> None:
    athena = aws.client("athena", account)
    athena.create_work_group(Name="others")
    saved = athena.create_named_query(Name="one", Database="d", QueryString="SELECT 1")["NamedQueryId"]
    assert athena.get_named_query(NamedQueryId=saved)["NamedQuery"]["WorkGroup"] == "primary"
    assert saved in athena.list_named_queries()["NamedQueryIds"]
    assert saved in athena.list_named_queries(WorkGroup="primary")["NamedQueryIds"]
    assert athena.list_named_queries(WorkGroup="others")["NamedQueryIds"] == []


def test_a_query_is_saved_in_a_workgroup_that_exists(aws: EmulatedAws, account: str) -> None:
    given = {"Name": "one", "Database": "d", "QueryString": "SELECT 1", "WorkGroup": "moon"}
    with pytest.raises(ClientError, match="WorkGroup moon is not found"):
        aws.client("athena", account).create_named_query(**given)


def test_a_bucket_that_denies_plain_http_accepts_objects(aws: EmulatedAws, account: str) -> None:
    s3 = aws.client("s3", account)
    s3.create_bucket(Bucket="scripts-over-tls", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    everything = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::scripts-over-tls/*"}
    refusing = {"Version": "2012-10-17", "Statement": [{**everything, "Condition": condition}]}
    s3.put_bucket_policy(Bucket="scripts-over-tls", Policy=json.dumps(refusing))
    s3.put_object(Bucket="scripts-over-tls", Key="cards.py", Body=b"print(1)")
    assert s3.get_object(Bucket="scripts-over-tls", Key="cards.py")["Body"].read() == b"print(1)"


def test_principals_join_and_leave_a_resource_share(aws: EmulatedAws, account: str) -> None:
    ram = aws.client("ram")
    share = ram.create_resource_share(name="network")["resourceShare"]["resourceShareArn"]
    ram.associate_resource_share(resourceShareArn=share, principals=[account])
    joined = ram.get_resource_share_associations(associationType="PRINCIPAL", resourceShareArns=[share])
    assert [a["associatedEntity"] for a in joined["resourceShareAssociations"]] == [account]
    ram.disassociate_resource_share(resourceShareArn=share, principals=[account])
    left = ram.get_resource_share_associations(associationType="PRINCIPAL", resourceShareArns=[share])
    assert left["resourceShareAssociations"] == []


def test_a_model_package_group_has_a_policy_and_can_be_deleted(aws: EmulatedAws, account: str) -> None:
    sagemaker = aws.client("sagemaker", account)
    sagemaker.create_model_package_group(ModelPackageGroupName="scores", Tags=TAGS)
    sagemaker.put_model_package_group_policy(ModelPackageGroupName="scores", ResourcePolicy=TRUST)
    assert sagemaker.get_model_package_group_policy(ModelPackageGroupName="scores")["ResourcePolicy"] == TRUST
    sagemaker.delete_model_package_group_policy(ModelPackageGroupName="scores")
    assert refusal(sagemaker.get_model_package_group_policy, ModelPackageGroupName="scores") == "ValidationException"
    sagemaker.delete_model_package_group(ModelPackageGroupName="scores")
    assert refusal(sagemaker.describe_model_package_group, ModelPackageGroupName="scores") == "ValidationException"


def test_a_version_can_be_deleted_and_its_number_is_not_given_again(aws: EmulatedAws, account: str) -> None:
    sagemaker, group = aws.client("sagemaker", account), {"ModelPackageGroupName": "deletions"}
    sagemaker.create_model_package_group(**group)

    def register() -> str:
        return str(
            sagemaker.create_model_package(**group, ModelApprovalStatus="PendingManualApproval")["ModelPackageArn"]
        )

    first, second = register(), register()
    sagemaker.delete_model_package(ModelPackageName=first)
    assert refusal(sagemaker.describe_model_package, ModelPackageName=first) == "ValidationException"
    assert refusal(sagemaker.delete_model_package, ModelPackageName=first) == "ValidationException"
    third = register()
    assert third.endswith("/3")
    listed = sagemaker.list_model_packages(**group, SortBy="CreationTime")["ModelPackageSummaryList"]
    assert {model_package["ModelPackageArn"] for model_package in listed} == {second, third}
    assert refusal(sagemaker.delete_model_package_group, **group) == "ConflictException"
    for arn in (second, third):
        sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(**group)
    sagemaker.create_model_package_group(**group)
    assert register().endswith("/1")


def test_a_pipeline_with_a_running_execution_cannot_be_deleted(aws: EmulatedAws, account: str) -> None:
    sagemaker, name = aws.client("sagemaker", account), {"PipelineName": "waiting"}
    queue = aws.client("sqs", account).create_queue(QueueName="callbacks")["QueueUrl"]
    step = {"Name": "Ask", "Type": "Callback", "SqsQueueUrl": queue, "Arguments": {}, "OutputParameters": []}
    role = aws.role("waiting", "sagemaker", account=account)
    definition = json.dumps({"Version": "2020-12-01", "Steps": [step]})
    sagemaker.create_pipeline(**name, PipelineDefinition=definition, RoleArn=role, ClientRequestToken="a" * 32)
    started = sagemaker.start_pipeline_execution(**name)["PipelineExecutionArn"]
    assert refusal(sagemaker.delete_pipeline, **name, ClientRequestToken="b" * 32) == "ConflictException"
    sagemaker.stop_pipeline_execution(PipelineExecutionArn=started, ClientRequestToken="c" * 32)
    sagemaker.delete_pipeline(**name, ClientRequestToken="b" * 32)
    assert refusal(sagemaker.describe_pipeline, **name) == "ResourceNotFound"


def test_a_version_says_who_created_it_and_who_decided_about_it(aws: EmulatedAws, account: str) -> None:
    sagemaker, group = aws.client("sagemaker", account), {"ModelPackageGroupName": "decided"}
    sagemaker.create_model_package_group(**group)
    arn = sagemaker.create_model_package(**group, ModelApprovalStatus="PendingManualApproval")["ModelPackageArn"]
    me = aws.client("sts", account).get_caller_identity()["Arn"]
    described = sagemaker.describe_model_package(ModelPackageName=arn)
    assert described["CreatedBy"]["IamIdentity"]["Arn"] == me
    assert "LastModifiedBy" not in described
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    assert sagemaker.describe_model_package(ModelPackageName=arn)["LastModifiedBy"]["IamIdentity"]["Arn"] == me


def test_metadata_of_a_version_has_the_characters_that_sagemaker_accepts(aws: EmulatedAws, account: str) -> None:
    sagemaker, group = aws.client("sagemaker", account), {"ModelPackageGroupName": "metadata"}
    sagemaker.create_model_package_group(**group)
    wrong = {"parameters": '{"depth": 3}'}
    assert refusal(sagemaker.create_model_package, **group, CustomerMetadataProperties=wrong) == "ValidationException"
    right = {"parameters": "depth=3 größe=0.1", "image": "1.dkr.ecr/train@sha256:1"}
    arn = sagemaker.create_model_package(**group, CustomerMetadataProperties=right)["ModelPackageArn"]
    assert (
        refusal(sagemaker.update_model_package, ModelPackageArn=arn, CustomerMetadataProperties=wrong)
        == "ValidationException"
    )
    assert sagemaker.describe_model_package(ModelPackageName=arn)["CustomerMetadataProperties"] == right


def test_a_tag_that_nobody_defined_is_reported_with_its_catalog(aws: EmulatedAws, account: str) -> None:
    aws.client("glue", account).create_database(DatabaseInput={"Name": "untagged"})
    given = {"Resource": {"Database": {"Name": "untagged"}}, "LFTags": [{"TagKey": "none", "TagValues": ["v"]}]}
    (failure,) = aws.client("lakeformation", account).add_lf_tags_to_resource(**given)["Failures"]
    assert failure["LFTag"] == {"CatalogId": account, "TagKey": "none", "TagValues": ["v"]}
    assert failure["Error"]["ErrorCode"] == "EntityNotFoundException"
