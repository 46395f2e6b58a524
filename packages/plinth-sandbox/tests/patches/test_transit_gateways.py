"""Route tables of transit gateways, and the order in which EC2 lets them be deleted."""

import itertools
from typing import Any

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.testing import EmulatedAws, refusal

UNKNOWN = "tgw-attach-0123456789abcdef0"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def ec2(aws: EmulatedAws, account: str) -> Any:
    return aws.client("ec2", account)


def gateway(ec2: Any, default: str = "disable") -> dict[str, Any]:
    options = {"DefaultRouteTableAssociation": default, "DefaultRouteTablePropagation": default}
    made: dict[str, Any] = ec2.create_transit_gateway(Options=options)["TransitGateway"]
    return made


def table(ec2: Any, gateway: str) -> str:
    made = ec2.create_transit_gateway_route_table(TransitGatewayId=gateway)["TransitGatewayRouteTable"]
    return str(made["TransitGatewayRouteTableId"])


def attach(ec2: Any, gateway: str) -> dict[str, Any]:
    network = f"10.{100 + next(_numbers)}.0.0/24"
    vpc = ec2.create_vpc(CidrBlock=network)["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=network)["Subnet"]["SubnetId"]
    made = ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=gateway, VpcId=vpc, SubnetIds=[subnet])
    found: dict[str, Any] = made["TransitGatewayVpcAttachment"]
    return found


def test_a_gateway_has_the_default_tables_of_its_options(ec2: Any) -> None:
    without, having = gateway(ec2), gateway(ec2, "enable")
    assert "AssociationDefaultRouteTableId" not in without["Options"]
    assert "PropagationDefaultRouteTableId" not in without["Options"]

    def tables(of: dict[str, Any]) -> list[str]:
        only = [{"Name": "transit-gateway-id", "Values": [of["TransitGatewayId"]]}]
        listed = ec2.describe_transit_gateway_route_tables(Filters=only)["TransitGatewayRouteTables"]
        return [route_table["TransitGatewayRouteTableId"] for route_table in listed]

    assert tables(without) == []
    assert tables(having) == [having["Options"]["AssociationDefaultRouteTableId"]]


def test_a_new_attachment_uses_the_default_table(ec2: Any) -> None:
    made = gateway(ec2, "enable")
    attachment = attach(ec2, made["TransitGatewayId"])
    assert "Tags" not in attachment
    assert attachment["CreationTime"] is not None
    default = made["Options"]["AssociationDefaultRouteTableId"]
    associated = ec2.get_transit_gateway_route_table_associations(TransitGatewayRouteTableId=default)["Associations"]
    assert [(association["TransitGatewayAttachmentId"], association["State"]) for association in associated] == [
        (attachment["TransitGatewayAttachmentId"], "associated")
    ]
    propagated = ec2.get_transit_gateway_route_table_propagations(TransitGatewayRouteTableId=default)
    assert [propagation["State"] for propagation in propagated["TransitGatewayRouteTablePropagations"]] == ["enabled"]


def test_an_attachment_has_one_route_table(ec2: Any) -> None:
    made = gateway(ec2)["TransitGatewayId"]
    first, second = table(ec2, made), table(ec2, made)
    attachment = attach(ec2, made)["TransitGatewayAttachmentId"]
    ec2.associate_transit_gateway_route_table(TransitGatewayRouteTableId=first, TransitGatewayAttachmentId=attachment)
    with pytest.raises(ClientError, match=f"{attachment} is already associated to a route table") as refused:
        ec2.associate_transit_gateway_route_table(
            TransitGatewayRouteTableId=second, TransitGatewayAttachmentId=attachment
        )
    assert refused.value.response["Error"]["Code"] == "Resource.AlreadyAssociated"
    disassociate = ec2.disassociate_transit_gateway_route_table
    given = {"TransitGatewayAttachmentId": attachment}
    assert refusal(disassociate, TransitGatewayRouteTableId=second, **given) == "InvalidAssociation.NotFound"
    disassociate(TransitGatewayRouteTableId=first, **given)
    ec2.associate_transit_gateway_route_table(TransitGatewayRouteTableId=second, **given)
    (found,) = ec2.describe_transit_gateway_attachments(TransitGatewayAttachmentIds=[attachment])[
        "TransitGatewayAttachments"
    ]
    assert found["Association"] == {"TransitGatewayRouteTableId": second, "State": "associated"}


@pytest.mark.parametrize(
    "operation",
    [
        "associate_transit_gateway_route_table",
        "enable_transit_gateway_route_table_propagation",
        "create_transit_gateway_route",
    ],
)
def test_unknown_attachments_and_tables_are_refused(ec2: Any, operation: str) -> None:
    made = gateway(ec2)["TransitGatewayId"]
    call = getattr(ec2, operation)
    more = {"DestinationCidrBlock": "10.0.0.0/8"} if operation == "create_transit_gateway_route" else {}
    given = {"TransitGatewayRouteTableId": table(ec2, made), "TransitGatewayAttachmentId": UNKNOWN, **more}
    assert refusal(call, **given) == "InvalidTransitGatewayAttachmentID.NotFound"
    given |= {"TransitGatewayRouteTableId": "tgw-rtb-0123456789abcdef0"}
    assert refusal(call, **given) == "InvalidRouteTableID.NotFound"


def test_a_destination_has_one_route_which_ends_with_its_attachment(ec2: Any) -> None:
    made = gateway(ec2)["TransitGatewayId"]
    attachment = attach(ec2, made)["TransitGatewayAttachmentId"]
    route = {"TransitGatewayRouteTableId": table(ec2, made), "DestinationCidrBlock": "10.0.0.0/8"}
    created = ec2.create_transit_gateway_route(TransitGatewayAttachmentId=attachment, **route)["Route"]
    assert [target["TransitGatewayAttachmentId"] for target in created["TransitGatewayAttachments"]] == [attachment]
    assert refusal(ec2.create_transit_gateway_route, Blackhole=True, **route) == "RouteAlreadyExists"
    ec2.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=attachment)
    (left,) = ec2.search_transit_gateway_routes(
        TransitGatewayRouteTableId=route["TransitGatewayRouteTableId"],
        Filters=[{"Name": "type", "Values": ["static"]}],
    )["Routes"]
    assert left["State"] == "blackhole"


def test_propagation_is_enabled_once_and_disabled_once(ec2: Any) -> None:
    made = gateway(ec2)["TransitGatewayId"]
    given = {
        "TransitGatewayRouteTableId": table(ec2, made),
        "TransitGatewayAttachmentId": attach(ec2, made)["TransitGatewayAttachmentId"],
    }
    enable, disable = (
        getattr(ec2, f"{verb}_transit_gateway_route_table_propagation") for verb in ("enable", "disable")
    )
    enable(**given)
    assert refusal(enable, **given) == "TransitGatewayRouteTablePropagation.Duplicate"
    disable(**given)
    assert refusal(disable, **given) == "TransitGatewayRouteTablePropagation.NotFound"


def test_attachments_end_before_their_table_and_their_gateway(ec2: Any) -> None:
    made = gateway(ec2)["TransitGatewayId"]
    used, attachment = table(ec2, made), attach(ec2, made)["TransitGatewayAttachmentId"]
    ec2.associate_transit_gateway_route_table(TransitGatewayRouteTableId=used, TransitGatewayAttachmentId=attachment)
    assert refusal(ec2.delete_transit_gateway_route_table, TransitGatewayRouteTableId=used) == "IncorrectState"
    with pytest.raises(ClientError, match=f"{made} has non-deleted VPC Attachments: {attachment}"):
        ec2.delete_transit_gateway(TransitGatewayId=made)
    ec2.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=attachment)
    ec2.delete_transit_gateway_route_table(TransitGatewayRouteTableId=used)
    assert ec2.delete_transit_gateway(TransitGatewayId=made)["TransitGateway"]["State"] == "deleting"
