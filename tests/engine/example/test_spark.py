"""Spark in an environment of the example that switches it on, read back with boto3."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.deployed_example import SPARK, WITH_SPARK
from tests.support.documents import as_list
from tests.support.workbench import Workbench


@pytest.fixture(scope="module")
def place(acme: Workbench) -> dict[str, Any]:
    return acme.outputs(WITH_SPARK)


@pytest.fixture(scope="module")
def application(acme: Workbench, place: dict[str, Any]) -> dict[str, Any]:
    client = acme.client("emr-serverless", place["account_id"])
    return dict(client.get_application(applicationId=place["spark_application_id"])["application"])


@pytest.mark.requirement("TR-02.d", level="declared")
def test_spark_works_in_the_environments_private_network_alone(
    acme: Workbench, place: dict[str, Any], application: dict[str, Any]
) -> None:
    network = application["networkConfiguration"]
    assert network["subnetIds"] == place["private_subnet_ids"]
    assert network["securityGroupIds"] == [place["workload_security_group_id"]]
    ec2 = acme.client("ec2", place["account_id"])
    subnets = ec2.describe_subnets(SubnetIds=network["subnetIds"])["Subnets"]
    assert {subnet["VpcId"] for subnet in subnets} == {place["vpc_id"]}
    named = {"vpc-id": place["vpc_id"], "service-name": "com.amazonaws.eu-west-1.emr-serverless"}
    filters = [{"Name": key, "Values": [value]} for key, value in named.items()]
    assert len(ec2.describe_vpc_endpoints(Filters=filters)["VpcEndpoints"]) == 1


@pytest.mark.requirement("TR-02.d", level="declared")
def test_spark_is_as_large_as_the_file_says_and_off_when_idle(application: dict[str, Any]) -> None:
    assert application["name"] == WITH_SPARK
    assert (application["type"], application["releaseLabel"]) == ("Spark", "emr-7.12.0")
    assert application["maximumCapacity"] == {"cpu": f"{SPARK['max_vcpus']} vCPU", "memory": "128 GB", "disk": "500 GB"}
    idle = {"enabled": True, "idleTimeoutMinutes": SPARK["idle_timeout_minutes"]}
    assert application["autoStopConfiguration"] == idle
    (defaults,) = application["runtimeConfiguration"]
    assert defaults["properties"]["spark.emr-serverless.lakeformation.enabled"] == "true"


@pytest.mark.requirement("TR-02.d", level="declared")
def test_spark_logs_under_the_environments_key_and_nowhere_at_emrs(
    acme: Workbench, place: dict[str, Any], application: dict[str, Any]
) -> None:
    monitoring = application["monitoringConfiguration"]
    assert monitoring["managedPersistenceMonitoringConfiguration"] == {"enabled": False}
    name = monitoring["cloudWatchLoggingConfiguration"]["logGroupName"]
    found = acme.client("logs", place["account_id"]).describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert [(group["logGroupName"], group["kmsKeyId"]) for group in found] == [(name, place["key_arn"])]


@pytest.mark.requirement("DL-09.c", level="declared")
@pytest.mark.requirement("TR-02.d", level="declared")
def test_jobs_of_spark_act_with_a_bounded_role_that_the_lake_grants_what_it_grants_other_jobs(
    acme: Workbench, place: dict[str, Any]
) -> None:
    iam, name = acme.client("iam", place["account_id"]), f"{WITH_SPARK}-spark"
    role = iam.get_role(RoleName=name)["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == place["permissions_boundary_arn"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "emr-serverless.amazonaws.com"}
    assert trust["Condition"]["StringEquals"]["aws:SourceAccount"] == place["account_id"]
    document = iam.get_role_policy(RoleName=name, PolicyName="permissions")["PolicyDocument"]
    by_sid = {statement["Sid"]: statement for statement in document["Statement"]}
    assert as_list(by_sid["WriteResults"]["Resource"]) == [f"{place['bucket_arn']}/*"]
    lake = acme.client("lakeformation", acme.outputs("data-lake")["account_id"])
    found = lake.list_permissions()["PrincipalResourcePermissions"]
    by_role: dict[str, list[str]] = {}
    for grant in found:
        who = grant["Principal"]["DataLakePrincipalIdentifier"].rpartition("/")[2]
        by_role.setdefault(who, []).append(str((grant["Resource"], grant["Permissions"])))
    assert by_role[name]
    assert sorted(by_role[name]) == sorted(by_role[f"{WITH_SPARK}-execution"])
