"""A load balancer inside the network, in front of the pods of a namespace."""

from ipaddress import IPv4Network

import pytest

from components.cluster.balancing.internal_load_balancer import InternalLoadBalancer, InternalLoadBalancerArgs
from components.cluster.balancing.load_balancer_admission import LoadBalancerAdmission, LoadBalancerAdmissionArgs
from components.cluster.guarded_namespace import GuardedNamespace, GuardedNamespaceArgs
from tests.support.recorder import deploy

SERVICE, POLICY = "kubernetes:core/v1:Service", "kubernetes:networking.k8s.io/v1:NetworkPolicy"
CERTIFICATE = "arn:aws:acm:eu-west-1:111111111111:certificate/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
ANNOTATION = "service.beta.kubernetes.io/aws-load-balancer-"


def balancer():
    args = InternalLoadBalancerArgs(
        namespace="tracking",
        workload="server",
        port=8080,
        health_path="/health",
        certificate_arn=CERTIFICATE,
        cidr=IPv4Network("10.0.128.0/19"),
        subnet_ids=["subnet-a", "subnet-b"],
    )
    return InternalLoadBalancer("tracking", args)


def test_the_load_balancer_is_in_the_subnets_of_the_network_and_admits_the_network_only():
    service = deploy(balancer).one(SERVICE).inputs
    annotations = service["metadata"]["annotations"]
    assert annotations[f"{ANNOTATION}scheme"] == "internal"
    assert annotations[f"{ANNOTATION}subnets"] == "subnet-a,subnet-b"
    assert service["spec"]["loadBalancerClass"] == "eks.amazonaws.com/nlb"
    assert service["spec"]["loadBalancerSourceRanges"] == ["10.0.128.0/19"]


def test_its_only_listener_terminates_tls_with_the_certificate():
    service = deploy(balancer).one(SERVICE).inputs
    annotations = service["metadata"]["annotations"]
    (port,) = service["spec"]["ports"]
    assert (port["port"], annotations[f"{ANNOTATION}ssl-ports"]) == (443, "443")
    assert annotations[f"{ANNOTATION}ssl-cert"] == CERTIFICATE
    assert annotations[f"{ANNOTATION}ssl-negotiation-policy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"


def test_it_reaches_the_pods_at_their_port_and_opens_none_of_the_nodes():
    made = deploy(balancer)
    service, policy = made.one(SERVICE).inputs, made.one(POLICY).inputs["spec"]
    assert service["spec"]["allocateLoadBalancerNodePorts"] is False
    assert service["metadata"]["annotations"][f"{ANNOTATION}nlb-target-type"] == "ip"
    assert service["spec"]["selector"] == policy["podSelector"]["matchLabels"] == {"app.kubernetes.io/name": "server"}
    (rule,) = policy["ingress"]
    assert rule["from"] == [{"ipBlock": {"cidr": "10.0.128.0/19"}}]
    assert [port["port"] for port in rule["ports"]] == [service["spec"]["ports"][0]["targetPort"]] == [8080]


def test_its_host_is_known_without_pods():
    hosts = []
    made = deploy(lambda: balancer().host.apply(hosts.append))
    assert hosts == ["k8s-server-balanced-0123456789abcdef.elb.eu-west-1.amazonaws.com"]
    annotations = made.one(SERVICE).inputs["metadata"]["annotations"]
    assert annotations["pulumi.com/waitFor"] == "jsonpath={.status.loadBalancer.ingress[0].hostname}"


@pytest.mark.parametrize(("given", "admitted"), [({}, "0"), ({"load_balancers": 1}, "1")])
def test_the_quota_of_a_namespace_admits_load_balancers_only_if_it_says_so(given, admitted):
    args = GuardedNamespaceArgs(namespace="tracking", cpus=1, memory_gib=1, pods=1, **given)
    quota = deploy(lambda: GuardedNamespace("tracking", args)).one("kubernetes:core/v1:ResourceQuota")
    assert quota.inputs["spec"]["hard"]["services.loadbalancers"] == admitted


def test_the_api_refuses_load_balancers_outside_kubernetes_that_are_public_or_of_a_workload():
    """That it does so is shown on the engine; here, that it fails closed and applies to Services everywhere else."""
    made = deploy(lambda: LoadBalancerAdmission("balancers", LoadBalancerAdmissionArgs()))
    kind = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy"
    spec = made.one(kind).inputs["spec"]
    (rule,), (chosen,) = (
        spec["matchConstraints"]["resourceRules"],
        spec["matchConstraints"]["namespaceSelector"]["matchExpressions"],
    )
    assert (spec["failurePolicy"], rule["resources"], rule["operations"]) == (
        "Fail",
        ["services"],
        ["CREATE", "UPDATE"],
    )
    assert (chosen["operator"], "default" in chosen["values"]) == ("NotIn", False)
    assert len(spec["validations"]) == 3
    binding = made.one(f"{kind}Binding").inputs["spec"]
    assert binding == {"policyName": "plinth-load-balancers", "validationActions": ["Deny"]}
