"""The VPC endpoints of a private network: one per AWS service, each with a policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from components.network.endpoint_policy import Perimeter, endpoint_policy
from components.network.https_security_group import https_security_group
from settings.derived.endpoint_services import EndpointService


@dataclass(frozen=True, kw_only=True, slots=True)
class PrivateEndpointsArgs:
    """Arguments of :class:`PrivateEndpoints`."""

    label: str
    """Prefix of the ``Name`` tags of the endpoints."""

    region: str
    """Region of the network and of the services."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC."""

    cidr: IPv4Network
    """The only addresses that may connect to interface endpoints: the network's, or those of all networks that share
    the endpoints (NW-05)."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Ids of the subnets of the interface endpoints, one per zone."""

    route_table_ids: Sequence[pulumi.Input[str]]
    """Ids of all private route tables, to which gateway endpoints add their routes (ST-02)."""

    services: Sequence[EndpointService]
    """Services that get an endpoint, from :mod:`settings.derived.endpoint_services`."""

    perimeter: Perimeter
    """Allowed callers and resources."""

    private_services: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Names of endpoint services of the organization, by the stable suffix of the endpoint's name."""


class PrivateEndpoints(pulumi.ComponentResource):
    """Gateway and interface endpoints with policies restricted to the organization and to the accounts of one
    environment. Endpoint services of accounts take no policy, and judge their callers themselves.

    Creates: one endpoint per service; if there are interface endpoints, one security group for them with one rule:
    HTTPS from the network.

    Outputs: ``security_group_id``, ``prefix_list_ids``, ``endpoint_ids``, ``endpoint_arns``.

    Cost: gateway endpoints are free; an interface endpoint costs about 0.01 USD per hour and zone, and 0.01 USD per GB.
    Twenty in two zones cost about 292 USD a month.

    Example::

        endpoints = PrivateEndpoints("endpoints", PrivateEndpointsArgs(
            label="fraud-development", region="eu-west-1", vpc_id=network.vpc_id, cidr=cidr,
            subnet_ids=network.subnet_ids, route_table_ids=[network.route_table_id],
            services=endpoint_services(studio=True), perimeter=perimeter,
        ))
    """

    security_group_id: pulumi.Output[str] | None
    """Id of the interface endpoints' security group, to which workloads connect on port 443. None if there are only
    gateway endpoints."""
    prefix_list_ids: list[pulumi.Output[str]]
    """Ids of the gateway endpoints' prefix lists, for egress rules."""
    endpoint_ids: dict[str, pulumi.Output[str]]
    """Ids of the endpoints by the services' stable names."""
    endpoint_arns: dict[str, pulumi.Output[str]]
    """ARNs of the interface endpoints by the services' stable names, for sharing them."""

    def __init__(self, name: str, args: PrivateEndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:network:PrivateEndpoints", name, None, opts)
        self._name, self._args = name, args

        wanted = [service for service in args.services if service.type == "Interface"]
        group = self._security_group() if wanted or args.private_services else None
        gateways = {s.name: self._gateway(s) for s in args.services if s.type == "Gateway"}
        interfaces = {service.name: self._of_aws(service, group) for service in wanted}
        private = {name: self._interface(name, service, group) for name, service in args.private_services.items()}
        endpoints = {**gateways, **interfaces, **private}

        self.security_group_id = None if group is None else group.id
        self.prefix_list_ids = [gateway.prefix_list_id for gateway in gateways.values()]
        self.endpoint_ids = {service: endpoint.id for service, endpoint in endpoints.items()}
        self.endpoint_arns = {service: endpoint.arn for service, endpoint in endpoints.items()}
        self.register_outputs(
            {
                "security_group_id": self.security_group_id,
                "prefix_list_ids": self.prefix_list_ids,
                "endpoint_ids": self.endpoint_ids,
                "endpoint_arns": self.endpoint_arns,
            }
        )

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _security_group(self) -> aws.ec2.SecurityGroup:
        return https_security_group(
            f"{self._name}-security-group",
            rule_name=f"{self._name}-https",
            purpose="Interface endpoints",
            label=f"{self._args.label}-endpoints",
            vpc_id=self._args.vpc_id,
            cidr=self._args.cidr,
            parent=self,
        )

    def _gateway(self, service: EndpointService) -> aws.ec2.VpcEndpoint:
        return aws.ec2.VpcEndpoint(
            f"{self._name}-{service.name}",
            vpc_id=self._args.vpc_id,
            service_name=service.service_name.format(region=self._args.region),
            vpc_endpoint_type="Gateway",
            route_table_ids=list(self._args.route_table_ids),
            policy=endpoint_policy(service, self._args.perimeter),
            tags={"Name": f"{self._args.label}-{service.name}"},
            opts=self._child(),
        )

    def _of_aws(self, service: EndpointService, group: aws.ec2.SecurityGroup | None) -> aws.ec2.VpcEndpoint:
        service_name = service.service_name.format(region=self._args.region)
        return self._interface(service.name, service_name, group, endpoint_policy(service, self._args.perimeter))

    def _interface(
        self,
        suffix: str,
        service_name: pulumi.Input[str],
        group: aws.ec2.SecurityGroup | None,
        policy: pulumi.Input[str] | None = None,
    ) -> aws.ec2.VpcEndpoint:
        return aws.ec2.VpcEndpoint(
            f"{self._name}-{suffix}",
            vpc_id=self._args.vpc_id,
            service_name=service_name,
            vpc_endpoint_type="Interface",
            subnet_ids=list(self._args.subnet_ids),
            security_group_ids=None if group is None else [group.id],
            private_dns_enabled=True,
            policy=policy,
            tags={"Name": f"{self._args.label}-{suffix}"},
            opts=self._child(),
        )
