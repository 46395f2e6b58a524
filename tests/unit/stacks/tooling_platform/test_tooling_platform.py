"""The inside of the Kubernetes cluster of the tooling account."""

import json
from functools import cache

import pytest

from settings.derived.stack_graph import StackIdentity
from settings.organization.cluster.tooling_cluster import ClusterSettings, LoadBalancerSettings, NamespaceSettings
from settings.types.naming import CLUSTER_REVIEWERS
from tests.support.every_stack import Deployment, example_foundation, example_organization
from tests.support.variants import CERTIFICATE

PLATFORM, CLUSTER = StackIdentity("tooling-platform"), StackIdentity("tooling-cluster")
NAMESPACE = "kubernetes:core/v1:Namespace"
BALANCER = LoadBalancerSettings(certificate=CERTIFICATE, workload="server", health_path="/health")
NAMESPACES = {
    "tracking": NamespaceSettings(cpus=4, storage_gib=50, load_balancer=BALANCER),
    "runners": NamespaceSettings(pods=20),
}


@cache
def foundation():
    cluster = ClusterSettings(namespaces=NAMESPACES)
    return example_foundation(organization=example_organization(tooling_cluster=cluster))


@cache
def deployment():
    return Deployment(foundation())


def built():
    return deployment()["tooling-platform"]


def test_the_inside_of_the_cluster_is_deployed_after_the_cluster_into_the_same_account():
    assert CLUSTER in foundation().stacks[PLATFORM]
    assert foundation().account_of_stack(PLATFORM) == foundation().account_of_stack(CLUSTER)


def test_every_object_uses_the_one_provider_of_the_cluster():
    (provider,) = built().all("pulumi:providers:kubernetes")
    assert {resource.provider for resource in built().resources} == {provider.name}
    assert built().all("pulumi:providers:aws") == []


def test_the_provider_enters_the_cluster_of_the_tooling_account_and_keeps_no_credentials():
    cluster = deployment()["tooling-cluster"].exports
    provider = built().one("pulumi:providers:kubernetes").inputs
    assert provider["clusterIdentifier"] == cluster["cluster_arn"]
    assert provider["upsertExistingObjects"] == "true"
    config = json.loads(provider["kubeconfig"])
    (reached,), (user,) = config["clusters"], config["users"]
    assert reached["cluster"] == {
        "server": cluster["endpoint"],
        "certificate-authority-data": cluster["certificate_authority"],
    }
    assert list(user["user"]) == ["exec"]
    words = user["user"]["exec"]["args"]
    assert user["user"]["exec"]["command"] == "plinth"
    assert words[:2] == ["cluster", "token"]
    assert dict(zip(words[2::2], words[3::2], strict=True)) == {
        "--name": cluster["cluster_name"],
        "--account": cluster["account_id"],
        "--region": "eu-west-1",
        "--stack": "tooling-platform",
    }


def test_each_namespace_of_the_settings_has_its_own_limits():
    assert {namespace.inputs["metadata"]["name"] for namespace in built().all(NAMESPACE)} == set(NAMESPACES)
    hard = {
        resource_quota.inputs["metadata"]["namespace"]: resource_quota.inputs["spec"]["hard"]
        for resource_quota in built().all("kubernetes:core/v1:ResourceQuota")
    }
    assert (hard["tracking"]["requests.cpu"], hard["tracking"]["requests.storage"]) == ("4", "50Gi")
    assert (hard["runners"]["pods"], hard["runners"]["requests.storage"]) == ("20", "0Gi")
    assert built().exports["namespaces"] == {name: name for name in NAMESPACES}


def test_a_load_balancer_is_in_the_subnets_of_the_cluster_and_only_where_the_settings_have_one():
    service, tooling = built().one("kubernetes:core/v1:Service").inputs, deployment()["tooling"].exports
    annotations = service["metadata"]["annotations"]
    subnets = annotations["service.beta.kubernetes.io/aws-load-balancer-subnets"].split(",")
    assert service["metadata"]["namespace"] == "tracking"
    assert subnets == tooling["private_subnet_ids"][:2]
    assert service["spec"]["loadBalancerSourceRanges"] == [
        str(foundation().organization.address_plan.kind_block("tooling"))
    ]
    assert annotations["service.beta.kubernetes.io/aws-load-balancer-ssl-cert"] == CERTIFICATE
    assert set(built().exports["load_balancer_hosts"]) == {"tracking"}


def test_a_preview_may_add_a_load_balancer_because_quotas_do_not_depend_on_the_settings():
    """The Kubernetes API judges the dry run of a preview by the quota that it has."""
    hard = {
        resource_quota.inputs["metadata"]["namespace"]: resource_quota.inputs["spec"]["hard"]["services.loadbalancers"]
        for resource_quota in built().all("kubernetes:core/v1:ResourceQuota")
    }
    assert hard == {"tracking": "1", "runners": "1"}


@pytest.mark.threat("T-15")
def test_the_group_for_reviews_is_that_of_the_access_entry_of_the_role_for_reviews():
    (group,) = {
        subject["name"]
        for binding in built().all("kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding")
        for subject in binding.inputs["subjects"]
    }
    groups = [
        access_entry.inputs["kubernetesGroups"]
        for access_entry in deployment()["tooling-cluster"].all("aws:eks/accessEntry:AccessEntry")
        if access_entry.inputs.get("kubernetesGroups")
    ]
    assert groups == [[group]]
    assert group == CLUSTER_REVIEWERS


def test_pods_come_from_the_registry_of_the_tooling_account():
    account = deployment()["tooling-cluster"].exports["account_id"]
    policies = built().all("kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy")
    assert any(f"{account}.dkr.ecr.eu-west-1.amazonaws.com/" in str(policy.inputs) for policy in policies)


def test_a_preview_before_the_first_deployment_shows_every_resource():
    previewed = Deployment(foundation(), preview=True)["tooling-platform"]
    assert {record.urn for record in previewed.records} == {record.urn for record in built().records}
