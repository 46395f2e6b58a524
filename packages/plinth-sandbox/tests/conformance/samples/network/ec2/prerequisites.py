"""Prerequisites that most EC2 samples share."""

from __future__ import annotations

from typing import Any

from conformance.sample import Need

VPC: Need = ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"})
SUBNET: Need = ("aws:ec2/subnet:Subnet", {"vpcId": "{vpc.id}", "cidrBlock": "10.0.1.0/24"})
ROUTE_TABLE: Need = ("aws:ec2/routeTable:RouteTable", {"vpcId": "{vpc.id}"})
SECURITY_GROUP: Need = ("aws:ec2/securityGroup:SecurityGroup", {"vpcId": "{vpc.id}"})
GATEWAY: Need = ("aws:ec2/internetGateway:InternetGateway", {"vpcId": "{vpc.id}"})


def tags_of(described: dict[str, Any]) -> dict[str, str]:
    """Returns the tags in an answer as a map."""
    return {tag["Key"]: tag["Value"] for tag in described.get("Tags", [])}
