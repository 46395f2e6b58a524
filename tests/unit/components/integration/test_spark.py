"""The Spark application of an environment: network, limits, encryption and role."""

import pytest

from components.identity.workloads.workload_permissions import WorkloadScope
from components.integration.spark_application import SparkApplication, SparkApplicationArgs
from settings.team.emr import EmrSettings
from settings.team.team import EnvironmentSettings
from tests.support.documents import as_list, statements
from tests.support.every_stack import Deployment, example_deployment, example_foundation, example_team
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, BOUNDARY, KEY, REGION

APPLICATION = "aws:emrserverless/application:Application"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
RESULTS = "arn:aws:s3:::ml/*"
SCOPE = WorkloadScope(
    account_id=ACCOUNT,
    region=REGION,
    bucket_arn="arn:aws:s3:::ml",
    key_arn=KEY,
    role_prefix="fraud-development",
    team="fraud",
)
both_modes = pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])


def spark(**changes):
    args = {
        "application_name": "fraud-development",
        "release": "emr-7.12.0",
        "scope": SCOPE,
        "writes": [RESULTS],
        "subnet_ids": ["subnet-1", "subnet-2"],
        "security_group_id": "sg-1",
        "boundary_arn": BOUNDARY,
        "log_retention_days": 365,
        "max_vcpus": 32,
        "max_memory_gb": 128,
        "max_disk_gb": 500,
        "idle_timeout_minutes": 15,
    }
    return SparkApplication("spark", SparkApplicationArgs(**args | changes))


@pytest.mark.requirement("TR-02.d")
@both_modes
def test_the_application_is_in_the_network_limited_and_stops_when_idle(preview):
    found = deploy(spark, preview=preview).one(APPLICATION).inputs
    assert found["networkConfiguration"] == {"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]}
    assert found["maximumCapacity"] == {"cpu": "32 vCPU", "memory": "128 GB", "disk": "500 GB"}
    assert found["autoStopConfiguration"] == {"enabled": True, "idleTimeoutMinutes": 15}


def test_spark_encrypts_traffic_and_spills_and_uses_lake_formation():
    (told,) = deploy(spark).one(APPLICATION).inputs["runtimeConfigurations"]
    assert told["classification"] == "spark-defaults"
    assert set(told["properties"].values()) == {"true"}
    assert {"spark.emr-serverless.lakeformation.enabled", "spark.io.encryption.enabled"} <= set(told["properties"])


def test_logs_are_encrypted_with_the_key_of_the_environment_and_not_stored_by_emr():
    recorder = deploy(spark)
    group = recorder.one("aws:cloudwatch/logGroup:LogGroup").inputs
    assert (group["kmsKeyId"], group["retentionInDays"]) == (KEY, 365)
    monitoring = recorder.one(APPLICATION).inputs["monitoringConfiguration"]
    assert monitoring["cloudwatchLoggingConfiguration"] == {"enabled": True, "logGroupName": group["name"]}
    assert monitoring["managedPersistenceMonitoringConfiguration"] == {"enabled": False}


def test_the_role_of_jobs_writes_results_and_reads_what_lake_formation_grants():
    recorder = deploy(spark)
    document = statements(recorder.one(ROLE_POLICY))
    assert document["WriteResults"]["Resource"] == RESULTS
    assert document["ReachGrantedData"]["Action"] == "lakeformation:GetDataAccess"
    role = recorder.one("aws:iam/role:Role").inputs
    assert role["permissionsBoundary"] == BOUNDARY
    assert "emr-serverless.amazonaws.com" in role["assumeRolePolicy"]


@pytest.mark.parametrize("minutes", [0, 10_081])
def test_an_idle_timeout_outside_the_limits_of_emr_is_refused(minutes):
    with pytest.raises(ValueError, match="10,080"):
        spark(idle_timeout_minutes=minutes)


@pytest.mark.requirement("TR-02.d", level="permission")
@pytest.mark.requirement("EXP-06.b", level="permission")
def test_pipelines_and_experimenting_users_start_jobs_with_the_spark_role_only():
    deployed = example_deployment()
    stacks = {
        "fraud-experimentation": "roles-pipeline-permissions",
        "fraud-experimentation-studio": "user-ada-role-permissions",
    }
    for stack, name in stacks.items():
        (policy,) = [p for p in deployed[stack].all(ROLE_POLICY) if p.name == name]
        document = statements(policy)
        assert document["PassOneRoleToSpark"]["Resource"].endswith(":role/plinth/fraud-experimentation-spark")
        assert "emr-serverless:StartJobRun" in as_list(document["StartSpark"]["Action"])
    bucket = deployed["fraud-experimentation-studio"].exports["bucket_arn"]
    (jobs,) = [p for p in deployed["fraud-experimentation"].all(ROLE_POLICY) if p.name == "spark-role-permissions"]
    assert statements(jobs)["WriteResults"]["Resource"] == f"{bucket}/shared/*"


def test_without_the_setting_there_is_no_spark_no_endpoint_and_no_permission():
    recorder = example_deployment()["fraud-development"]
    assert not recorder.all(APPLICATION)
    assert not [e for e in recorder.all("aws:ec2/vpcEndpoint:VpcEndpoint") if e.name.endswith("-emr-serverless")]
    named = [r.name for r in recorder if "emr-serverless" in str(r.inputs.get("policy"))]
    assert not [name for name in named if not name.startswith(("deployer", "reviewer"))]


@pytest.mark.requirement("DL-09.c")
def test_with_pipelines_results_are_in_the_ml_bucket_and_the_role_has_lake_grants():
    settings = EnvironmentSettings(team="fraud", environment="development", emr=EmrSettings(max_vcpus=64))
    deployed = Deployment(example_foundation(settings, teams=[example_team()]))
    recorder = deployed["fraud-development"]
    assert recorder.one(APPLICATION).inputs["maximumCapacity"]["cpu"] == "64 vCPU"
    (jobs,) = [p for p in recorder.all(ROLE_POLICY) if p.name == "spark-role-permissions"]
    assert statements(jobs)["WriteResults"]["Resource"] == f"{recorder.exports['bucket_arn']}/*"
    granted = {
        str(p.inputs["principal"]) for p in deployed["fraud-data"].all("aws:lakeformation/permissions:Permissions")
    }
    assert any(principal.endswith(":role/plinth/fraud-development-spark") for principal in granted)
