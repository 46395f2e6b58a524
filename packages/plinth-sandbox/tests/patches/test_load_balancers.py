"""Network Load Balancers: their names, and the certificates of their listeners."""

from __future__ import annotations

from typing import Any

import pytest

from plinth_sandbox.testing import REGION, EmulatedAws, refusal, self_signed


@pytest.fixture(scope="module")
def account(aws: EmulatedAws) -> str:
    """An account of these tests alone, because others count load balancers."""
    return aws.new_account("balancers")


@pytest.fixture(scope="module")
def elb(aws: EmulatedAws, account: str) -> Any:
    return aws.client("elbv2", account)


@pytest.fixture(scope="module")
def balancer(aws: EmulatedAws, account: str, elb: Any) -> dict[str, Any]:
    subnets = aws.network(account)["SubnetIds"]
    created = elb.create_load_balancer(Name="tools", Type="network", Scheme="internal", Subnets=subnets)
    return dict(created["LoadBalancers"][0])


@pytest.fixture(scope="module")
def listener(elb: Any, balancer: dict[str, Any]) -> dict[str, Any]:
    """A request for a listener with TLS, without a certificate."""
    group = elb.create_target_group(Name="tools", Protocol="TCP", Port=443, VpcId=balancer["VpcId"], TargetType="ip")[
        "TargetGroups"
    ][0]["TargetGroupArn"]
    return {
        "LoadBalancerArn": balancer["LoadBalancerArn"],
        "Port": 443,
        "Protocol": "TLS",
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}],
    }


def test_a_network_load_balancer_has_the_name_of_its_type(balancer: dict[str, Any]) -> None:
    _, kind, name, identifier = balancer["LoadBalancerArn"].split("/")
    assert (kind, name) == ("net", "tools")
    assert balancer["DNSName"] == f"tools-{identifier}.elb.{REGION}.amazonaws.com"


def test_a_listener_with_tls_needs_a_certificate_of_the_region(
    aws: EmulatedAws, account: str, elb: Any, listener: dict[str, Any]
) -> None:
    assert refusal(elb.create_listener, **listener) == "ValidationError"
    certificate, key = self_signed("tools.acme.example")
    elsewhere = aws.client("acm", account, region="us-east-1")
    foreign = elsewhere.import_certificate(Certificate=certificate, PrivateKey=key)["CertificateArn"]
    given = {"Certificates": [{"CertificateArn": foreign}]}
    assert refusal(elb.create_listener, **listener, **given) == "CertificateNotFound"
    own = aws.client("acm", account).import_certificate(Certificate=certificate, PrivateKey=key)["CertificateArn"]
    created = elb.create_listener(**listener, Certificates=[{"CertificateArn": own}])["Listeners"][0]
    assert refusal(elb.modify_listener, ListenerArn=created["ListenerArn"], **given) == "CertificateNotFound"
