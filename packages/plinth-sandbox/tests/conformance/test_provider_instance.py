"""A provider instance: configuration, credentials, generated names, errors and data sources."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from conformance.plugin import Kept, Plugin, RefusedError, plugin_in_this_process
from conformance.sample import Aws
from plinth_sandbox.provider.rpc.protocol import provider
from plinth_sandbox.provider.rpc.wire import UNKNOWN, from_struct, to_struct
from plinth_sandbox.testing import MANAGEMENT, EmulatedAws

KEY = "aws:kms/key:Key"
BUCKET = "aws:s3/bucket:Bucket"
PARAMETER = "aws:ssm/parameter:Parameter"


def role_of(account: str, **more: str) -> dict[str, str]:
    return {"roleArn": f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", **more}


def message(error: pytest.ExceptionInfo[grpc.RpcError]) -> str:
    return str(error.value.details())


@pytest.fixture(scope="module")
def member(server: EmulatedAws) -> str:
    return server.new_account("provider-member")


@pytest.mark.parametrize("accounts", [["999999999999"], [999999999999], "999999999999", "[999999999999]"], ids=str)
def test_an_account_that_is_not_allowed_is_refused_before_anything_happens(stub: Any, accounts: object):
    with pytest.raises(grpc.RpcError) as error:
        Plugin(stub, allowedAccountIds=accounts)
    assert f"AWS account {MANAGEMENT} is not one of allowedAccountIds (999999999999)" in message(error)


def test_a_forbidden_account_is_refused(stub: Any):
    with pytest.raises(grpc.RpcError) as error:
        Plugin(stub, forbiddenAccountIds=[MANAGEMENT])
    assert f"AWS account {MANAGEMENT} is one of forbiddenAccountIds" in message(error)


def test_resources_land_in_the_account_of_the_assumed_role_and_nowhere_else(server: EmulatedAws, member: str):
    with plugin_in_this_process() as stub:
        there = Plugin(stub, allowedAccountIds=[member], assumeRoles=[role_of(member, sessionName="plinth")])
        there.create(PARAMETER, "there", {"name": "/there", "type": "String", "value": "1"})
    assert server.client("ssm", member).get_parameter(Name="/there")["Parameter"]["Value"] == "1"
    assert server.client("ssm").describe_parameters()["Parameters"] == []


def test_chained_roles_are_assumed_in_order(server: EmulatedAws, member: str):
    further = server.new_account("provider-further")
    chain = [role_of(member), role_of(further, externalId="plinth")]
    with plugin_in_this_process() as stub:
        plugin = Plugin(stub, assumeRoles=chain)
        assert plugin.invoke("aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == further


def test_nested_configuration_arrives_as_json_text_as_the_sdk_sends_it(member: str):
    with plugin_in_this_process() as stub:
        there = Plugin(stub, assumeRoles=json.dumps([role_of(member)]), allowedAccountIds=json.dumps([member]))
        assert there.invoke("aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == member


def test_unknown_configuration_leaves_the_provider_unconfigured():
    with plugin_in_this_process() as stub:
        somewhere = Plugin(stub, assumeRoles=[{"roleArn": UNKNOWN}])
        with pytest.raises(grpc.RpcError) as error:
            somewhere.check(KEY, "key", {})
    assert message(error) == "the provider is not configured yet"


def test_a_misspelt_configuration_is_refused_with_its_path(stub: Any):
    news = {"region": "eu-west-1", "assumeRoles": json.dumps([{"roleArm": "a"}]), "skipMetadataApiCheck": "true"}
    answer = stub.CheckConfig(provider.CheckRequest(news=to_struct(news)))
    assert {failure.property for failure in answer.failures} == {"assumeRoles[0].roleArm"}


def test_a_resource_may_live_in_another_region_than_its_provider(plugin: Plugin, server: EmulatedAws):
    kept = plugin.create(KEY, "elsewhere", {"region": "us-east-1"})
    assert kept.outputs["arn"].split(":")[3] == "us-east-1"
    assert plugin.refresh(kept) is not None
    plugin.delete(kept)


def test_a_generated_name_is_kept_until_the_resource_is_replaced(plugin: Plugin):
    first = plugin.check(BUCKET, "Artifacts", {})
    assert first["bucket"].startswith("artifacts-")
    assert len(first["bucket"]) == len("artifacts-") + 7
    assert plugin.check(BUCKET, "Artifacts", {"tags": {"a": "1"}}, first)["bucket"] == first["bucket"]
    assert plugin.check(BUCKET, "Artifacts", {"bucketPrefix": "logs-"})["bucket"].startswith("logs-")
    assert plugin.check(BUCKET, "Artifacts", {"bucket": "acme"}, first) == {"bucket": "acme", "region": "eu-west-1"}


def test_a_generated_name_is_never_longer_than_aws_allows(plugin: Plugin):
    assert len(plugin.check(BUCKET, "a" * 80, {})["bucket"]) == 63
    assert plugin.check("aws:kms/alias:Alias", "main", {"targetKeyId": "k"})["name"].startswith("alias/main-")


def test_an_error_of_aws_names_the_type_and_the_operation(plugin: Plugin):
    inputs = {"bucket": "no-such-bucket", "policy": "{}"}
    with pytest.raises(grpc.RpcError) as error:
        plugin.create("aws:s3/bucketPolicy:BucketPolicy", "policy", inputs)
    assert message(error).startswith("aws:s3/bucketPolicy:BucketPolicy: s3 PutBucketPolicy: NoSuchBucket")


def test_an_id_in_a_wrong_format_cannot_be_imported(plugin: Plugin):
    with pytest.raises(grpc.RpcError) as error:
        plugin.import_("aws:s3/bucketObjectv2:BucketObjectv2", "object", "no-slash")
    assert "the id no-slash does not have the format {bucket}/{key}" in message(error)


def test_an_import_of_a_missing_resource_finds_nothing(plugin: Plugin):
    assert plugin.import_(BUCKET, "nothing", "no-such-bucket") is None


def test_many_resources_are_created_in_parallel(plugin: Plugin, aws: Aws):
    def create(number: int) -> Kept:
        return plugin.create(PARAMETER, f"p{number}", {"name": f"/many/{number}", "type": "String", "value": "v"})

    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(create, range(48)))
    found = aws("ssm").get_parameters_by_path(Path="/many", MaxResults=10)["Parameters"]
    assert len(found) == 10
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(plugin.delete, made))
    assert aws("ssm").get_parameters_by_path(Path="/many")["Parameters"] == []


def test_no_call_starts_after_the_engine_cancels(server: EmulatedAws):
    with plugin_in_this_process() as stub:
        plugin = Plugin(stub)
        checked = plugin.check(KEY, "late", {})
        stub.Cancel(provider.google_dot_protobuf_dot_empty__pb2.Empty())
        with pytest.raises(grpc.RpcError) as error:
            stub.Create(provider.CreateRequest(urn=f"urn:pulumi:s::p::{KEY}::late", properties=to_struct(checked)))
    assert message(error) == f"{KEY}: cancelled"


def test_an_operation_ends_when_its_custom_timeout_has_passed(plugin: Plugin):
    request = provider.CreateRequest(urn=f"urn:pulumi:s::p::{KEY}::slow", properties=to_struct({}), timeout=0.000001)
    with pytest.raises(grpc.RpcError) as error:
        plugin.stub.Create(request)
    assert message(error) == f"{KEY}: not complete within its timeout"


def test_a_preview_knows_the_inputs_but_not_the_values_that_aws_decides(plugin: Plugin):
    checked = plugin.check(KEY, "preview", {"description": "a", "tags": {"own": "1"}})
    request = provider.CreateRequest(urn=f"urn:pulumi:s::p::{KEY}::p", properties=to_struct(checked), preview=True)
    outputs = from_struct(plugin.stub.Create(request).properties)
    assert outputs["description"] == "a"
    assert outputs["tagsAll"] == {"from": "provider", "own": "1"}
    assert outputs["isEnabled"] is True
    assert {outputs["arn"], outputs["keyId"], outputs["policy"]} == {UNKNOWN}


def test_data_sources_return_caller_identity_and_region(plugin: Plugin):
    assert plugin.invoke("aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == MANAGEMENT
    assert plugin.invoke("aws:index/getRegion:getRegion")["region"] == "eu-west-1"
    assert plugin.invoke("aws:index/getPartition:getPartition")["partition"] == "aws"
    zones = plugin.invoke("aws:index/getAvailabilityZones:getAvailabilityZones")
    assert zones["names"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]


def test_data_sources_find_prefix_lists_by_name(plugin: Plugin):
    name = "com.amazonaws.eu-west-1.s3"
    found = plugin.invoke("aws:ec2/getPrefixList:getPrefixList", {"name": name})
    managed = plugin.invoke("aws:ec2/getManagedPrefixList:getManagedPrefixList", {"name": name})
    assert found["id"] == managed["id"]
    assert found["id"].startswith("pl-")
    assert [entry["cidr"] for entry in managed["entries"]]
    with pytest.raises(grpc.RpcError, match="nothing matches"):
        plugin.invoke("aws:ec2/getPrefixList:getPrefixList", {"name": "com.amazonaws.eu-west-1.nothing"})


@pytest.mark.parametrize(
    ("noun", "attribute", "name", "required"),
    [
        ("group", "DisplayName", "seekers", {}),
        ("user", "UserName", "seeker", {"Name": {"GivenName": "S", "FamilyName": "K"}, "DisplayName": "S"}),
    ],
)
def test_groups_and_users_of_the_directory_are_found_by_name(
    plugin: Plugin, aws: Aws, noun: str, attribute: str, name: str, required: dict[str, Any]
):
    store = aws("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]
    create = getattr(aws("identitystore"), f"create_{noun}")
    created = create(IdentityStoreId=store, **{**required, attribute: name})
    wanted = {"uniqueAttribute": {"attributePath": attribute, "attributeValue": name}}
    token = f"aws:identitystore/get{noun.title()}:get{noun.title()}"
    found = plugin.invoke(token, {"identityStoreId": store, "alternateIdentifier": wanted})
    assert found[f"{noun}Id"] == created[f"{noun.title()}Id"]
    assert found[f"{attribute[0].lower()}{attribute[1:]}"] == name


def test_a_data_source_finds_the_organization(plugin: Plugin, member: str):
    found = plugin.invoke("aws:organizations/getOrganization:getOrganization")
    assert found["masterAccountId"] == MANAGEMENT
    assert member in [account["id"] for account in found["nonMasterAccounts"]]
    assert found["roots"][0]["id"].startswith("r-")


@pytest.mark.parametrize(("argument", "reason"), [("regoin", "did you mean region"), ("endpoint", "does not support")])
def test_an_unsupported_argument_of_a_data_source_is_refused(plugin: Plugin, argument: str, reason: str):
    with pytest.raises(RefusedError, match=reason):
        plugin.invoke("aws:index/getRegion:getRegion", {argument: "eu-west-1"})


def test_a_data_source_that_the_provider_catalog_does_not_have_says_where_to_add_it(plugin: Plugin):
    with pytest.raises(grpc.RpcError) as error:
        plugin.invoke("aws:index/getArn:getArn", {"arn": "a"})
    assert "describe it in index.py of plinth_sandbox.provider.catalog" in message(error)


def test_a_role_is_assumed_with_all_that_the_program_says_about_it(server: EmulatedAws, member: str):
    """A trust policy sees the source identity and the tags."""
    iam = server.client("iam", member)
    conditions = {"StringEquals": {"sts:SourceIdentity": "ada", "aws:RequestTag/team": "fraud"}}
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
        "Condition": conditions,
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_role(RoleName="named", AssumeRolePolicyDocument=trust)
    named = {"roleArn": f"arn:aws:iam::{member}:role/named", "sourceIdentity": "ada", "tags": {"team": "fraud"}}
    with plugin_in_this_process() as stub:
        plugin = Plugin(stub, assumeRoles=[role_of(member), {**named, "transitiveTagKeys": ["team"]}])
        assert ":assumed-role/named/" in plugin.invoke("aws:index/getCallerIdentity:getCallerIdentity")["arn"]
        with pytest.raises(grpc.RpcError) as error:
            Plugin(stub, assumeRoles=[{**role_of(member), "duration": "1h"}])
    assert "does not know duration" in message(error)
