"""An endpoint service in front of a load balancer, and the endpoints that lead to it."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components.network.private_endpoints import PrivateEndpoints, PrivateEndpointsArgs
from components.network.private_link_service import PrivateLinkService, PrivateLinkServiceArgs
from settings.derived.endpoint_services import GATEWAYS
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, CIDR, PERIMETER, REGION, TOOLING

SERVICE = "aws:ec2/vpcEndpointService:VpcEndpointService"
VERIFICATION = "aws:vpc/endpointServicePrivateDnsVerification:EndpointServicePrivateDnsVerification"
HOST = f"k8s-plinthml-mlflowba-1a2b3c4d5e-0123456789abcdef.elb.{REGION}.amazonaws.com"


def offered(**changes: Any) -> PrivateLinkService:
    given: dict[str, Any] = {
        "label": "plinth-mlflow",
        "load_balancer_host": HOST,
        "account_id": TOOLING,
        "region": REGION,
        "host": "mlflow.acme.example",
        "verified": True,
        "account_ids": [ACCOUNT],
    }
    return PrivateLinkService("link", PrivateLinkServiceArgs(**{**given, **changes}))


def test_listed_accounts_reach_the_load_balancer_under_its_host_name() -> None:
    inputs = deploy(offered).one(SERVICE).inputs
    path = "loadbalancer/net/k8s-plinthml-mlflowba-1a2b3c4d5e/0123456789abcdef"
    assert inputs["networkLoadBalancerArns"] == [f"arn:aws:elasticloadbalancing:{REGION}:{TOOLING}:{path}"]
    assert inputs["allowedPrincipals"] == [f"arn:aws:iam::{ACCOUNT}:root"]
    assert (inputs["acceptanceRequired"], inputs["privateDnsName"]) == (False, "mlflow.acme.example")


def test_the_owner_of_the_name_is_verified_only_after_the_settings_say_that_the_record_is_there() -> None:
    recorder = deploy(offered)
    (verification,) = recorder.all(VERIFICATION)
    assert verification.inputs["serviceId"] == recorder.one(SERVICE).id
    assert verification.inputs["waitForVerification"] is True
    assert deploy(lambda: offered(verified=False)).all(VERIFICATION) == []


def test_the_record_for_the_public_dns_has_its_full_name() -> None:
    found: list[dict[str, str]] = []
    deploy(lambda: offered(verified=False).domain_record.apply(found.append))
    record = {"name": f"_{'r' * 20}.mlflow.acme.example", "type": "TXT", "value": f"vpce:{'v' * 20}"}
    assert found == [record]


def test_a_service_needs_an_account_that_may_connect() -> None:
    with pytest.raises(ValueError, match="account_ids: no account may connect to plinth-mlflow"):
        offered(account_ids=[])


def test_another_load_balancer_is_refused() -> None:
    with pytest.raises(Exception, match="is not the DNS name of a Network Load Balancer"):
        deploy(lambda: offered(load_balancer_host=f"internal-web-1234567890.{REGION}.elb.amazonaws.com"))


def test_a_network_without_other_interface_endpoints_reaches_the_service_by_https_from_itself() -> None:
    def build() -> None:
        args = PrivateEndpointsArgs(
            label="fraud-development",
            region=REGION,
            vpc_id="vpc-1",
            cidr=CIDR,
            subnet_ids=["subnet-1", "subnet-2"],
            route_table_ids=["rtb-1"],
            services=GATEWAYS,
            perimeter=PERIMETER,
            private_services={"mlflow": pulumi.Output.from_input(f"com.amazonaws.vpce.{REGION}.vpce-svc-1")},
        )
        PrivateEndpoints("endpoints", args)

    recorder = deploy(build)
    (endpoint,) = (
        vpc_endpoint
        for vpc_endpoint in recorder.all("aws:ec2/vpcEndpoint:VpcEndpoint")
        if vpc_endpoint.name.endswith("-mlflow")
    )
    group = recorder.one("aws:ec2/securityGroup:SecurityGroup")
    assert endpoint.inputs["serviceName"] == f"com.amazonaws.vpce.{REGION}.vpce-svc-1"
    assert endpoint.inputs["securityGroupIds"] == [group.id]
    assert endpoint.inputs["privateDnsEnabled"] is True
    assert "policy" not in endpoint.inputs
