"""An endpoint service of AWS PrivateLink: a load balancer that accounts reach from their own networks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

_HOST = re.compile(r"(?P<name>[A-Za-z0-9-]+)-(?P<id>[0-9a-f]{16})\.elb\.[a-z0-9-]+\.amazonaws\.com")
"""DNS name of a Network Load Balancer, with its name and its id (ELB User Guide, "Network Load Balancers", read
2026-12-01)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrivateLinkServiceArgs:
    """Arguments of :class:`PrivateLinkService`."""

    label: str
    """Value of the ``Name`` tag."""

    load_balancer_host: pulumi.Input[str]
    """DNS name of the Network Load Balancer, which is in the provider's account and region."""

    account_id: pulumi.Input[str]
    """Id of the account of the load balancer."""

    region: str
    """Region of the load balancer."""

    host: str
    """Host name by which clients reach it, in a public domain of the organization."""

    verified: bool
    """Whether the public DNS has the record that shows the owner of ``host``."""

    account_ids: Sequence[str]
    """Ids of the accounts that may connect. Nobody else finds the service."""

    def __post_init__(self) -> None:
        if not self.account_ids:
            raise ValueError(f"account_ids: no account may connect to {self.label}")


class PrivateLinkService(pulumi.ComponentResource):
    """An endpoint service in front of a Network Load Balancer, for listed accounts and under one host name.

    Connections of the listed accounts are accepted when they are made, because guardrails let nobody but the foundation
    create endpoints there (SCP-07).

    Creates: the service; the verification of the name -> ``verified``.

    Outputs: ``service_name``, ``domain_record``.

    Raises: ValueError without an account.

    Cost: none. Each endpoint has an hourly price for each zone.

    Example::

        PrivateLinkService("private-link", PrivateLinkServiceArgs(
            label="plinth-mlflow", load_balancer_host=server.load_balancer_host, account_id="111111111111",
            region="eu-west-1", host="mlflow.acme.example", verified=True, account_ids=["222222222222"],
        ), pulumi.ResourceOptions(provider=tooling_account))
    """

    service_name: pulumi.Output[str]
    """Name of the service for endpoints (``com.amazonaws.vpce.…``); known once networks can use the host name, if it is
    verified."""
    domain_record: pulumi.Output[dict[str, str]]
    """Record of the public DNS by which AWS sees who owns the host name: its ``name``, ``type`` and ``value``."""

    def __init__(self, name: str, args: PrivateLinkServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:network:PrivateLinkService", name, None, opts)
        path = pulumi.Output.from_input(args.load_balancer_host).apply(_path_of)
        balancer = pulumi.Output.concat(f"arn:aws:elasticloadbalancing:{args.region}:", args.account_id, ":", path)
        service = aws.ec2.VpcEndpointService(
            f"{name}-service",
            acceptance_required=False,
            allowed_principals=[f"arn:aws:iam::{account}:root" for account in args.account_ids],
            network_load_balancer_arns=[balancer],
            private_dns_name=args.host,
            tags={"Name": args.label},
            opts=pulumi.ResourceOptions(parent=self),
        )
        found = service.service_name
        if args.verified:
            verification = aws.vpc.EndpointServicePrivateDnsVerification(
                f"{name}-verification",
                service_id=service.id,
                wait_for_verification=True,
                opts=pulumi.ResourceOptions(parent=self),
            )
            found = pulumi.Output.all(found, verification.service_id).apply(lambda known: str(known[0]))
        self.service_name = found
        self.domain_record = service.private_dns_name_configurations.apply(
            lambda configurations: _record(args.host, configurations)
        )
        self.register_outputs({"service_name": self.service_name, "domain_record": self.domain_record})


def _path_of(host: str) -> str:
    """Returns the last part of the ARN of a load balancer, which has the same name and id as its DNS name."""
    found = _HOST.fullmatch(host)
    if found is None:
        raise ValueError(f"load_balancer_host: {host} is not the DNS name of a Network Load Balancer")
    return f"loadbalancer/net/{found['name']}/{found['id']}"


def _record(
    host: str, configurations: Sequence[aws.ec2.outputs.VpcEndpointServicePrivateDnsNameConfiguration]
) -> dict[str, str]:
    """Returns the record of the only name that a service can have."""
    return next(
        (
            {"name": f"{configuration.name}.{host}", "type": str(configuration.type), "value": str(configuration.value)}
            for configuration in configurations
        ),
        {},
    )
