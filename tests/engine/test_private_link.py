"""The way of a network to the tracking server, on the real engine: an endpoint service in one account, whose name AWS
verifies, and an endpoint of another account."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from plinth_sandbox.testing import publish_text
from tests.support.workbench import REPOSITORY, Workbench

REGION, HOST = "eu-west-1", "mlflow.acme.example"
PROGRAM = """
import sys
from ipaddress import IPv4Network

sys.path.insert(0, {repository!r})
import pulumi
import pulumi_aws as aws

from components.network.endpoint_policy import Perimeter
from components.network.private_endpoints import PrivateEndpoints, PrivateEndpointsArgs
from components.network.private_link_service import PrivateLinkService, PrivateLinkServiceArgs

given = pulumi.Config("given")
tooling, team = given.require("tooling"), given.require("team")


def account(name, id_):
    role = aws.ProviderAssumeRoleArgs(role_arn=f"arn:aws:iam::{{id_}}:role/OrganizationAccountAccessRole")
    provider = aws.Provider(name, region={region!r}, allowed_account_ids=[id_], assume_roles=[role])
    return pulumi.ResourceOptions(provider=provider)


args = PrivateLinkServiceArgs(
    label="plinth-mlflow",
    load_balancer_host=given.require("balancer"),
    account_id=tooling,
    region={region!r},
    host={host!r},
    verified=given.require_bool("verified"),
    account_ids=[given.require("admitted")],
)
service = PrivateLinkService("private-link", args, account("tooling", tooling))
pulumi.export("service", service.service_name)
pulumi.export("record", service.domain_record)
if given.require_bool("connected"):
    args = PrivateEndpointsArgs(
        label="fraud-development",
        region={region!r},
        vpc_id=given.require("vpc"),
        cidr=IPv4Network("10.0.0.0/16"),
        subnet_ids=given.require_object("subnets"),
        route_table_ids=[],
        services=[],
        perimeter=Perimeter(organization_id="o-acme123456", region={region!r}),
        private_services={{"mlflow": service.service_name}},
    )
    PrivateEndpoints("endpoints", args, account("team", team))
"""


@dataclass
class Site:
    """Two accounts with a network, and a program that connects one with a load balancer of the other."""

    acme: Workbench
    tooling: str
    team: str
    network: dict[str, Any]

    def up(self, *, check: bool = True, **given: object) -> str:
        """Updates the stack with these values. Returns what the engine printed."""
        words = [word for name, value in given.items() for word in ("--config", f"given:{name}={str(value).lower()}")]
        done = self.acme.pulumi("up", "--stack", "link", "--yes", "--skip-preview", *words, check=check)
        return done.stdout + done.stderr

    @property
    def outputs(self) -> dict[str, Any]:
        return self.acme.outputs("link")

    def endpoints(self) -> list[dict[str, Any]]:
        found = self.acme.client("ec2", self.team).describe_vpc_endpoints()["VpcEndpoints"]
        return [dict(vpc_endpoint) for vpc_endpoint in found if vpc_endpoint["State"] != "deleted"]

    def services(self) -> list[dict[str, Any]]:
        ec2 = self.acme.client("ec2", self.tooling)
        return [
            dict(service_configuration)
            for service_configuration in ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
        ]

    def publish(self, record: dict[str, str]) -> None:
        """Adds a record to the public DNS of the organization."""
        route53 = self.acme.client("route53", self.tooling)
        publish_text(route53, "acme.example", record["name"], record["value"])


def network_in(ec2: Any) -> dict[str, Any]:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for number, zone in enumerate("ab")
    ]
    return {"vpc": vpc, "subnets": [subnet["SubnetId"] for subnet in subnets]}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    acme = Workbench(tmp_path_factory.mktemp("private-link"))
    acme.project.mkdir()
    runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
    (acme.project / "Pulumi.yaml").write_text(json.dumps({"name": "plinth", "runtime": runtime}))
    program = PROGRAM.format(repository=str(REPOSITORY), region=REGION, host=HOST)
    (acme.project / "__main__.py").write_text(program)
    acme.sandbox("up")
    try:
        organizations = acme.client("organizations")
        organizations.create_organization(FeatureSet="ALL")
        tooling, team = (
            organizations.create_account(Email=f"{name}@acme.example", AccountName=name)["CreateAccountStatus"][
                "AccountId"
            ]
            for name in ("tooling", "team")
        )
        own = network_in(acme.client("ec2", tooling))
        created = acme.client("elbv2", tooling).create_load_balancer(
            Name="tools", Type="network", Scheme="internal", Subnets=own["subnets"]
        )
        network = network_in(acme.client("ec2", team))
        acme.pulumi("stack", "init", "link")
        site = Site(acme, tooling, team, network)
        settings = {
            "tooling": tooling, "team": team, "vpc": network["vpc"], "admitted": team,
            "balancer": created["LoadBalancers"][0]["DNSName"], "subnets": '["{}","{}"]'.format(*network["subnets"]),
        }  # fmt: skip
        for name, value in settings.items():
            acme.pulumi("config", "set", "--stack", "link", f"given:{name}", value)
        yield site
    finally:
        acme.sandbox("down")


def test_a_network_uses_the_name_after_the_public_dns_shows_whose_it_is(site: Site) -> None:
    site.up(verified=False, connected=False)
    (offered,) = site.services()
    assert offered["PrivateDnsNameConfiguration"]["State"] == "pendingVerification"
    assert site.outputs["record"]["name"].endswith(f".{HOST}")

    # Before the record is there, neither the owner nor a network gets further.
    assert "unexpected state 'failed', wanted target 'verified'" in site.up(verified=True, connected=False, check=False)
    assert site.services()[0]["PrivateDnsNameConfiguration"]["State"] == "failed"
    assert "has not verified the private DNS name" in site.up(verified=False, connected=True, check=False)
    assert site.endpoints() == []

    site.publish(site.outputs["record"])
    site.up(verified=True, connected=True)
    assert site.services()[0]["PrivateDnsNameConfiguration"]["State"] == "verified"
    (endpoint,) = site.endpoints()
    assert (endpoint["ServiceName"], endpoint["State"]) == (site.outputs["service"], "available")
    assert endpoint["PrivateDnsEnabled"] is True
    assert sorted(endpoint["SubnetIds"]) == sorted(site.network["subnets"])
    again = site.acme.pulumi("preview", "--stack", "link", "--refresh", "--expect-no-changes", check=False)
    assert again.returncode == 0, again.stdout

    site.acme.pulumi("destroy", "--stack", "link", "--yes", "--skip-preview")
    assert (site.endpoints(), site.services()) == ([], [])


def test_an_account_that_is_not_listed_does_not_find_the_service(site: Site) -> None:
    text = site.up(verified=False, connected=True, admitted="210987654321", check=False)
    assert "InvalidServiceName" in text
    assert site.endpoints() == []
