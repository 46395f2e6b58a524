"""Compliant resources: networks, endpoints and security group rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi_aws as aws

from tests.policies.planted.resources.base import (
    ACCOUNT,
    GROUP,
    KEY,
    ORGANIZATION,
    SUBNETS,
    VPC,
    Planter,
    document,
)


class Networks(Planter):
    def network(self, cidr_block: str = "10.1.8.0/22") -> None:
        """Creates a network with a flow log, without subnets or endpoints."""
        vpc = aws.ec2.Vpc(self._name, cidr_block=cidr_block, opts=self._opts())
        aws.ec2.FlowLog(
            self._name,
            vpc_id=vpc.id,
            traffic_type="ALL",
            log_destination_type="s3",
            log_destination=f"arn:aws:s3:::acme-log-archive-{ACCOUNT}-eu-west-1-an",
            opts=self._opts(),
        )

    def subnet(self, **changes: Any) -> None:
        properties = {"vpc_id": VPC, "cidr_block": "10.1.8.0/24"}
        aws.ec2.Subnet(self._name, **properties | changes, opts=self._opts())

    def gateway(self) -> None:
        aws.ec2.InternetGateway(self._name, vpc_id=VPC, opts=self._opts())

    def nat_gateway(self) -> None:
        aws.ec2.NatGateway(self._name, subnet_id=SUBNETS[0], connectivity_type="public", opts=self._opts())

    def endpoint(self, **changes: Any) -> None:
        ours = {"aws:PrincipalOrgID": ORGANIZATION, "aws:ResourceOrgID": ORGANIZATION}
        allow = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
        properties = {
            "vpc_id": VPC,
            "service_name": "com.amazonaws.eu-west-1.kms",
            "vpc_endpoint_type": "Interface",
            "subnet_ids": SUBNETS,
            "security_group_ids": [GROUP],
            "private_dns_enabled": True,
            "policy": document({**allow, "Condition": {"StringEquals": ours}}),
        }
        aws.ec2.VpcEndpoint(self._name, **properties | changes, opts=self._opts())

    def endpoint_for(self, callers: Mapping[str, Any]) -> None:
        """Creates an endpoint for resources of the organization, with a condition on callers."""
        ours = {"StringEquals": {"aws:ResourceOrgID": ORGANIZATION}}
        allow = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
        self.endpoint(policy=document({**allow, "Condition": {**ours, **callers}}))

    def egress_rule(self, cidr_ipv4: str = "10.1.0.0/19") -> None:
        aws.vpc.SecurityGroupEgressRule(
            self._name, security_group_id=GROUP, ip_protocol="-1", cidr_ipv4=cidr_ipv4, opts=self._opts()
        )

    def ingress_rule(self, cidr_ipv4: str = "10.0.0.0/8") -> None:
        aws.vpc.SecurityGroupIngressRule(
            self._name,
            security_group_id=GROUP,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4=cidr_ipv4,
            opts=self._opts(),
        )

    def metadata_defaults(self, **changes: Any) -> None:
        properties = {"http_tokens": "required", "http_put_response_hop_limit": 1}
        aws.ec2.InstanceMetadataDefaults(self._name, **properties | changes, opts=self._opts())

    def firewall(self, **changes: Any) -> None:
        properties = {
            "vpc_id": VPC,
            "firewall_policy_arn": f"arn:aws:network-firewall:eu-west-1:{ACCOUNT}:firewall-policy/planted",
            "subnet_mappings": [{"subnet_id": SUBNETS[0]}],
            "delete_protection": True,
            "subnet_change_protection": True,
            "firewall_policy_change_protection": True,
            "encryption_configuration": {"type": "CUSTOMER_KMS", "key_id": KEY},
        }
        aws.networkfirewall.Firewall(self._name, **properties | changes, opts=self._opts())

    def share(self, **changes: Any) -> None:
        aws.ram.ResourceShare(self._name, **changes, opts=self._opts())
