"""The database of workflows in the governance account: created or given, for builds alone, and without a password in
any state."""

from functools import cache
from ipaddress import IPv4Network

import pytest

from components.storage.serverless_database import ServerlessDatabaseArgs
from settings.organization.operations.request_runner import ServerlessWorkflows, WorkflowDatabase
from tests.support.documents import as_list, statements
from tests.support.every_stack import deploy_stack, example_deployment, example_foundation, example_organization
from tests.support.variants import REQUESTS

CLUSTER, MEMBER = "aws:rds/cluster:Cluster", "aws:rds/clusterInstance:ClusterInstance"
SECRET, GROUP = "aws:secretsmanager/secret:Secret", "aws:rds/clusterParameterGroup:ClusterParameterGroup"
EGRESS, INGRESS = (
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
)
CONNECTION = "arn:aws:secretsmanager:eu-west-1:444444444444:secret:plinth/workflows-a1B2c3"


@cache
def built(preview=False, **changes):
    runner = REQUESTS["request_runner"].model_copy(update=changes)
    foundation = example_foundation(organization=example_organization(request_runner=runner))
    upstream = example_deployment().outputs_before("governance")
    return deploy_stack("governance", foundation, upstream=upstream, preview=preview)


def given():
    database = WorkflowDatabase(connection=CONNECTION, cidr=IPv4Network("10.200.0.0/24"), port=6432)
    return built(serverless_workflows=None, workflows=database)


def variables(recorder):
    (project,) = (
        resource.inputs
        for resource in recorder.all("aws:codebuild/project:Project")
        if resource.inputs["name"] == "plinth-requests"
    )
    return {
        environment_variable["name"]: (environment_variable["value"], environment_variable.get("type", "PLAINTEXT"))
        for environment_variable in project["environment"]["environmentVariables"]
    }


def to_database(recorder):
    """Returns where builds may connect to a database."""
    (rule,) = (egress.inputs for egress in recorder.all(EGRESS) if egress.name == "builds-to-database")
    return rule["cidrIpv4"], rule["fromPort"], rule["toPort"]


@pytest.mark.requirement("GOV-03")
def test_the_database_has_no_capacity_while_no_build_is_connected():
    cluster = built().one(CLUSTER).inputs
    assert (cluster["engine"], cluster["engineVersion"]) == ("aurora-postgresql", "16")
    assert cluster["serverlessv2ScalingConfiguration"] == {
        "minCapacity": 0,
        "maxCapacity": 1,
        "secondsUntilAutoPause": 300,
    }
    other = built(serverless_workflows=ServerlessWorkflows(pause_minutes=60, max_capacity=4, backup_days=30))
    changed = other.one(CLUSTER).inputs
    assert changed["serverlessv2ScalingConfiguration"]["secondsUntilAutoPause"] == 3600
    assert changed["serverlessv2ScalingConfiguration"]["maxCapacity"] == 4
    assert (cluster["backupRetentionPeriod"], changed["backupRetentionPeriod"]) == (14, 30)
    member = built().one(MEMBER).inputs
    assert (member["instanceClass"], member["publiclyAccessible"]) == ("db.serverless", False)


def test_builds_alone_reach_the_database_over_tls():
    recorder = built()
    (rule,) = (ingress.inputs for ingress in recorder.all(INGRESS) if ingress.name == "workflows-from-clients")
    (builds,) = (
        security_group
        for security_group in recorder.all("aws:ec2/securityGroup:SecurityGroup")
        if security_group.name == "builds"
    )
    assert rule["referencedSecurityGroupId"] == builds.id
    assert (rule["fromPort"], rule["toPort"]) == (5432, 5432)
    network = recorder.one("aws:ec2/vpc:Vpc").inputs["cidrBlock"]
    assert to_database(recorder) == (network, 5432, 5432)
    (parameter,) = recorder.one(GROUP).inputs["parameters"]
    assert (parameter["name"], parameter["value"]) == ("rds.force_ssl", "1")
    subnets = recorder.one("aws:rds/subnetGroup:SubnetGroup").inputs["subnetIds"]
    assert len(subnets) == len(set(subnets)) >= 2


@pytest.mark.parametrize("preview", [False, True])
def test_neither_the_password_nor_the_key_is_in_a_state_or_a_plain_variable(preview):
    recorder = built(preview=preview)
    cluster = recorder.one(CLUSTER).inputs
    assert cluster["manageMasterUserPassword"] is True
    assert not [name for name in cluster if name.startswith("masterPassword")]
    assert not recorder.all("aws:secretsmanager/secretVersion:SecretVersion")
    found = variables(recorder)
    assert found["PLINTH_WORKFLOWS_USER"][1] == found["PLINTH_WORKFLOWS_PASSWORD"][1] == "SECRETS_MANAGER"
    assert not {"PLINTH_WORKFLOWS_URL", "PLINTH_WORKFLOWS_KEY"} & found.keys()
    if not preview:
        assert found["PLINTH_WORKFLOWS_PASSWORD"][0].endswith(":password")
        assert found["PLINTH_WORKFLOWS_USER"][0].endswith(":username")
        server, kind = found["PLINTH_WORKFLOWS_SERVER"]
        assert kind == "PLAINTEXT"
        assert server.endswith(".rds.amazonaws.com:5432/workflows")


def test_the_role_of_builds_reads_the_two_secrets_and_writes_the_key_alone():
    recorder = built()
    (policy,) = (
        role_policy
        for role_policy in recorder.all("aws:iam/rolePolicy:RolePolicy")
        if role_policy.name == "runner-permissions"
    )
    granted = statements(policy)
    (secret,) = recorder.all(SECRET)
    assert as_list(granted["KeepTheKeyOfWorkflows"]["Resource"]) == [secret.id]
    (password,) = as_list(granted["ReadTheConnectionString"]["Resource"])
    assert ":secret:rds!cluster-" in password
    assert granted["ReadTheConnectionString"]["Action"] == "secretsmanager:GetSecretValue"


def test_data_backups_and_keys_outlive_a_mistake():
    recorder = built()
    cluster, secret = recorder.one(CLUSTER), recorder.one(SECRET)
    kept = {
        name: cluster.inputs[name] for name in ("deleteAutomatedBackups", "deletionProtection", "skipFinalSnapshot")
    }
    assert kept == {"deleteAutomatedBackups": False, "deletionProtection": True, "skipFinalSnapshot": False}
    assert cluster.protect
    assert secret.protect
    assert secret.inputs["recoveryWindowInDays"] == 30
    key = recorder.one("aws:kms/key:Key")
    assert cluster.inputs["kmsKeyId"] == secret.inputs["kmsKeyId"] == key.computed["arn"]
    services = statements(key, "policy")["AccountUsesThroughServices"]["Condition"]["StringEquals"]["kms:ViaService"]
    assert "rds.eu-west-1.amazonaws.com" in services
    other = statements(given().one("aws:kms/key:Key"), "policy")["AccountUsesThroughServices"]
    assert "rds.eu-west-1.amazonaws.com" not in other["Condition"]["StringEquals"]["kms:ViaService"]


def test_the_log_group_exists_before_the_cluster_that_delivers_to_it():
    (group,) = (
        log_group
        for log_group in built().all("aws:cloudwatch/logGroup:LogGroup")
        if log_group.inputs["name"] == "/aws/rds/cluster/plinth-workflows/postgresql"
    )
    assert group.urn in built().one(CLUSTER).dependencies


def test_a_given_database_is_reached_at_its_network_and_nothing_is_created():
    recorder = given()
    assert not [record for record in recorder.records if record.type.startswith(("aws:rds/", "aws:secretsmanager/"))]
    assert to_database(recorder) == ("10.200.0.0/24", 6432, 6432)
    found = variables(recorder)
    assert found["PLINTH_WORKFLOWS_URL"] == (f"{CONNECTION}:url", "SECRETS_MANAGER")
    assert found["PLINTH_WORKFLOWS_KEY"] == (f"{CONNECTION}:key", "SECRETS_MANAGER")
    assert "PLINTH_WORKFLOWS_SERVER" not in found


def test_without_either_builds_reach_no_database():
    recorder = built(serverless_workflows=None)
    assert not [egress for egress in recorder.all(EGRESS) if egress.name == "builds-to-database"]
    assert not [name for name in variables(recorder) if name.startswith("PLINTH_WORKFLOWS")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"max_capacity": 0}, r"max_capacity: 0 is out of range \(1 to 256\)"),
        ({"pause_minutes": 4}, r"pause_minutes: 4 is out of range \(5 to 1,440\)"),
        ({"backup_days": 6}, r"backup_days: 6 is out of range \(7 to 35\)"),
        ({"subnet_ids": ["subnet-1"]}, "subnet_ids: workflows needs subnets in at least 2 zones"),
    ],
)
def test_what_aurora_refuses_is_refused_before(change, message):
    args = {
        "identifier": "workflows",
        "database": "workflows",
        "max_capacity": 1,
        "pause_minutes": 5,
        "backup_days": 14,
        "log_retention_days": 365,
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "client_security_group_id": "sg-1",
        "key_arn": "arn:aws:kms:eu-west-1:444444444444:key/k",
    }
    with pytest.raises(ValueError, match=message):
        ServerlessDatabaseArgs(**{**args, **change})
