"""A namespace with a load balancer on the real engine: what AWS has then, and a request over TLS to its pod."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from plinth_sandbox.testing import ask_load_balancer, self_signed
from plinth_sandbox.waiting import eventually
from tests.engine.tooling.test_tooling_platform import ask, bring_account, pod
from tests.support.workbench import Workbench

pytestmark = pytest.mark.usefixtures("pods")
HOST = "tracking.acme.example"
SPACE = "/api/v1/namespaces/tracking"
SERVER = """
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"pod 1")
http.server.HTTPServer(("0.0.0.0", 8080), Handler).serve_forever()
"""


@dataclass
class Balanced:
    """The organization, whose namespace ``tracking`` has a load balancer."""

    acme: Workbench
    certificate: str
    certificate_arn: str

    def client(self, service: str) -> Any:
        return self.acme.client(service, self.acme.outputs("tooling")["account_id"])

    @property
    def host(self) -> str:
        return str(self.acme.outputs("tooling-platform")["load_balancer_hosts"]["tracking"])

    def described(self) -> dict[str, Any]:
        found = self.client("elbv2").describe_load_balancers()["LoadBalancers"]
        (one,) = (balancer for balancer in found if balancer["DNSName"] == self.host)
        return dict(one)

    def states(self) -> set[str]:
        """Returns the states of the pods behind the load balancer."""
        elb = self.client("elbv2")
        arn = self.described()["LoadBalancerArn"]
        (group,) = elb.describe_target_groups(LoadBalancerArn=arn)["TargetGroups"]
        health = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
        return {description["TargetHealth"]["State"] for description in health}

    def get(self, path: str) -> str:
        url = self.acme.environment()["AWS_ENDPOINT_URL"]
        return ask_load_balancer(url, self.host, HOST, self.certificate, path)


@pytest.fixture(scope="module")
def balanced(acme: Workbench) -> Iterator[Balanced]:
    """Deploys the load balancer before there is a pod, and removes it afterwards."""
    certificate, key = self_signed(HOST)
    acm = acme.client("acm", acme.outputs("tooling")["account_id"])
    arn = acm.import_certificate(Certificate=certificate, PrivateKey=key)["CertificateArn"]
    before = yaml.safe_load((acme.project / "Pulumi.yaml").read_text())["config"]["plinth:organization"]["value"]
    cluster = before["tooling_cluster"]
    limits = {**cluster["namespaces"]["tracking"], "load_balancer": {"certificate": arn, "workload": "server"}}
    acme.change_organization(tooling_cluster={**cluster, "namespaces": {"tracking": limits}})
    acme.plinth("up", "tooling-platform", "--yes")
    yield Balanced(acme, certificate.decode(), arn)
    acme.change_organization(tooling_cluster=cluster)
    acme.plinth("up", "tooling-platform", "--yes")
    assert acme.client("elbv2", acme.outputs("tooling")["account_id"]).describe_load_balancers()["LoadBalancers"] == []


def test_aws_has_an_internal_load_balancer_with_the_certificate_of_the_settings(balanced: Balanced) -> None:
    found, elb, ec2 = balanced.described(), balanced.client("elbv2"), balanced.client("ec2")
    tooling = balanced.acme.outputs("tooling")
    assert (found["Type"], found["Scheme"], found["VpcId"]) == ("network", "internal", tooling["vpc_id"])
    assert [availability_zone["SubnetId"] for availability_zone in found["AvailabilityZones"]] == tooling[
        "private_subnet_ids"
    ][:2]
    (listener,) = elb.describe_listeners(LoadBalancerArn=found["LoadBalancerArn"])["Listeners"]
    assert (listener["Protocol"], listener["Port"]) == ("TLS", 443)
    assert listener["Certificates"] == [{"CertificateArn": balanced.certificate_arn}]
    assert listener["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    (network,) = ec2.describe_vpcs(VpcIds=[tooling["vpc_id"]])["Vpcs"]
    (group,) = ec2.describe_security_groups(GroupIds=found["SecurityGroups"])["SecurityGroups"]
    admitted = {source["CidrIp"] for rule in group["IpPermissions"] for source in rule["IpRanges"]}
    assert admitted == {network["CidrBlock"]}


def another(**annotations: str) -> dict[str, Any]:
    """Returns a Service with a load balancer that is internal and has TLS, unless its annotations differ."""
    given = {"scheme": "internal", "ssl-cert": "arn:aws:acm:eu-west-1:111111111111:certificate/other", **annotations}
    prefix = "service.beta.kubernetes.io/aws-load-balancer-"
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "another", "annotations": {f"{prefix}{key}": value for key, value in given.items()}},
        "spec": {"type": "LoadBalancer", "allocateLoadBalancerNodePorts": False, "ports": [{"port": 443}]},
    }


def test_the_quota_of_a_namespace_admits_one_load_balancer_and_that_of_stack_operations_none(
    balanced: Balanced,
) -> None:
    for namespace in ("tracking", balanced.acme.outputs("tooling-runner")["namespace"]):
        refused = ask(balanced.acme, f"/api/v1/namespaces/{namespace}/services", another())
        assert (refused.code, "exceeded quota: quota" in refused.body["message"]) == (403, True)


def test_the_api_refuses_load_balancers_that_are_public_or_without_tls_or_of_a_workload(balanced: Balanced) -> None:
    """The namespace has no quota, and the workload may create Services there."""
    acme, own = balanced.acme, "/api/v1/namespaces/of-people"
    metadata = {"name": "of-people"}
    assert ask(acme, "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}).code == 201
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "tool"}}
    assert ask(acme, f"{own}/serviceaccounts", account).code == 201
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "tool"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
        "subjects": [{"kind": "ServiceAccount", "name": "tool", "namespace": "of-people"}],
    }
    bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/of-people/rolebindings"
    assert ask(acme, bindings, binding).code == 201
    token = str(ask(acme, f"{own}/serviceaccounts/tool/token", {"spec": {}}).body["status"]["token"])
    services = f"{own}/services?dryRun=All"
    assert ask(acme, services, another()).code == 201
    for refused, reason in (
        (ask(acme, services, another(scheme="internet-facing")), "must be internal"),
        (ask(acme, services, another(**{"ssl-cert": ""})), "must have a certificate"),
        (ask(acme, services, another(), token=token), "workloads create no load balancers"),
    ):
        assert (refused.code, reason in refused.body["message"]) == (422, True)
    inside = {**another(), "spec": {"type": "ClusterIP", "ports": [{"port": 443}]}}
    assert ask(acme, services, inside, token=token).code == 201
    ask(acme, own, method="DELETE")


def test_a_request_over_tls_reaches_a_pod_that_a_tool_brings_later(balanced: Balanced) -> None:
    acme = balanced.acme
    bring_account(acme)
    wanted = pod(acme, image=acme.outputs("tooling-runner")["image"], serviceAccountName="server")
    wanted["metadata"] = {"name": "served", "labels": {"app.kubernetes.io/name": "server"}}
    wanted["spec"]["containers"][0]["command"] = ["python", "-c", SERVER]
    wanted["spec"]["securityContext"]["runAsUser"] = 10_001
    assert ask(acme, f"{SPACE}/pods", wanted).code == 201
    assert eventually(lambda: balanced.states() == {"healthy"})
    assert balanced.get("/runs") == "pod 1"
    assert ask(acme, f"{SPACE}/pods/served", method="DELETE").code == 200


def test_a_second_preview_shows_no_change(balanced: Balanced) -> None:
    again = json.loads(balanced.acme.plinth("preview", "tooling-platform", "--no-skip", "--refresh", "--json").stdout)
    assert again["stacks"]["tooling-platform"]["changes"] == {}
