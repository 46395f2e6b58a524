"""Amazon VPC: peering connections and endpoint services, which open networks to other accounts."""

from __future__ import annotations

from collections.abc import Iterator

from selfservice.undeclared.finding import Danger, Finding, worst
from selfservice.undeclared.reading import Reading

PEERINGS = (
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
)
ENDPOINT_SERVICE = "aws:ec2/vpcEndpointService:VpcEndpointService"
_ENDED = frozenset({"deleted", "deleting", "expired", "failed", "rejected"})


def read(reading: Reading) -> Iterator[Finding]:
    """Yields peering connections and endpoint services of the account and region that no stack declares."""
    yield from _peerings(reading)
    yield from _endpoint_services(reading)


def _peerings(reading: Reading) -> Iterator[Finding]:
    declared = reading.names("id", *PEERINGS)
    for connection in reading.every("ec2", "describe_vpc_peering_connections", "VpcPeeringConnections"):
        id_ = connection["VpcPeeringConnectionId"]
        if id_ in declared or connection["Status"]["Code"] in _ENDED:
            continue
        sides = [connection["RequesterVpcInfo"], connection["AccepterVpcInfo"]]
        others = [f"{side['OwnerId']}" for side in sides if side["OwnerId"] != reading.account.id]
        dangers = [reading.organization.danger_to(other, reading.account.id) for other in others]
        yield reading.found(
            Danger.OUTSIDE if Danger.OUTSIDE in dangers else Danger.ORGANIZATION if others else Danger.ACCOUNT,
            f"arn:aws:ec2:{reading.account.region}:{reading.account.id}:vpc-peering-connection/{id_}",
            f"traffic between {' and '.join(str(side.get('VpcId')) for side in sides)}",
            f"Delete it (`aws ec2 delete-vpc-peering-connection --vpc-peering-connection-id {id_}`).",
            principals=tuple(f"account {other}" for other in others),
        )


def _endpoint_services(reading: Reading) -> Iterator[Finding]:
    declared = reading.names("id", ENDPOINT_SERVICE)
    operation = "describe_vpc_endpoint_service_configurations"
    for service in reading.every("ec2", operation, "ServiceConfigurations"):
        id_ = service["ServiceId"]
        if id_ in declared:
            continue
        with reading.of(f"endpoint service {id_}"):
            allowed = tuple(
                str(principal["Principal"])
                for principal in reading.every(
                    "ec2", "describe_vpc_endpoint_service_permissions", "AllowedPrincipals", ServiceId=id_
                )
            )
            dangers = [reading.organization.danger_to(principal, reading.account.id) for principal in allowed]
            yield reading.found(
                worst(dangers) or Danger.ACCOUNT,
                f"arn:aws:ec2:{reading.account.region}:{reading.account.id}:vpc-endpoint-service/{id_}",
                "connecting from their networks",
                "Delete it (`aws ec2 delete-vpc-endpoint-service-configurations`).",
                principals=allowed,
            )
