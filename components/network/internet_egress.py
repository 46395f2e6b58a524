"""Internet egress of an experimentation network, created only if its setting enables it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from components.network.egress_firewall import EgressFirewall, EgressFirewallArgs
from components.network.private_network import SubnetAllocation

EVERYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True, slots=True)
class InternetEgressArgs:
    """Arguments of :class:`InternetEgress`."""

    label: str
    """Prefix of the ``Name`` tags of the parts."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC that gets internet egress."""

    public_subnet: SubnetAllocation
    """Subnet of the NAT gateway. It must contain nothing else, because it is the only subnet with a public route."""

    firewall_subnet: SubnetAllocation
    """Subnet of the firewall endpoint, in the zone of the NAT gateway."""

    private_cidrs: Sequence[IPv4Network]
    """CIDR blocks of the private subnets, to which responses return through the firewall."""

    private_route_table_id: pulumi.Input[str]
    """Id of the route table of the private subnets, which gets a default route to the firewall."""

    allowed_domains: Sequence[str]
    """The only reachable hosts. A leading dot allows all hosts under a domain."""

    log_bucket_name: pulumi.Input[str]
    """Name of the log archive bucket, for the firewall's logs."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the settings of the firewall."""


class InternetEgress(pulumi.ComponentResource):
    """Outbound connections to allowed hosts. Inbound connections are not possible. Without it, no route leads out
    (EXP-05).

    Traffic is routed from the private subnets to the firewall, the NAT gateway and the internet. Responses return the
    same way; otherwise the firewall would see half of each connection and drop it.

    Creates: an internet gateway; a public subnet with an Elastic IP address and a NAT gateway; a subnet with the
    firewall; the route tables of both; the default route of the private subnets.

    Outputs: ``public_ip``.

    Cost: about 37 USD a month for the NAT gateway and its address and 288 USD for the firewall, before traffic. One of
    each serves all zones, so egress fails if their zone fails, which is acceptable in experimentation.

    Example::

        InternetEgress("internet", InternetEgressArgs(
            label="fraud-experimentation", vpc_id=network.vpc_id, public_subnet=places[0], firewall_subnet=places[1],
            private_cidrs=[IPv4Network("10.1.0.0/23")], private_route_table_id=network.route_table_id,
            allowed_domains=["pypi.org"], log_bucket_name="acme-log-archive",
            key_arn=key.arn,
        ))
    """

    public_ip: pulumi.Output[str]
    """Public IP address from which connections come, for allow-lists of other parties."""

    def __init__(self, name: str, args: InternetEgressArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:network:InternetEgress", name, None, opts)
        self._name, self._args = name, args

        gateway = aws.ec2.InternetGateway(
            f"{name}-gateway", vpc_id=args.vpc_id, tags={"Name": args.label}, opts=self._child()
        )
        public, public_table = self._subnet("public", args.public_subnet)
        inspected, inspected_table = self._subnet("firewall", args.firewall_subnet)
        to_internet = self._route("public-route", public_table.id, gateway_id=gateway.id)
        address = aws.ec2.Eip(f"{name}-address", domain="vpc", tags={"Name": args.label}, opts=self._child())
        nat = aws.ec2.NatGateway(
            f"{name}-nat",
            subnet_id=public.id,
            allocation_id=address.allocation_id,
            connectivity_type="public",
            tags={"Name": args.label},
            opts=self._child(to_internet),
        )
        firewall = self._firewall(inspected.id)
        self._route("firewall-route", inspected_table.id, nat_gateway_id=nat.id)
        self._route("default-route", args.private_route_table_id, vpc_endpoint_id=firewall.endpoint_id)
        for number, cidr in enumerate(args.private_cidrs, start=1):
            self._route(f"way-back-{number}", public_table.id, str(cidr), vpc_endpoint_id=firewall.endpoint_id)

        self.public_ip = address.public_ip
        self.register_outputs({"public_ip": self.public_ip})

    def _child(self, *after: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(after))

    def _firewall(self, subnet_id: pulumi.Output[str]) -> EgressFirewall:
        args = EgressFirewallArgs(
            label=self._args.label,
            vpc_id=self._args.vpc_id,
            subnet_id=subnet_id,
            allowed_domains=self._args.allowed_domains,
            log_bucket_name=self._args.log_bucket_name,
            key_arn=self._args.key_arn,
        )
        return EgressFirewall(f"{self._name}-firewall", args, self._child())

    def _subnet(self, suffix: str, place: SubnetAllocation) -> tuple[aws.ec2.Subnet, aws.ec2.RouteTable]:
        """Creates a subnet with a route table of its own."""
        names = {"Name": f"{self._args.label}-{suffix}-{place.zone_id}"}
        subnet = aws.ec2.Subnet(
            f"{self._name}-{suffix}-subnet",
            vpc_id=self._args.vpc_id,
            cidr_block=str(place.cidr),
            availability_zone_id=place.zone_id,
            map_public_ip_on_launch=False,
            tags=names,
            opts=self._child(),
        )
        table = aws.ec2.RouteTable(
            f"{self._name}-{suffix}-routes", vpc_id=self._args.vpc_id, tags=names, opts=self._child()
        )
        aws.ec2.RouteTableAssociation(
            f"{self._name}-{suffix}-subnet-routes", subnet_id=subnet.id, route_table_id=table.id, opts=self._child()
        )
        return subnet, table

    def _route(
        self,
        suffix: str,
        table_id: pulumi.Input[str],
        destination: str = EVERYWHERE,
        *,
        gateway_id: pulumi.Input[str] | None = None,
        nat_gateway_id: pulumi.Input[str] | None = None,
        vpc_endpoint_id: pulumi.Input[str] | None = None,
    ) -> aws.ec2.Route:
        return aws.ec2.Route(
            f"{self._name}-{suffix}",
            route_table_id=table_id,
            destination_cidr_block=destination,
            gateway_id=gateway_id,
            nat_gateway_id=nat_gateway_id,
            vpc_endpoint_id=vpc_endpoint_id,
            opts=self._child(),
        )
