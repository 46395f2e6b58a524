"""Cases of policies/security/rules/network/connections.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, OTHER_ACCOUNT, OWN_ACCOUNT, Case, Situation, but, stack_context

PEERINGS = [
    Case(
        rule="NW-07",
        type=type_,
        compliant=Situation(inputs={"peerOwnerId": OWN_ACCOUNT, "autoAccept": False}),
        optional=frozenset({"peerOwnerId", "autoAccept"}),
        refused={
            "peers with an undeclared account": but({"peerOwnerId": OTHER_ACCOUNT}),
            "is not accepted": but({"autoAccept": True}),
        },
        accepted={
            "peers with a partner": but({"peerOwnerId": OTHER_ACCOUNT}, partner_accounts=(OTHER_ACCOUNT,)),
            "peers with an account that only the deployment can tell from its own": but(
                {"peerOwnerId": OTHER_ACCOUNT}, provider={"allowedAccountIds": UNKNOWN}
            ),
            "goes through no provider, which is for another rule": but(
                {"peerOwnerId": OTHER_ACCOUNT}, provider_name=None
            ),
        },
    )
    for type_ in ("aws:ec2/vpcPeeringConnection:VpcPeeringConnection",)
]
ACCEPTERS = [
    Case(
        rule="NW-07",
        type=type_,
        compliant=Situation(inputs={"autoAccept": False}),
        optional=frozenset({"autoAccept"}),
        refused={"accepts whoever asks": but({"autoAccept": True})},
    )
    for type_ in ("aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",)
]
DEFAULTS = ("defaultRouteTableAssociation", "defaultRouteTablePropagation")
GATEWAYS = [
    Case(
        rule="NW-07",
        type=type_,
        compliant=Situation(inputs={"autoAcceptSharedAttachments": "enable", **dict.fromkeys(DEFAULTS, "disable")}),
        optional=frozenset({"autoAcceptSharedAttachments"}),
        refused={f"routes by {default}": but({default: "enable"}) for default in DEFAULTS},
        accepted={
            "accepts attachments by hand": but(
                {"autoAcceptSharedAttachments": "disable", **dict.fromkeys(DEFAULTS, "enable")}
            )
        },
    )
    for type_ in ("aws:ec2transitgateway/transitGateway:TransitGateway",)
]
_LISTED = f"arn:aws:iam::{OTHER_ACCOUNT}:root"
SERVICES = [
    Case(
        rule="NW-07",
        type=type_,
        compliant=Situation(inputs={"acceptanceRequired": False, "allowedPrincipals": [_LISTED]}),
        optional=frozenset({"acceptanceRequired"}),
        refused={
            "lists nobody": but({"allowedPrincipals": []}),
            "lists accounts by a pattern": but({"allowedPrincipals": [_LISTED, "arn:aws:iam::*:root"]}),
            "is offered to every principal": but({"allowedPrincipals": [_LISTED, "*"]}),
            "is offered to every principal, and waits": but({"acceptanceRequired": True, "allowedPrincipals": ["*"]}),
        },
        accepted={
            "waits for acceptance": but({"acceptanceRequired": True, "allowedPrincipals": ABSENT}),
            "lists a role": but({"allowedPrincipals": [f"arn:aws:iam::{OTHER_ACCOUNT}:role/plinth/job"]}),
        },
    )
    for type_ in ("aws:ec2/vpcEndpointService:VpcEndpointService",)
]
_OURS = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
ENDPOINTS = [
    Case(
        rule="NW-07",
        type=type_,
        compliant=Situation(inputs={"serviceName": _OURS}, context=stack_context(endpoint_services=(_OURS,))),
        optional=frozenset({"serviceName"}),
        refused={
            "leads to a stranger": but({"serviceName": f"{_OURS[:-1]}1"}),
            "leads to a stranger, and the pack is told of no service": but(endpoint_services=()),
        },
        accepted={
            "leads to a service of AWS": but({"serviceName": "com.amazonaws.eu-west-1.sts"}, endpoint_services=()),
            "leads to SageMaker": but({"serviceName": "aws.sagemaker.eu-west-1.studio"}, endpoint_services=()),
        },
    )
    for type_ in ("aws:ec2/vpcEndpoint:VpcEndpoint",)
]
PRINCIPALS = [
    Case(
        rule="NW-07",
        type=type_,
        compliant=Situation(inputs={"principalArn": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}),
        optional=frozenset({"principalArn"}),
        refused={"is every principal": but({"principalArn": "*"})},
    )
    for type_ in ("aws:ec2/vpcEndpointServiceAllowedPrinciple:VpcEndpointServiceAllowedPrinciple",)
]
SHARES = [
    Case(
        rule="NW-07",
        type=type_,
        compliant=Situation(inputs={"allowExternalPrincipals": False}),
        optional=frozenset({"allowExternalPrincipals"}),
        refused={"can leave the organization": but({"allowExternalPrincipals": True})},
    )
    for type_ in ("aws:ram/resourceShare:ResourceShare",)
]

CASES = [*PEERINGS, *ACCEPTERS, *GATEWAYS, *SERVICES, *ENDPOINTS, *PRINCIPALS, *SHARES]
