"""Services of the type LoadBalancer in EKS Auto Mode: their load balancers, what is refused, and their clients."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from clusters.api import eventually
from clusters.pods import pod
from clusters.site_of_clusters import PODS, Cluster
from plinth_sandbox.testing import ask_load_balancer, self_signed
from plinth_sandbox.waiting import LONGEST_SECONDS

pytestmark = pytest.mark.nightly

SERVICES = "/api/v1/namespaces/default/services"
HOST = "tracking.acme.example"
POLICY = "arn:aws:iam::aws:policy/AmazonEKSLoadBalancingPolicy"
PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"
SERVER = """
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"pod " + self.path.encode()
        self.send_response(200 if self.path != "/sick" else 500)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("0.0.0.0", 8080), Handler).serve_forever()
"""


@dataclass
class Balanced:
    """A cluster with a certificate in ACM and a pod that serves HTTP."""

    cluster: Cluster
    certificate_arn: str
    certificate: str

    def client(self, service: str) -> Any:
        return self.cluster.site.aws.client(service, self.cluster.site.account)

    @property
    def subnets(self) -> list[str]:
        return sorted(self.cluster.site.described()["resourcesVpcConfig"]["subnetIds"])

    def service(self, name: str, *, health: str = "/", certificate: str = "", **more: Any) -> None:
        annotations = {
            "scheme": "internal",
            "nlb-target-type": "ip",
            "subnets": ",".join(self.subnets),
            "ssl-cert": certificate or self.certificate_arn,
            "ssl-ports": "443",
            "ssl-negotiation-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "attributes": "load_balancing.cross_zone.enabled=true",
            "healthcheck-protocol": "http",
            "healthcheck-path": health,
            "healthcheck-interval": "5",
            "healthcheck-timeout": "2",
        }
        changes = more.pop("annotations", {})
        kept = {f"{PREFIX}{key}": value for key, value in (annotations | changes).items() if value}
        specification = {
            "type": "LoadBalancer",
            "allocateLoadBalancerNodePorts": False,
            "loadBalancerClass": "eks.amazonaws.com/nlb",
            "loadBalancerSourceRanges": ["10.1.0.0/16"],
            "selector": {"app": "served"},
            "ports": [{"name": "https", "port": 443, "targetPort": 8080}],
            **more,
        }
        metadata = {"name": name, "annotations": kept}
        self.cluster.ask(SERVICES, {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": specification})

    def host_of(self, name: str) -> str:
        """Returns the host name in the status of a Service, or an empty text."""
        found = self.cluster.ask(f"{SERVICES}/{name}")["status"]["loadBalancer"].get("ingress") or [{}]
        return str(found[0].get("hostname", ""))

    def failure_of(self, name: str) -> str:
        """Returns the message of the last event that says why a Service has no load balancer."""
        events = self.cluster.ask("/api/v1/namespaces/default/events")["items"]
        own = [
            event
            for event in events
            if event["involvedObject"]["name"] == name and event["reason"] == "FailedDeployModel"
        ]
        return str(own[-1]["message"]) if own else ""

    def balancer(self, host: str) -> dict[str, Any]:
        found = self.client("elbv2").describe_load_balancers()["LoadBalancers"]
        return next(balancer for balancer in found if balancer["DNSName"] == host)

    def health(self, host: str) -> set[str]:
        """Returns the states of the targets of a load balancer."""
        elb = self.client("elbv2")
        (group,) = elb.describe_target_groups(LoadBalancerArn=self.balancer(host)["LoadBalancerArn"])["TargetGroups"]
        described = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
        return {description["TargetHealth"]["State"] for description in described}

    def get(self, host: str, path: str, newest: ssl.TLSVersion | None = None) -> str:
        return ask_load_balancer(self.cluster.site.aws.url, host, HOST, self.certificate, path, newest)


@pytest.fixture(scope="module")
def balanced(cluster: Cluster, image: str) -> Balanced:
    certificate, key = self_signed(HOST)
    acm = cluster.site.aws.client("acm", cluster.site.account)
    arn = acm.import_certificate(Certificate=certificate, PrivateKey=key)["CertificateArn"]
    served = pod("served", image, "python3", "-c", SERVER)
    cluster.ask(PODS, {**served, "spec": {**served["spec"], "restartPolicy": "Always"}})
    eventually(lambda: cluster.ask(f"{PODS}/served")["status"]["phase"] == "Running")
    iam = cluster.site.aws.client("iam", cluster.site.account)
    iam.delete_role_policy(RoleName="cluster", PolicyName="everything")
    iam.attach_role_policy(RoleName="cluster", PolicyArn=POLICY)
    return Balanced(cluster, arn, certificate.decode())


@pytest.fixture
def without_permission(balanced: Balanced) -> Iterator[Balanced]:
    """The cluster, whose role may not create load balancers during the test."""
    iam = balanced.client("iam")
    iam.detach_role_policy(RoleName="cluster", PolicyArn=POLICY)
    yield balanced
    iam.attach_role_policy(RoleName="cluster", PolicyArn=POLICY)


@pytest.fixture(scope="module")
def host(balanced: Balanced) -> str:
    """The host name of the load balancer of the Service ``main``, which no test changes."""
    balanced.service("main")
    return eventually(lambda: balanced.host_of("main"))


def test_without_permission_the_role_of_the_cluster_creates_no_load_balancer(without_permission: Balanced) -> None:
    without_permission.service("denied")
    reason = eventually(lambda: without_permission.failure_of("denied"))
    assert "is not authorized to perform: ec2:CreateSecurityGroup" in reason
    assert without_permission.host_of("denied") == ""
    without_permission.cluster.ask(f"{SERVICES}/denied", method="DELETE")


def test_a_service_gets_a_load_balancer_as_its_annotations_say(balanced: Balanced, host: str) -> None:
    elb, found = balanced.client("elbv2"), balanced.balancer(host)
    arn = found["LoadBalancerArn"]
    assert (found["Type"], found["Scheme"]) == ("network", "internal")
    assert sorted(zone["SubnetId"] for zone in found["AvailabilityZones"]) == balanced.subnets
    attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    assert {"Key": "load_balancing.cross_zone.enabled", "Value": "true"} in attributes
    (listener,) = elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]
    assert (listener["Protocol"], listener["Port"]) == ("TLS", 443)
    assert listener["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert listener["Certificates"] == [{"CertificateArn": balanced.certificate_arn}]
    (group,) = balanced.client("ec2").describe_security_groups(GroupIds=found["SecurityGroups"])["SecurityGroups"]
    (rule,) = group["IpPermissions"]
    assert (rule["FromPort"], [ip_range["CidrIp"] for ip_range in rule["IpRanges"]]) == (443, ["10.1.0.0/16"])
    tags = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]
    assert {"Key": "eks:eks-cluster-name", "Value": "main"} in tags


def test_a_request_over_tls_reaches_the_pod(balanced: Balanced, host: str) -> None:
    assert eventually(lambda: balanced.health(host) == {"healthy"})
    assert balanced.get(host, "/runs") == "pod /runs"


def test_a_client_without_tls_or_with_an_old_version_gets_no_answer(balanced: Balanced, host: str) -> None:
    with pytest.raises(ssl.SSLError):
        balanced.get(host, "/runs", ssl.TLSVersion.TLSv1_1)
    plain = http.client.HTTPConnection(
        "127.0.0.1", urlsplit(balanced.cluster.site.aws.url).port or 0, timeout=LONGEST_SECONDS
    )
    plain.set_tunnel(host, 443)
    plain.request("GET", "/runs")
    with pytest.raises((http.client.HTTPException, OSError)):
        plain.getresponse()


def test_nothing_listens_at_other_ports_and_names(balanced: Balanced, host: str) -> None:
    for name, port in ((host, 8443), (host.replace("k8s-", "k9s-"), 443)):
        client = http.client.HTTPConnection("127.0.0.1", urlsplit(balanced.cluster.site.aws.url).port or 0)
        client.set_tunnel(name, port)
        with pytest.raises(OSError, match="502"):
            client.connect()


def test_a_target_whose_health_check_fails_is_unhealthy(balanced: Balanced) -> None:
    balanced.service("sick", health="/sick")
    host = eventually(lambda: balanced.host_of("sick"))
    assert eventually(lambda: balanced.health(host) == {"unhealthy"})
    balanced.cluster.ask(f"{SERVICES}/sick", method="DELETE")


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("unknown", {"certificate": "arn:aws:acm:eu-west-1:111111111111:certificate/none"}, "CertificateNotFound"),
        ("untagged", {"annotations": {"subnets": ""}}, "unable to resolve at least one subnet"),
        ("instances", {"annotations": {"nlb-target-type": "instance"}}, "no instances for targets"),
    ],
)
def test_what_aws_refuses_is_an_event_of_the_service(
    balanced: Balanced, name: str, changes: dict[str, Any], reason: str
) -> None:
    balanced.service(name, **changes)
    assert reason in eventually(lambda: balanced.failure_of(name))
    assert balanced.host_of(name) == ""
    balanced.cluster.ask(f"{SERVICES}/{name}", method="DELETE")


def test_a_service_of_another_class_waits(balanced: Balanced, host: str) -> None:
    """A later Service has a load balancer before, so the controller has looked."""
    balanced.service("other", loadBalancerClass="service.k8s.aws/nlb")
    balanced.service("later")
    assert eventually(lambda: balanced.host_of("later")) != host
    assert balanced.host_of("other") == ""
    for name in ("other", "later"):
        balanced.cluster.ask(f"{SERVICES}/{name}", method="DELETE")


def test_a_load_balancer_serves_again_after_a_kill_of_the_sandbox(balanced: Balanced, host: str) -> None:
    """The pods and their addresses may be others. The host name stays."""
    balanced.cluster.site.aws.restart()
    eventually(lambda: balanced.host_of("main") == host)
    assert eventually(lambda: balanced.health(host) == {"healthy"})
    assert balanced.get(host, "/again") == "pod /again"


def test_a_deleted_service_leaves_nothing(balanced: Balanced, host: str) -> None:
    elb, ec2 = balanced.client("elbv2"), balanced.client("ec2")
    balanced.service("brief")
    deleted = eventually(lambda: balanced.host_of("brief"))
    balancer = balanced.balancer(deleted)
    balanced.cluster.ask(f"{SERVICES}/brief", method="DELETE")
    listed = balanced.cluster.ask
    assert eventually(lambda: "brief" not in {item["metadata"]["name"] for item in listed(SERVICES)["items"]})
    kept = balanced.balancer(host)
    assert [dns["DNSName"] for dns in elb.describe_load_balancers()["LoadBalancers"]] == [host]
    (group,) = elb.describe_target_groups()["TargetGroups"]
    assert group["LoadBalancerArns"] == [kept["LoadBalancerArn"]]
    groups = {security_group["GroupId"] for security_group in ec2.describe_security_groups()["SecurityGroups"]}
    assert groups.isdisjoint(balancer["SecurityGroups"])
