"""Each kind of policy decides about the calls of a run, and a denial has AWS's error."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.testing import MANAGEMENT, REGION

from .judged import Organization, allow, deny, document, trust


def denied(call: Any, **parameters: Any) -> tuple[str, str]:
    """Returns code and message of a denial."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_an_allowed_call_passes_and_any_other_is_denied_with_action_and_resource(organization: Organization) -> None:
    organization.bucket("identity").put_object(Bucket="identity", Key="in/a", Body=b"1")
    role = organization.role("identity", allow("s3:GetObject", on="arn:aws:s3:::identity/in/*"))
    s3 = organization.session(role).client("s3")
    assert s3.get_object(Bucket="identity", Key="in/a")["Body"].read() == b"1"
    assert denied(s3.put_object, Bucket="identity", Key="in/a", Body=b"2") == (
        "AccessDenied",
        f"User: arn:aws:sts::{organization.home}:assumed-role/identity/run is not authorized to perform: s3:PutObject "
        'on resource: "arn:aws:s3:::identity/in/a" because no identity-based policy allows the s3:PutObject action',
    )
    assert denied(s3.head_object, Bucket="identity", Key="out/a")[0] == "403"


def test_a_service_opens_a_session_only_if_the_trust_policy_admits_it(organization: Organization) -> None:
    here = trust({"Service": "sagemaker.amazonaws.com"}, StringEquals={"aws:SourceAccount": organization.home})
    project = f"arn:aws:codebuild:{REGION}:{organization.home}:project/scoring"
    by_build = trust({"Service": "codebuild.amazonaws.com"}, ArnLike={"aws:SourceArn": project})
    organization.session(organization.role("trusted", trusted=here))
    build = organization.role("built", trusted=by_build)
    organization.session(build, "codebuild", origin={"source_arn": project})
    for service, origin in (("sagemaker", {}), ("codebuild", {"source_arn": f"{project}-2"})):
        with pytest.raises(ClientError, match=r"because no role trust policy allows the sts:AssumeRole action"):
            organization.session(build, service, origin=origin)


def test_a_boundary_and_a_session_policy_limit_what_the_role_allows(organization: Organization) -> None:
    iam = organization.aws.client("iam", organization.home)
    limits = document(allow("sqs:*"), deny("sqs:DeleteQueue"))
    boundary = iam.create_policy(PolicyName="limits", PolicyDocument=limits)["Policy"]["Arn"]
    role = organization.role("bounded", allow("*"), PermissionsBoundary=boundary)
    session = organization.session(role)
    session.client("sqs").list_queues()
    assert denied(session.client("sns").list_topics)[1].endswith(
        "because no permissions boundary allows the sns:ListTopics action"
    )
    url = f"{organization.aws.url}/{organization.home}/absent"
    assert denied(session.client("sqs").delete_queue, QueueUrl=url)[1].endswith(
        f"{organization.home}:absent with an explicit deny in a permissions boundary: {boundary}"
    )
    narrowed = organization.session(role, Policy=document(allow("sqs:GetQueueUrl")))
    assert denied(narrowed.client("sqs").list_queues)[1].endswith(
        "because no session policy allows the sqs:ListQueues action"
    )


def test_control_policies_deny_what_the_role_allows(organization: Organization) -> None:
    organizations = organization.aws.client("organizations")
    organization.bucket("controlled")

    def attach(name: str, kind: str, statement: dict[str, Any]) -> str:
        made = organizations.create_policy(Name=name, Description=name, Type=kind, Content=document(statement))
        policy = made["Policy"]["PolicySummary"]
        organizations.attach_policy(PolicyId=policy["Id"], TargetId=organization.home)
        return str(policy["Arn"])

    no_deletion = attach(
        "no-deletion", "SERVICE_CONTROL_POLICY", deny("s3:DeleteObject", on="arn:aws:s3:::controlled/*")
    )
    tagging = deny("s3:PutObjectTagging", on="arn:aws:s3:::controlled/*", Principal="*")
    no_tagging = attach("no-tagging", "RESOURCE_CONTROL_POLICY", tagging)
    s3 = organization.session(organization.role("controlled", allow("s3:*"))).client("s3")
    s3.put_object(Bucket="controlled", Key="a", Body=b"1")
    assert denied(s3.delete_object, Bucket="controlled", Key="a")[1].endswith(
        f"with an explicit deny in a service control policy: {no_deletion}"
    )
    tags = {"TagSet": [{"Key": "a", "Value": "b"}]}
    assert denied(s3.put_object_tagging, Bucket="controlled", Key="a", Tagging=tags)[1].endswith(
        f"with an explicit deny in a resource control policy: {no_tagging}"
    )


def test_another_account_needs_both_the_role_and_the_resource_policy(organization: Organization) -> None:
    role = organization.role("reader", allow("s3:GetObject", on="arn:aws:s3:::shared*"))
    read = {"Principal": {"AWS": role}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shared/open/*"}
    never = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shared/open/no"}
    owner = organization.bucket("shared", account=organization.other, policy=document(read, never))
    for key in ("open/a", "closed/a", "open/no"):
        owner.put_object(Bucket="shared", Key=key, Body=b"1")
    s3 = organization.session(role).client("s3")
    s3.get_object(Bucket="shared", Key="open/a")
    assert denied(s3.get_object, Bucket="shared", Key="closed/a")[1].endswith(
        "because no resource-based policy allows the s3:GetObject action"
    )
    assert denied(s3.get_object, Bucket="shared", Key="open/no")[1].endswith(
        "with an explicit deny in a resource-based policy"
    )


def test_a_link_to_a_sink_of_another_account_needs_the_policy_of_the_sink(organization: Organization) -> None:
    kind, other = "AWS::CloudWatch::Metric", organization.aws.client("oam", organization.other)
    sink = other.create_sink(Name="sink")["Arn"]
    links = organization.session(organization.role("linking", allow("oam:CreateLink"))).client("oam")

    link = {"LabelTemplate": "$AccountName", "ResourceTypes": [kind], "SinkIdentifier": sink}
    assert denied(links.create_link, **link)[1].endswith(
        "because no resource-based policy allows the oam:CreateLink action"
    )
    admitted = {"Principal": {"AWS": organization.home}, **allow("oam:CreateLink")}
    other.put_sink_policy(SinkIdentifier=sink, Policy=document(admitted))
    assert links.create_link(**link)["SinkArn"] == sink


def test_a_role_that_a_run_assumes_is_judged_too(organization: Organization) -> None:
    arn = f"arn:aws:iam::{organization.other}:role/operator"
    first = organization.role("builder", allow("sts:AssumeRole", on=arn))
    organization.role("operator", allow("sqs:ListQueues"), trusted=trust({"AWS": first}), account=organization.other)
    closed = organization.role("closed", trusted=trust({"AWS": first}), account=organization.other)
    session = organization.session(first)
    further = session.assume(arn)
    further.client("sqs").list_queues()
    assert denied(further.client("sns").list_topics)[1].startswith(
        f"User: arn:aws:sts::{organization.other}:assumed-role/operator/further is not authorized to perform: sns:"
    )
    with pytest.raises(ClientError, match=r"because no identity-based policy allows the sts:AssumeRole action"):
        session.assume(closed)


def test_tags_of_a_session_decide_and_are_inherited(organization: Organization) -> None:
    own = {"StringEquals": {"aws:PrincipalTag/team": "fraud"}}
    target = organization.role("tagged", allow("sqs:ListQueues", Condition=own), trusted=trust({"AWS": "*"}))
    first = organization.role("tagging", allow("sts:AssumeRole", "sts:TagSession"))
    session = organization.session(first, Tags=[{"Key": "team", "Value": "fraud"}], TransitiveTagKeys=["team"])
    session.assume(target).client("sqs").list_queues()
    without = organization.session(first).assume(target).client("sqs")
    assert denied(without.list_queues)[0] == "AccessDenied"


def test_a_job_needs_the_permission_to_pass_its_role(organization: Organization) -> None:
    arn = f"arn:aws:iam::{organization.home}:role/passing"
    create = allow("sagemaker:CreateTrainingJob", Condition={"Null": {"sagemaker:VpcSubnets": "false"}})
    passing = allow(
        "iam:PassRole", on=arn, Condition={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    )
    session = organization.session(organization.role("passing", create, passing)).client("sagemaker")
    other = organization.role("unpassed")
    job = {
        "TrainingJobName": "passing",
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://passing/"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
    network = {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    assert denied(session.create_training_job, RoleArn=arn, **job) == (
        "AccessDeniedException",
        f"User: arn:aws:sts::{organization.home}:assumed-role/passing/run is not authorized to perform: "
        f"sagemaker:CreateTrainingJob on resource: arn:aws:sagemaker:{REGION}:{organization.home}:training-job/passing "
        "because no identity-based policy allows the sagemaker:CreateTrainingJob action",
    )
    assert denied(session.create_training_job, RoleArn=other, VpcConfig=network, **job)[1].endswith(
        f"on resource: {other} because no identity-based policy allows the iam:PassRole action"
    )
    session.create_training_job(RoleArn=arn, VpcConfig=network, **job)


def test_an_encrypted_object_needs_the_key_through_s3(organization: Organization) -> None:
    kms, s3 = organization.aws.client("kms", organization.home), organization.bucket("encrypted")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket="encrypted", ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_object(Bucket="encrypted", Key="a", Body=b"1")
    objects = allow("s3:GetObject", "s3:PutObject", on="arn:aws:s3:::encrypted/*")
    via = {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}
    without = organization.session(organization.role("keyless", objects)).client("s3")
    reading = denied(without.get_object, Bucket="encrypted", Key="a")[1]
    writing = denied(without.put_object, Bucket="encrypted", Key="a", Body=b"2")[1]
    assert f'perform: kms:Decrypt on resource: "{key}" because no identity-based policy' in reading
    assert f'perform: kms:GenerateDataKey on resource: "{key}" because no identity-based policy' in writing
    using = organization.role("keyed", objects, allow("kms:Decrypt", "kms:GenerateDataKey", on=key, Condition=via))
    session = organization.session(using)
    session.client("s3").put_object(Bucket="encrypted", Key="a", Body=b"2")
    assert session.client("s3").get_object(Bucket="encrypted", Key="a")["Body"].read() == b"2"
    assert denied(session.client("kms").generate_data_key, KeyId=key, KeySpec="AES_256")[0] == "AccessDeniedException"


def test_a_run_in_a_network_reaches_a_service_through_the_endpoint_and_its_policy(organization: Organization) -> None:
    ec2 = organization.aws.client("ec2", organization.home)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    statement = {"Principal": "*", **allow("sqs:ListQueues")}
    ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName=f"com.amazonaws.{REGION}.sqs",
        VpcEndpointType="Interface",
        PolicyDocument=document(statement),
    )
    role = organization.role("networked", allow("sqs:*", Condition={"StringEquals": {"aws:SourceVpc": vpc}}))
    inside = organization.session(role, origin={"subnets": [subnet]}).client("sqs")
    inside.list_queues()
    assert denied(inside.create_queue, QueueName="a")[1].endswith(
        "because no VPC endpoint policy allows the sqs:CreateQueue action"
    )
    assert "no identity-based policy" in denied(organization.session(role).client("sqs").list_queues)[1]


def test_a_call_whose_permissions_are_unknown_is_an_error_that_says_so(organization: Organization) -> None:
    limited = organization.session(
        organization.role("limited", allow("athena:*", on="arn:aws:athena:*:*:workgroup/own"))
    )
    with pytest.raises(ClientError, match=r"NotImplementedBySandbox.* cannot judge .*GetNamedQuery does not name"):
        limited.client("athena").get_named_query(NamedQueryId="1b2c3d4e")
    almost = organization.session(organization.role("almost", allow("*"), deny("iam:CreateUser")))
    with pytest.raises(ClientError, match=r"NotImplementedBySandbox.* cannot judge .*DeleteNamedQuery does not name"):
        almost.client("athena").delete_named_query(NamedQueryId="1b2c3d4e")


def test_an_administrator_has_permissions_that_are_unknown(organization: Organization) -> None:
    everything = organization.session(organization.role("everything", allow("*")))
    with pytest.raises(ClientError, match="1b2c3d4e does not exist"):
        everything.client("athena").delete_named_query(NamedQueryId="1b2c3d4e")


def test_a_transaction_needs_the_permission_of_each_of_its_operations(organization: Organization) -> None:
    table = {"TableName": "transactions"}
    organization.aws.client("dynamodb", organization.home).create_table(
        **table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    arn = f"arn:aws:dynamodb:{REGION}:{organization.home}:table/transactions"
    client = organization.session(organization.role("transactions", allow("dynamodb:PutItem", on=arn))).client(
        "dynamodb"
    )
    put = {"Put": {**table, "Item": {"pk": {"S": "a"}}}}
    client.transact_write_items(TransactItems=[put])
    delete = {"Delete": {**table, "Key": {"pk": {"S": "b"}}}}
    with pytest.raises(ClientError, match="dynamodb:DeleteItem"):
        client.transact_write_items(TransactItems=[put, delete])


def test_a_role_for_one_partition_reads_and_writes_no_other(organization: Organization) -> None:
    """As in the DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control"."""
    table = {"TableName": "partitions"}
    organization.aws.client("dynamodb", organization.home).create_table(
        **table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "by")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-name",
                "KeySchema": [{"AttributeName": "by", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    own = {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["own"]},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }
    role = organization.role("partitions", allow("dynamodb:*", Condition=own))
    client = organization.session(role).client("dynamodb")

    def calls(partition: str, *others: str) -> Iterator[partial[Any]]:
        keys = [{"pk": {"S": value}, "sk": {"S": "a"}} for value in (partition, *others)]
        values, names = {":v": {"S": partition}}, {"#k": "pk"}
        equals = {"ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
        yield partial(client.put_item, **table, Item=keys[0])
        yield partial(client.get_item, **table, Key=keys[0])
        yield partial(client.query, **table, KeyConditionExpression="#k = :v", **equals)
        index = {"IndexName": "by-name", "KeyConditionExpression": "#k = :v", **equals}
        yield partial(client.query, **table, **{**index, "ExpressionAttributeNames": {"#k": "by"}})
        yield partial(client.batch_get_item, RequestItems={"partitions": {"Keys": keys}})
        yield partial(client.batch_write_item, RequestItems={"partitions": [{"PutRequest": {"Item": keys[-1]}}]})
        yield partial(client.transact_write_items, TransactItems=[{"Put": {**table, "Item": key}} for key in keys])
        yield partial(client.delete_item, **table, Key=keys[0])

    for call in calls("own"):
        call()
    for call in calls("other"):
        assert denied(call)[0] == "AccessDeniedException"
    mixed = [call for call in calls("own", "other") if call.func.__name__.endswith(("_items", "batch_get_item"))]
    for call in mixed:
        assert denied(call)[0] == "AccessDeniedException"
    assert len(mixed) == 2
    assert denied(partial(client.scan, **table))[0] == "AccessDeniedException"


def test_a_read_that_does_not_name_its_resource_passes_with_a_permission_for_every_resource(
    organization: Organization,
) -> None:
    session = organization.session(organization.role("named-queries", allow("athena:GetNamedQuery")))
    with pytest.raises(ClientError, match="1b2c3d4e does not exist"):
        session.client("athena").get_named_query(NamedQueryId="1b2c3d4e")


def test_sessions_are_judged_after_a_restart_and_other_clients_never(organization: Organization) -> None:
    session = organization.session(organization.role("restarted", allow("sqs:ListQueues")))
    organization.aws.restart()
    session.client("sqs").list_queues()
    assert denied(session.client("sns").list_topics)[0] == "AuthorizationError"
    role = f"arn:aws:iam::{organization.home}:role/restarted"
    keys = organization.aws.client("sts").assume_role(RoleArn=role, RoleSessionName="person")["Credentials"]
    assert type(session)(organization.aws, keys).client("sns").list_topics()["Topics"] == []
    assert MANAGEMENT not in role


def test_tags_of_an_api_a_key_and_a_plan_decide_about_them_and_their_parts(organization: Organization) -> None:
    own = {"StringEquals": {"aws:ResourceTag/owner": "scoring"}}
    created = {"StringEquals": {"aws:RequestTag/owner": "scoring"}}
    kinds = ("restapis", "apikeys", "usageplans")
    statements = [
        {**allow("apigateway:*", on=f"arn:aws:apigateway:{REGION}::/{kind}{end}"), "Condition": condition}
        for kind in kinds
        for end, condition in (("", created), ("/*", own))
    ]
    client = organization.session(organization.role("tags-of-apis", *statements)).client("apigateway")
    tags, foreign = {"owner": "scoring"}, {"owner": "other"}
    api, key = client.create_rest_api(name="own", tags=tags)["id"], client.create_api_key(name="own", tags=tags)["id"]
    plan = client.create_usage_plan(name="own", tags=tags)["id"]
    client.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    assert client.get_api_key(apiKey=key, includeValue=True)["value"]
    client.get_resources(restApiId=api)
    assert denied(client.create_api_key, name="other", tags=foreign)[0] == "AccessDeniedException"
    others = organization.aws.client("apigateway", organization.home)
    other_api, other_key = (
        others.create_rest_api(name="other", tags=foreign)["id"],
        others.create_api_key(name="o")["id"],
    )
    other_plan = others.create_usage_plan(name="other", tags=foreign)["id"]
    for call, given in (
        (client.get_resources, {"restApiId": other_api}),
        (client.get_api_key, {"apiKey": other_key, "includeValue": True}),
        (client.create_usage_plan_key, {"usagePlanId": other_plan, "keyId": key, "keyType": "API_KEY"}),
    ):
        assert denied(call, **given)[0] == "AccessDeniedException"


def test_the_invocation_of_an_endpoint_needs_a_permission_for_it(organization: Organization) -> None:
    endpoint = f"arn:aws:sagemaker:{REGION}:{organization.home}:endpoint/scoring"
    role = organization.role("invokes", allow("sagemaker:InvokeEndpoint", on=endpoint))
    runtime = organization.session(role).client("sagemaker-runtime")
    with pytest.raises(ClientError, match=r"Endpoint scoring of account \d+ not found"):
        runtime.invoke_endpoint(EndpointName="scoring", Body=b"1")
    code, message = denied(runtime.invoke_endpoint, EndpointName="other", Body=b"1")
    assert code == "AccessDeniedException"
    assert "is not authorized to perform: sagemaker:InvokeEndpoint on resource" in message


def test_the_tags_of_a_group_of_models_decide_about_its_versions(organization: Organization) -> None:
    own = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "fraud"}}}
    role = organization.role("tags-of-groups", {**allow("sagemaker:DescribeModelPackage"), **own})
    session, admin = organization.session(role), organization.aws.client("sagemaker", organization.home)
    container = {"Image": f"{organization.home}.dkr.ecr.{REGION}.amazonaws.com/x:1", "ModelDataUrl": "s3://models/m"}
    types = {kind: ["text/csv"] for kind in ("SupportedContentTypes", "SupportedResponseMIMETypes")}
    packages = {}
    for team in ("fraud", "churn"):
        admin.create_model_package_group(ModelPackageGroupName=team, Tags=[{"Key": "team", "Value": team}])
        made = admin.create_model_package(
            ModelPackageGroupName=team, InferenceSpecification={"Containers": [container], **types}
        )
        packages[team] = made["ModelPackageArn"]
    sagemaker = session.client("sagemaker")
    assert sagemaker.describe_model_package(ModelPackageName=packages["fraud"])["ModelPackageVersion"] == 1
    refused = denied(sagemaker.describe_model_package, ModelPackageName=packages["churn"])
    assert refused[0] == "AccessDeniedException"


def test_the_tags_of_a_pipeline_decide_about_its_actions(organization: Organization) -> None:
    own = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "fraud"}}}
    role = organization.role("tags-of-pipelines", {**allow("codepipeline:PutApprovalResult"), **own})
    session, admin = organization.session(role), organization.aws.client("codepipeline", organization.home)
    trusted = trust({"Service": "codepipeline.amazonaws.com"})
    organization.bucket("pipelines")
    source = {"RepositoryName": "models", "BranchName": "main", "PollForSourceChanges": "false"}
    for team in ("fraud", "churn"):
        stages = [
            _stage("Source", "Source", "CodeCommit", source, "Code"),
            _stage("Review", "Approval", "Manual", {}),
        ]
        declared = {
            "name": team,
            "roleArn": organization.role(f"pipeline-{team}", allow("*"), trusted=trusted),
            "artifactStore": {"type": "S3", "location": "pipelines"},
            "stages": stages,
        }
        admin.create_pipeline(pipeline=declared, tags=[{"key": "team", "value": team}])
    asked = {
        "stageName": "Review",
        "actionName": "Review",
        "token": "0" * 8 + "-0000" * 3 + "-" + "0" * 12,
        "result": {"summary": "", "status": "Approved"},
    }
    answer = session.client("codepipeline").put_approval_result
    with pytest.raises(ClientError, match="InvalidApprovalToken"):
        answer(pipelineName="fraud", **asked)
    assert denied(answer, pipelineName="churn", **asked)[0] == "AccessDeniedException"


def _stage(name: str, category: str, provider: str, configuration: dict[str, str], output: str = "") -> dict[str, Any]:
    type_id = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    action: dict[str, Any] = {"name": name, "actionTypeId": type_id, "configuration": configuration}
    if output:
        action["outputArtifacts"] = [{"name": output}]
    return {"name": name, "actions": [action]}


def test_an_account_decides_whose_services_its_roles_connect_to(organization: Organization) -> None:
    """``ec2:VpceServiceOwner`` is the account that offers a service, or ``amazon``."""
    aws, provider = organization.aws, organization.other
    subnets = aws.network(provider)["SubnetIds"]
    balancer = aws.client("elbv2", provider).create_load_balancer(Name="offered", Type="network", Subnets=subnets)
    offering = aws.client("ec2", provider)
    made = offering.create_vpc_endpoint_service_configuration(
        NetworkLoadBalancerArns=[balancer["LoadBalancers"][0]["LoadBalancerArn"]]
    )["ServiceConfiguration"]
    root = f"arn:aws:iam::{organization.home}:root"
    offering.modify_vpc_endpoint_service_permissions(ServiceId=made["ServiceId"], AddAllowedPrincipals=[root])
    network = aws.network(organization.home)

    def connecting(owner: str) -> Any:
        """Returns the call of a role that may connect to services of one owner."""
        own = allow("ec2:CreateVpcEndpoint", on="arn:aws:ec2:*:*:vpc-endpoint/*")
        own["Condition"] = {"StringEquals": {"ec2:VpceServiceOwner": owner}}
        parts = [f"arn:aws:ec2:*:*:{kind}/*" for kind in ("vpc", "subnet")]
        role = organization.role(f"connects-{owner}", own, allow("ec2:CreateVpcEndpoint", on=parts))
        return organization.session(role).client("ec2").create_vpc_endpoint

    asked = {**network, "ServiceName": made["ServiceName"], "VpcEndpointType": "Interface"}
    assert connecting(provider)(**asked)["VpcEndpoint"]["State"] == "pendingAcceptance"
    assert denied(connecting("amazon"), **asked)[0] == "UnauthorizedOperation"
