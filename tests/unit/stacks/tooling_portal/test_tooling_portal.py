"""The portal in the Kubernetes cluster of the tooling account."""

import json
from functools import cache

import pytest

from settings.derived.stack_graph import StackIdentity
from settings.organization.cluster.tooling_cluster import ClusterSettings
from tests.support.every_stack import Deployment, example_foundation, example_organization
from tests.support.variants import CLUSTER_WITH_PORTAL, PORTAL, REQUESTS

STACK = StackIdentity("tooling-portal")


@cache
def foundation(*, serves=True):
    cluster = CLUSTER_WITH_PORTAL if serves else {"tooling_cluster": ClusterSettings()}
    organization = example_organization(sign_in="identity-center", **cluster, **REQUESTS)
    return example_foundation(organization=organization)


@cache
def deployment():
    return Deployment(foundation())


def built():
    return deployment()["tooling-portal"]


def container():
    (found,) = built().one("kubernetes:apps/v1:Deployment").inputs["spec"]["template"]["spec"]["containers"]
    return found


def statements(role):
    """Returns the statements of a role's inline policy."""
    (policy,) = (
        role_policy
        for role_policy in built().all("aws:iam/rolePolicy:RolePolicy")
        if role_policy.inputs["role"] == role
    )
    return json.loads(policy.inputs["policy"])["Statement"]


def test_the_stack_is_in_the_account_of_the_cluster_after_what_the_portal_reads():
    needed = foundation().stacks[STACK]
    assert {"tooling-platform", "identity", "governance"} <= {stack.name for stack in needed}
    assert foundation().account_of_stack(STACK) == foundation().account_of_stack(StackIdentity("tooling-platform"))


def test_without_the_setting_there_is_no_such_stack():
    assert STACK not in foundation(serves=False).stacks


def test_one_pod_serves_the_address_of_the_settings_to_the_instance_of_the_stack_identity():
    assert built().one("kubernetes:apps/v1:Deployment").inputs["spec"]["replicas"] == 1
    variables = {variable["name"]: variable["value"] for variable in container()["env"]}
    instance = deployment()["identity"].exports["instance_arn"].rpartition("/")[2]
    assert variables["PLINTH_PORTAL_ADDRESS"] == built().exports["address"] == "https://portal.acme.example"
    assert variables["PLINTH_PORTAL_ISSUER"] == f"https://identitycenter.amazonaws.com/{instance}"
    assert variables["HTTPS_PROXY"] == PORTAL.proxy.address
    assert container()["image"].endswith(f"/plinth@{PORTAL.image}")
    assert container()["readinessProbe"]["httpGet"]["path"] == "/health"
    assert container()["livenessProbe"]["httpGet"]["path"] == "/health"


@pytest.mark.threat("T-28")
def test_the_pod_has_no_secret_and_no_permission_but_to_read_the_settings():
    assert not any("valueFrom" in variable for variable in container()["env"])
    governance = deployment()["organization"].exports["accounts"]["governance"]
    (entered,) = statements("tooling-portal")
    assert entered["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert entered["Resource"] == f"arn:aws:iam::{governance}:role/plinth/portal-settings"
    read, decrypt = statements("portal-settings")
    assert decrypt["Action"] == ["kms:Decrypt", "kms:DescribeKey"]
    assert decrypt["Resource"] == deployment()["governance"].exports["key_arn"]
    assert decrypt["Condition"] == {"StringEquals": {"kms:ViaService": "codecommit.eu-west-1.amazonaws.com"}}
    assert read["Action"] == ["codecommit:GetBlob", "codecommit:GetBranch", "codecommit:GetFolder"]
    assert read["Resource"] == f"arn:aws:codecommit:eu-west-1:{governance}:plinth-settings"


@pytest.mark.threat("T-28")
def test_only_the_pod_of_the_portal_reads_the_settings():
    roles = {role.inputs["name"]: role for role in built().all("aws:iam/role:Role")}
    (trust,) = json.loads(roles["portal-settings"].inputs["assumeRolePolicy"])["Statement"]
    tooling = deployment()["organization"].exports["accounts"]["tooling"]
    assert trust["Principal"] == {"AWS": f"arn:aws:iam::{tooling}:role/plinth/tooling-portal"}
    assert trust["Condition"] == {
        "StringEquals": {
            "aws:PrincipalOrgID": deployment()["organization"].exports["organization_id"],
            "aws:PrincipalTag/eks-cluster-arn": deployment()["tooling-cluster"].exports["cluster_arn"],
            "aws:PrincipalTag/kubernetes-namespace": "plinth-portal",
            "aws:PrincipalTag/kubernetes-service-account": "portal",
        }
    }
    association = built().one("aws:eks/podIdentityAssociation:PodIdentityAssociation").inputs
    assert (association["namespace"], association["serviceAccount"]) == ("plinth-portal", "portal")
    assert roles["portal-settings"].provider != roles["tooling-portal"].provider


def test_browsers_reach_it_through_a_load_balancer_inside_the_network():
    (balanced,) = (
        service.inputs
        for service in built().all("kubernetes:core/v1:Service")
        if service.inputs["spec"]["type"] == "LoadBalancer"
    )
    prefix = "service.beta.kubernetes.io/aws-load-balancer-"
    annotations = balanced["metadata"]["annotations"]
    assert annotations[f"{prefix}scheme"] == "internal"
    assert annotations[f"{prefix}ssl-cert"] == PORTAL.certificate
    assert annotations[f"{prefix}healthcheck-path"] == "/health"
    assert balanced["spec"]["ports"][0]["targetPort"] == container()["ports"][0]["containerPort"] == 8080
    assert built().exports["load_balancer_host"].endswith(".elb.eu-west-1.amazonaws.com")


def test_the_network_policies_admit_the_proxy_and_nothing_else_in_addition():
    policies = {
        network_policy.inputs["metadata"]["name"]: network_policy.inputs["spec"]
        for network_policy in built().all("kubernetes:networking.k8s.io/v1:NetworkPolicy")
    }
    assert policies["deny-all"]["policyTypes"] == ["Ingress", "Egress"]
    assert policies["allow-proxy"]["egress"] == [
        {"to": [{"ipBlock": {"cidr": "10.200.4.0/22"}}], "ports": [{"port": 3128, "protocol": "TCP"}]}
    ]
    ingress = [name for name, spec in policies.items() if spec.get("ingress")]
    assert len(ingress) == 1, "only that of the load balancer"


def test_a_preview_before_the_first_deployment_shows_every_resource():
    previewed = Deployment(foundation(), preview=True)["tooling-portal"]
    assert {record.urn for record in previewed.records} == {record.urn for record in built().records}
