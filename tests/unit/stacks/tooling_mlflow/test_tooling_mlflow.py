"""The MLflow tracking server in the Kubernetes cluster of the tooling account."""

import base64
import json
from functools import cache

import pytest

from settings.derived.stack_graph import StackIdentity
from settings.organization.cluster.tooling_cluster import ClusterSettings
from settings.team.delivery import DeliverySettings
from settings.team.team import EnvironmentSettings
from settings.team.use_case import UseCaseSettings
from tests.support.every_stack import Deployment, example_foundation, example_organization, example_team
from tests.support.variants import MLFLOW

STACK, PLATFORM = StackIdentity("tooling-mlflow"), StackIdentity("tooling-platform")


@cache
def foundation(*, tracks=True):
    cluster = ClusterSettings(mlflow=MLFLOW if tracks else None)
    return example_foundation(organization=example_organization(tooling_cluster=cluster))


@cache
def deployment():
    return Deployment(foundation())


def built():
    return deployment()["tooling-mlflow"]


def environment(kind):
    (container,) = built().one(kind).inputs["spec"]["template"]["spec"]["containers"]
    return {variable["name"]: variable.get("value") for variable in container["env"]}


def test_the_stack_is_in_the_account_of_the_cluster_after_what_admits_its_pods():
    assert PLATFORM in foundation().stacks[STACK]
    assert foundation().account_of_stack(STACK) == foundation().account_of_stack(PLATFORM)


def test_without_the_setting_there_is_no_such_stack():
    assert STACK not in foundation(tracks=False).stacks


def test_the_runner_and_the_server_do_not_need_each_other():
    assert StackIdentity("tooling-runner") not in foundation().stacks


def test_only_nodes_and_pods_of_the_cluster_reach_the_database():
    (rule,) = built().all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert rule.inputs["referencedSecurityGroupId"] == deployment()["tooling-cluster"].exports["security_group_id"]
    assert (rule.inputs["fromPort"], rule.inputs["toPort"]) == (5432, 5432)
    database = built().one("aws:rds/instance:Instance").inputs
    assert database["publiclyAccessible"] is False
    subnets = built().one("aws:rds/subnetGroup:SubnetGroup").inputs["subnetIds"]
    assert subnets == deployment()["tooling"].exports["private_subnet_ids"][:2]


def test_backups_and_their_key_outlive_the_stack():
    database, key = built().one("aws:rds/instance:Instance"), built().one("aws:kms/key:Key")
    kept = {
        name: database.inputs[name] for name in ("deleteAutomatedBackups", "deletionProtection", "skipFinalSnapshot")
    }
    assert kept == {"deleteAutomatedBackups": False, "deletionProtection": True, "skipFinalSnapshot": False}
    assert database.protect
    assert (key.protect, key.retain_on_delete) == (True, True)


def restored_from(snapshot):
    server = MLFLOW.model_copy(update={"restore_from": snapshot})
    organization = example_organization(tooling_cluster=ClusterSettings(mlflow=server))
    return Deployment(example_foundation(organization=organization))["tooling-mlflow"]


def test_a_restored_database_has_a_name_and_logs_of_its_own_and_the_same_protections():
    before, after = built(), restored_from("before-upgrade")
    old, new = (recorder.one("aws:rds/instance:Instance").inputs for recorder in (before, after))
    assert "snapshotIdentifier" not in old
    assert new["snapshotIdentifier"] == "before-upgrade"
    name = new["identifier"]
    assert name.startswith(f"{old['identifier']}-")
    assert (
        name
        != restored_from("rds:plinth-mlflow-2026-11-30-03-05").one("aws:rds/instance:Instance").inputs["identifier"]
    )
    assert new["finalSnapshotIdentifier"] == f"{name}-final"
    changed = {"identifier", "finalSnapshotIdentifier", "snapshotIdentifier"}
    assert {key: value for key, value in new.items() if key not in changed} == {
        key: value for key, value in old.items() if key not in changed
    }
    logs = {group.inputs["name"] for group in after.all("aws:cloudwatch/logGroup:LogGroup")}
    assert {f"/aws/rds/instance/{name}/{log}" for log in ("postgresql", "upgrade")} <= logs


def test_no_password_is_in_the_state_and_connections_need_tls():
    database = built().one("aws:rds/instance:Instance").inputs
    assert database["manageMasterUserPassword"] is True
    assert database["iamDatabaseAuthenticationEnabled"] is True
    assert "password" not in database
    (parameter,) = built().one("aws:rds/parameterGroup:ParameterGroup").inputs["parameters"]
    assert (parameter["name"], parameter["value"]) == ("rds.force_ssl", "1")
    for kind in ("kubernetes:apps/v1:Deployment", "kubernetes:batch/v1:Job"):
        assert not any("PASSWORD" in name for name in environment(kind))


def test_only_the_job_may_read_the_password_of_the_master_user():
    granted = {
        role.inputs["role"]: json.loads(role.inputs["policy"])["Statement"]
        for role in built().all("aws:iam/rolePolicy:RolePolicy")
    }
    allowed = {role: {statement["Sid"] for statement in statements} for role, statements in granted.items()}
    assert {role: "ReadTheMasterUser" in sids for role, sids in allowed.items()} == {
        "tooling-mlflow": False,
        "tooling-mlflow-prepare": True,
    }
    for statements in granted.values():
        (connect,) = (statement for statement in statements if statement["Sid"] == "EnterTheDatabase")
        assert connect["Action"] == "rds-db:connect"
        assert connect["Resource"].endswith("/mlflow")
        assert "*" not in connect["Resource"]


def test_the_server_knows_the_roles_of_its_clients_and_starts_after_the_job():
    assert environment("kubernetes:apps/v1:Deployment")["TRACKING_CLIENTS"] == json.dumps(
        {"fraud": ["arn:aws:iam::222222222222:role/plinth/fraud-development-job"]}
    )
    job = built().one("kubernetes:batch/v1:Job")
    assert job.inputs["metadata"]["name"] == f"prepare-{'b' * 12}"
    assert job.urn in built().one("kubernetes:apps/v1:Deployment").dependencies


def test_a_certificate_gives_the_server_a_load_balancer_in_the_network_of_the_cluster():
    (balanced,) = (
        service.inputs
        for service in built().all("kubernetes:core/v1:Service")
        if service.inputs["spec"]["type"] == "LoadBalancer"
    )
    assert balanced["metadata"]["namespace"] == "plinth-mlflow"
    assert balanced["spec"]["selector"] == {"app.kubernetes.io/name": "mlflow"}
    assert balanced["spec"]["ports"][0]["targetPort"] == 8080
    assert built().exports["load_balancer_host"].endswith(".elb.eu-west-1.amazonaws.com")


def test_without_a_certificate_only_pods_of_the_cluster_reach_the_server():
    cluster = ClusterSettings(
        mlflow=MLFLOW.model_copy(update={"certificate": None, "host": None, "private_link": None})
    )
    inside = Deployment(example_foundation(organization=example_organization(tooling_cluster=cluster)))[
        "tooling-mlflow"
    ]
    assert {service.inputs["spec"]["type"] for service in inside.all("kubernetes:core/v1:Service")} == {"ClusterIP"}
    assert inside.exports.get("load_balancer_host") is None


def test_each_resource_uses_the_provider_of_its_own_api():
    for package in ("aws", "kubernetes"):
        (provider,) = built().all(f"pulumi:providers:{package}")
        theirs = {resource.provider for resource in built().resources if resource.type.startswith(f"{package}:")}
        assert theirs == {provider.name}


def test_a_preview_before_the_first_deployment_shows_every_resource():
    previewed = Deployment(foundation(), preview=True)["tooling-mlflow"]
    assert {record.urn for record in previewed.records} == {record.urn for record in built().records}


SCRIPT = "aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig"
PROJECT = "aws:codebuild/project:Project"
SERVICE, FIREWALL = "aws:ec2/vpcEndpointService:VpcEndpointService", "aws:route53/resolverFirewallDomainList"


@cache
def with_ways():
    """Returns a foundation in which one of two environments reaches the server."""
    cluster = ClusterSettings(mlflow=MLFLOW)
    environments = [
        EnvironmentSettings(team="fraud", environment=environment, tracking_server=environment == "development")
        for environment in ("experimentation", "development")
    ]
    organization = example_organization(tooling_cluster=cluster)
    return example_foundation(*environments, organization=organization, teams=[example_team()])


@cache
def reached():
    return Deployment(with_ways())


def endpoint_of(stack):
    """Returns the endpoint to the tracking server in a stack, if there is one."""
    found = reached()[stack].all("aws:ec2/vpcEndpoint:VpcEndpoint")
    return next(
        (
            vpc_endpoint
            for vpc_endpoint in found
            if vpc_endpoint.inputs["serviceName"].startswith("com.amazonaws.vpce.")
        ),
        None,
    )


def test_the_accounts_of_the_clients_find_the_endpoint_service_and_nobody_else():
    assert built().one(SERVICE).inputs["allowedPrincipals"] == ["arn:aws:iam::222222222222:root"]


def test_only_networks_with_the_setting_have_an_endpoint_after_the_service():
    endpoint = endpoint_of("fraud-development")
    assert endpoint.inputs["serviceName"] == reached()["tooling-mlflow"].exports["endpoint_service_name"]
    assert endpoint_of("fraud-experimentation") is None
    stacks = with_ways().stacks
    assert STACK in stacks[StackIdentity("development", "fraud")]
    assert STACK not in stacks[StackIdentity("experimentation", "fraud")]


def test_all_networks_resolve_the_name_of_the_server():
    (allowed,) = (
        resource.inputs["domains"]
        for resource in reached()["network"].resources
        if resource.type.startswith(FIREWALL) and resource.inputs["domains"] != ["*."]
    )
    assert "mlflow.acme.example." in allowed


def test_the_load_balancer_admits_addresses_of_all_networks_of_the_plan():
    (service,) = (
        resource.inputs["spec"]
        for resource in built().all("kubernetes:core/v1:Service")
        if resource.inputs["spec"]["type"] == "LoadBalancer"
    )
    plan = foundation().organization.address_plan
    assert service["loadBalancerSourceRanges"] == [str(plan.kind_block("tooling")), str(plan.supernet)]


def test_apps_of_studio_know_the_server_that_their_network_reaches():
    found = {}
    for environment in ("development", "experimentation"):
        scripts = reached()[f"fraud-{environment}-studio"].all(SCRIPT)
        contents = [base64.b64decode(script.inputs["studioLifecycleConfigContent"]).decode() for script in scripts]
        found[environment] = {line for text in contents for line in text.splitlines() if line.startswith("TRACKING=")}
    assert found["experimentation"] == {"TRACKING=''"}
    (line,) = found["development"]
    assert "MLFLOW_TRACKING_URI=https://mlflow.acme.example" in line
    assert "PLINTH_TRACKING_SERVER=plinth-mlflow" in line


@pytest.mark.parametrize("role", ["integration", "dev-pipeline"])
def test_builds_log_to_the_server_if_their_role_is_a_client(role):
    client = f"arn:aws:iam::111111111111:role/plinth/fraud--scoring-{role}"
    server = MLFLOW.model_copy(update={"clients": {"fraud": (client,)}})
    teams = [example_team(use_cases={"scoring": UseCaseSettings(delivery=DeliverySettings())})]
    organization = example_organization(tooling_cluster=ClusterSettings(mlflow=server))
    project = Deployment(example_foundation(organization=organization, teams=teams))["fraud--scoring"].one(PROJECT)
    given = {
        environment_variable["name"]: environment_variable["value"]
        for environment_variable in project.inputs["environment"]["environmentVariables"]
    }
    expected = {
        "MLFLOW_TRACKING_AUTH": "plinth",
        "MLFLOW_TRACKING_URI": "https://mlflow.acme.example",
        "PLINTH_TRACKING_SERVER": "plinth-mlflow",
    }
    assert (given | expected == given) is (role == "integration")
    assert ("MLFLOW_TRACKING_URI" in given) is (role == "integration")
