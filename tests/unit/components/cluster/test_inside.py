"""Tests of the foundation's resources in a cluster: defaults, admission, guarded namespaces, access for reviews."""

import re

import pytest

from components.cluster.cluster_defaults import ClusterDefaults, ClusterDefaultsArgs
from components.cluster.guarded_namespace import GuardedNamespace, GuardedNamespaceArgs
from components.cluster.pod_admission import PodAdmission, PodAdmissionArgs
from components.cluster.review_access import ReviewAccess, ReviewAccessArgs
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, REGION

NAMESPACE = "kubernetes:core/v1:Namespace"
POLICY = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy"
BINDING = f"{POLICY}Binding"
NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"


def namespace(**changes):
    args = {"namespace": "tracking", "cpus": 8, "memory_gib": 32, "pods": 50, **changes}
    return GuardedNamespace("tracking", GuardedNamespaceArgs(**args))


def only(kind, make, name=None):
    return deploy(make).one(kind, name).inputs


def test_a_namespace_enforces_the_restricted_level_of_pod_security():
    labels = only(NAMESPACE, namespace)["metadata"]["labels"]
    assert labels == {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("audit", "enforce", "warn")}


def test_a_namespace_denies_all_traffic_but_dns_https_and_the_agent_of_pod_identity():
    made = {
        network_policy.inputs["metadata"]["name"]: network_policy.inputs["spec"]
        for network_policy in deploy(namespace).all(NETWORK_POLICY)
    }
    assert made["deny-all"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    anywhere, agent = made["allow-aws"]["egress"]
    assert {(port["port"], port["protocol"]) for port in anywhere["ports"]} == {(53, "UDP"), (53, "TCP"), (443, "TCP")}
    assert agent["to"] == [{"ipBlock": {"cidr": "169.254.170.23/32"}}]
    assert [port["port"] for port in agent["ports"]] == [80]
    assert "ingress" not in made["allow-aws"]


def test_a_namespace_limits_its_pods_together_and_has_no_way_in_from_outside_the_cluster():
    hard = only("kubernetes:core/v1:ResourceQuota", lambda: namespace(storage_gib=20))["spec"]["hard"]
    assert hard == {
        "limits.memory": "32Gi",
        "pods": "50",
        "requests.cpu": "8",
        "requests.memory": "32Gi",
        "requests.storage": "20Gi",
        "services.loadbalancers": "0",
        "services.nodeports": "0",
    }


def test_containers_without_limits_fit_the_quota_and_the_default_account_has_no_token():
    made = deploy(namespace)
    (container,) = made.one("kubernetes:core/v1:LimitRange").inputs["spec"]["limits"]
    assert container["type"] == "Container"
    assert {"cpu", "memory"} == set(container["defaultRequest"])
    assert "memory" in container["default"]
    account = made.one("kubernetes:core/v1:ServiceAccount").inputs
    assert account["metadata"]["name"] == "default"
    assert account["automountServiceAccountToken"] is False


def test_the_output_of_a_namespace_is_known_once_all_guards_are():
    names = []
    made = deploy(lambda: namespace().namespace.apply(names.append))
    assert names == ["tracking"]
    assert all(
        resource.inputs["metadata"]["namespace"] == "tracking"
        for resource in made.resources
        if resource.type != NAMESPACE
    )


@pytest.mark.parametrize("name", ["", "Tracking", "-tracking", "tracking-", "a" * 64, "a.b"])
def test_a_name_that_kubernetes_refuses_is_refused_before(name):
    with pytest.raises(ValueError, match="lower-case letters, digits and hyphens"):
        GuardedNamespaceArgs(namespace=name, cpus=1, memory_gib=1, pods=1)


@pytest.mark.parametrize("field", ["cpus", "memory_gib", "pods"])
def test_a_namespace_in_which_no_pod_could_run_is_refused(field):
    with pytest.raises(ValueError, match=f"{field}: tracking needs at least 1"):
        GuardedNamespaceArgs(**{"namespace": "tracking", "cpus": 1, "memory_gib": 1, "pods": 1, field: 0})


def test_the_defaults_enable_network_policies_and_encrypt_volumes():
    made = deploy(lambda: ClusterDefaults("defaults", ClusterDefaultsArgs()))
    network = made.one("kubernetes:core/v1:ConfigMap").inputs
    assert (network["metadata"]["namespace"], network["metadata"]["name"]) == ("kube-system", "amazon-vpc-cni")
    assert network["data"] == {"enable-network-policy-controller": "true"}
    storage = made.one("kubernetes:storage.k8s.io/v1:StorageClass").inputs
    assert storage["provisioner"] == "ebs.csi.eks.amazonaws.com"
    assert storage["parameters"] == {"encrypted": "true", "type": "gp3"}
    assert storage["volumeBindingMode"] == "WaitForFirstConsumer"
    assert storage["metadata"]["annotations"] == {"storageclass.kubernetes.io/is-default-class": "true"}


def admission():
    PodAdmission("pods", PodAdmissionArgs(registry_account_id=ACCOUNT, region=REGION))


def test_pods_are_admitted_with_images_of_the_registry_by_digest_and_their_own_account_only():
    spec = only(POLICY, admission)["spec"]
    images, account = (validation["expression"] for validation in spec["validations"])
    assert f"startsWith('{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/')" in images
    assert "@sha256:[0-9a-f]{64}$" in images
    assert "!= 'default'" in account
    assert spec["failurePolicy"] == "Fail"
    (rule,) = spec["matchConstraints"]["resourceRules"]
    assert rule["resources"] == ["pods", "pods/ephemeralcontainers"]
    assert rule["operations"] == ["CREATE", "UPDATE"]


def test_pods_are_judged_everywhere_but_in_the_namespaces_of_kubernetes():
    (chosen,) = only(POLICY, admission)["spec"]["matchConstraints"]["namespaceSelector"]["matchExpressions"]
    assert (chosen["key"], chosen["operator"]) == ("kubernetes.io/metadata.name", "NotIn")
    assert chosen["values"] == ["kube-node-lease", "kube-public", "kube-system"]


def reviews():
    ReviewAccess("reviews", ReviewAccessArgs(group="plinth-reviewers"))


@pytest.mark.threat("T-15")
def test_reviews_get_their_permissions_after_the_policy_that_allows_dry_runs_only():
    made = deploy(reviews)
    (validation,) = made.one(POLICY).inputs["spec"]["validations"]
    assert validation["expression"] == "request.?dryRun.orValue(false)"
    (rule,) = made.one(POLICY).inputs["spec"]["matchConstraints"]["resourceRules"]
    assert (rule["apiGroups"], rule["resources"], rule["scope"]) == (["*"], ["*/*"], "*")
    assert set(rule["operations"]) == {"CREATE", "UPDATE", "DELETE", "CONNECT"}
    assert made.one(BINDING).inputs["spec"] == {"policyName": "plinth-reviewers", "validationActions": ["Deny"]}
    binding = made.one(f"{ROLE}Binding")
    assert made.one(BINDING).urn in binding.dependencies
    assert binding.inputs["subjects"] == [
        {"kind": "Group", "name": "plinth-reviewers", "apiGroup": "rbac.authorization.k8s.io"}
    ]


@pytest.mark.threat("T-15")
def test_reviews_read_no_secret_and_may_change_only_what_the_policy_judges():
    rules = only(ROLE, reviews)["rules"]
    assert not any({"secrets", "*"} & set(rule["resources"]) for rule in rules)
    changing = [rule for rule in rules if set(rule["verbs"]) & {"create", "patch", "update", "delete"}]
    assert changing
    # The Kubernetes API evaluates no admission policy about admission policies.
    assert all(rule["apiGroups"] != ["admissionregistration.k8s.io"] for rule in changing)
    assert not any(re.search("escalate|bind|impersonate|delete", " ".join(rule["verbs"])) for rule in rules)
