"""The Kubernetes cluster of the tooling account."""

from functools import cache

import pytest

from settings.derived.stack_graph import StackIdentity
from settings.organization.cluster.tooling_cluster import ClusterSettings
from settings.types.naming import CLUSTER_REVIEWERS
from tests.support.documents import statements
from tests.support.every_stack import Deployment, example_foundation, example_organization

CLUSTER, TOOLING = StackIdentity("tooling-cluster"), StackIdentity("tooling")
PLATFORM = "tooling-platform"
ENTRY = "aws:eks/accessEntry:AccessEntry"
ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
NAMED = "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_ITPlatform-accounts_1"


@cache
def foundation(sign_in="identity-center", endpoints="dedicated"):
    cluster = ClusterSettings(log_retention_days=400, administrators=(NAMED,))
    organization = example_organization(sign_in=sign_in, endpoints=endpoints, tooling_cluster=cluster)
    return example_foundation(organization=organization)


@cache
def deployment(sign_in="identity-center"):
    return Deployment(foundation(sign_in))


def built(sign_in="identity-center"):
    return deployment(sign_in)["tooling-cluster"]


def services(stack):
    return {endpoint.inputs["serviceName"].removeprefix("com.amazonaws.eu-west-1.") for endpoint in stack.all(ENDPOINT)}


@pytest.mark.requirement("AMB-15.b")
def test_an_organization_without_the_setting_has_neither_the_stack_nor_its_endpoints():
    without = example_foundation()
    assert CLUSTER not in without.stacks
    assert {stack.name for stack in foundation().stacks} - {stack.name for stack in without.stacks} == {
        CLUSTER.name,
        PLATFORM,
    }
    before, after = Deployment(without)["tooling"], deployment()["tooling"]
    assert {record.urn for record in before.records} < {record.urn for record in after.records}
    assert services(after) - services(before) == {"ec2", "eks", "eks-auth", "elasticloadbalancing"}


@pytest.mark.requirement("AMB-15.b")
@pytest.mark.parametrize("stack", ["organization", "identity", "network", "data-lake", "governance", "fraud"])
def test_no_other_stack_changes_with_the_setting(stack):
    before, after = Deployment(example_foundation())[stack], deployment()[stack]
    assert [(record.urn, record.inputs) for record in before.records] == [
        (record.urn, record.inputs) for record in after.records
    ]


def test_the_cluster_is_in_the_tooling_account_after_its_network_and_roles():
    assert foundation().stacks[CLUSTER] == (StackIdentity("organization"), StackIdentity("identity"), TOOLING)
    assert foundation().account_of_stack(CLUSTER) == foundation().account_of_stack(TOOLING)
    merged = example_organization(
        placement={"preset": "large", "tooling": "data-lake"}, tooling_cluster=ClusterSettings()
    )
    host = StackIdentity("data-lake")
    assert host in example_foundation(organization=merged).stacks[CLUSTER]


def test_the_cluster_is_in_the_private_subnets_of_the_tooling_network():
    network = built().one("aws:eks/cluster:Cluster").inputs["vpcConfig"]
    assert network["subnetIds"] == deployment()["tooling"].exports["private_subnet_ids"]
    assert len(set(network["subnetIds"])) == 2
    assert (network["endpointPublicAccess"], network["endpointPrivateAccess"]) == (False, True)
    rule = built().one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs
    assert rule["cidrIpv4"] == str(foundation().organization.address_plan.kind_block("tooling"))


def test_deployers_and_the_roles_of_the_settings_administer_the_cluster():
    account = deployment()["organization"].exports["accounts"]["tooling"]
    granted = {association.inputs["principalArn"] for association in built().all(ASSOCIATION)}
    assert granted == {
        f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole",
        f"arn:aws:iam::{account}:role/plinth/platform-deployer",
        NAMED,
    }


def test_the_role_for_reviews_enters_the_cluster_as_a_member_of_its_group_only():
    account = deployment()["organization"].exports["accounts"]["tooling"]
    (entry,) = (resource.inputs for resource in built().all(ENTRY) if resource.inputs.get("kubernetesGroups"))
    assert entry["principalArn"] == f"arn:aws:iam::{account}:role/plinth/platform-reviewer"
    assert entry["kubernetesGroups"] == [CLUSTER_REVIEWERS]
    assert entry["principalArn"] not in {association.inputs["principalArn"] for association in built().all(ASSOCIATION)}


def test_without_identity_center_the_role_of_the_platform_team_administers_the_cluster():
    tooling, account = deployment("iam")["tooling"], deployment("iam")["organization"].exports["accounts"]["tooling"]
    (arn,) = {entry.inputs["principalArn"] for entry in built("iam").all(ENTRY)} - {
        entry.inputs["principalArn"] for entry in built().all(ENTRY)
    }
    role = tooling.one("aws:iam/role:Role", "people-it-platform").inputs
    assert arn == f"arn:aws:iam::{account}:role{role['path']}{role['name']}"


def test_the_key_is_the_clusters_own():
    (key,) = built().all("aws:kms/key:Key")
    cluster, logs = built().one("aws:eks/cluster:Cluster"), built().one("aws:cloudwatch/logGroup:LogGroup")
    assert cluster.inputs["encryptionConfig"]["provider"]["keyArn"] == logs.inputs["kmsKeyId"]
    assert logs.inputs["kmsKeyId"] != deployment()["tooling"].exports["key_arn"]
    condition = statements(key)["AccountUsesThroughServices"]["Condition"]["StringEquals"]
    assert condition["kms:ViaService"] == "eks.eu-west-1.amazonaws.com"
    assert logs.inputs["retentionInDays"] == 400


def test_the_deployer_upgrades_the_cluster_and_creates_none():
    policies = str([record.inputs.get("policy") for record in deployment()["tooling"].records])
    assert "eks:UpdateClusterVersion" in policies
    assert "eks:CreateCluster" not in policies
    assert "eks:UpdateClusterVersion" not in str(
        [record.inputs.get("policy") for record in Deployment(example_foundation())["tooling"].records]
    )


def test_a_preview_before_the_first_deployment_shows_every_resource():
    previewed = Deployment(foundation(), preview=True)["tooling-cluster"]
    assert {record.urn for record in previewed.records} == {record.urn for record in built().records}
