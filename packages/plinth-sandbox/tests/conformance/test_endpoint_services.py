"""State of an endpoint service in a program until its name is verified, and until its owner accepts an endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from conformance.plugin import Kept, Plugin
from conformance.sample import Aws

SERVICE = "aws:ec2/vpcEndpointService:VpcEndpointService"
VERIFICATION = "aws:vpc/endpointServicePrivateDnsVerification:EndpointServicePrivateDnsVerification"
ACCEPTER = "aws:ec2/vpcEndpointConnectionAccepter:VpcEndpointConnectionAccepter"
NAMING = "aws:vpc/endpointPrivateDns:EndpointPrivateDns"


@pytest.fixture
def service(plugin: Plugin, offered: dict[str, str]) -> Callable[..., Kept]:
    def create(name: str, **more: Any) -> Kept:
        balancers = {"acceptanceRequired": True, "networkLoadBalancerArns": [offered["balancer"]]}
        return plugin.create(SERVICE, name, {**balancers, **more})

    return create


@pytest.fixture
def vpc(plugin: Plugin) -> Kept:
    return plugin.create("aws:ec2/vpc:Vpc", "vpc", {"cidrBlock": "10.0.0.0/16"})


def connect(plugin: Plugin, vpc: Kept, service: Kept) -> Kept:
    asked = {"vpcId": vpc.id, "serviceName": service.outputs["serviceName"], "vpcEndpointType": "Interface"}
    return plugin.create("aws:ec2/vpcEndpoint:VpcEndpoint", "endpoint", asked)


def test_a_verification_fails_without_its_record_unless_nobody_waits(
    plugin: Plugin, service: Callable[..., Kept]
) -> None:
    named = service("unproven", privateDnsName="unproven.example")
    with pytest.raises(grpc.RpcError) as error:
        plugin.create(VERIFICATION, "waits", {"serviceId": named.id, "waitForVerification": True})
    assert "unexpected state 'failed', wanted target 'verified'" in error.value.details()
    assert plugin.create(VERIFICATION, "started", {"serviceId": named.id}).id == named.id
    with pytest.raises(grpc.RpcError) as error:
        plugin.create(VERIFICATION, "unnamed", {"serviceId": service("unnamed").id})
    assert "does not have a private DNS name" in error.value.details()


def test_an_endpoint_is_created_while_it_waits_and_keeps_its_service(
    plugin: Plugin, aws: Aws, vpc: Kept, service: Callable[..., Kept]
) -> None:
    made = service("offered")
    endpoint = connect(plugin, vpc, made)
    assert endpoint.outputs["state"] == "pendingAcceptance"
    with pytest.raises(grpc.RpcError) as error:
        plugin.create(NAMING, "early", {"vpcEndpointId": endpoint.id, "privateDnsEnabled": True})
    assert "does not provide a private DNS name" in error.value.details()
    with pytest.raises(grpc.RpcError) as error:
        plugin.delete(made)
    assert "ExistingVpcEndpointConnections" in error.value.details()
    accepter = plugin.create(ACCEPTER, "accepter", {"vpcEndpointServiceId": made.id, "vpcEndpointId": endpoint.id})
    assert accepter.id == f"{made.id}_{endpoint.id}"
    assert accepter.outputs["vpcEndpointState"] == "available"
    plugin.delete(accepter)
    (found,) = aws("ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint.id])["VpcEndpoints"]
    assert found["State"] == "rejected"
    plugin.delete(made)
    plugin.delete(accepter)
    plugin.delete(endpoint)


def test_the_acceptance_of_a_deleted_endpoint_is_found_gone(
    plugin: Plugin, vpc: Kept, service: Callable[..., Kept]
) -> None:
    made = service("left")
    endpoint = connect(plugin, vpc, made)
    accepter = plugin.create(ACCEPTER, "accepter", {"vpcEndpointServiceId": made.id, "vpcEndpointId": endpoint.id})
    plugin.delete(endpoint)
    assert plugin.refresh(accepter) is None
    with pytest.raises(grpc.RpcError) as error:
        plugin.create(ACCEPTER, "late", {"vpcEndpointServiceId": made.id, "vpcEndpointId": endpoint.id})
    assert "failed" in error.value.details()
