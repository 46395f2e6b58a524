"""Cases of policies/security/rules/endpoints.py."""

from __future__ import annotations

from typing import Any

from policies.security.readers import UNKNOWN
from policies.security.rules import endpoints
from tests.policies.case import ABSENT, OWN_ACCOUNT, Case, Change, Situation, but, document

ENDPOINTS = [
    Case(
        rule="NW-05",
        type=type_,
        compliant=Situation(
            inputs={
                "vpcEndpointType": "Interface",
                "privateDnsEnabled": True,
                "subnetIds": ["subnet-1", "subnet-2"],
                "securityGroupIds": ["sg-1"],
            }
        ),
        optional=frozenset({"vpcEndpointType"}),
        refused={
            "keeps the public name": but({"privateDnsEnabled": False}),
            "stands in one subnet": but({"subnetIds": [UNKNOWN]}),
            "names no group": but({"securityGroupIds": []}),
        },
        accepted={
            "is a gateway": but(
                {
                    "vpcEndpointType": "Gateway",
                    "privateDnsEnabled": ABSENT,
                    "subnetIds": ABSENT,
                    "securityGroupIds": ABSENT,
                }
            ),
        },
    )
    for type_ in endpoints.ENDPOINT
]
PRINCIPAL = {"aws:PrincipalOrgID": "o-acme123456"}
RESOURCE = {"aws:ResourceOrgID": "o-acme123456"}


def allow(*, principal: Any = "*", resource: Any = "*", action: Any = "s3:*", **conditions: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": resource,
        "Condition": conditions,
    }


def policy(*statements: dict[str, Any]) -> Change:
    return but({"policy": document(*statements)})


OURS = allow(StringEquals=PRINCIPAL | RESOURCE)
LAYERS = "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"
ENDPOINT_POLICIES = [
    Case(
        rule="NW-06",
        type=type_,
        compliant=Situation(inputs={"policy": document(OURS)}),
        refused={
            "allows everybody everything": policy(allow()),
            "serves strangers": policy(allow(StringEquals=RESOURCE)),
            "reaches strangers": policy(allow(StringEquals=PRINCIPAL)),
            "reaches strangers after a good statement": policy(OURS, allow(StringEquals=PRINCIPAL)),
            "reaches every bucket": policy(allow(resource="arn:aws:s3:::*", StringEquals=PRINCIPAL)),
            "reaches every object": policy(allow(resource=["arn:aws:s3:::*/*"], StringEquals=PRINCIPAL)),
            "reaches everything beside one bucket": policy(
                allow(resource=["arn:aws:s3:::data/*", "*"], StringEquals=PRINCIPAL)
            ),
            "reaches all but one": policy(
                {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "s3:*",
                    "NotResource": "arn:aws:s3:::b",
                    "Condition": {"StringEquals": PRINCIPAL},
                }
            ),
            "serves AWS services and everybody else": policy(allow(Bool={"aws:PrincipalIsAWSService": "false"})),
            "writes to a bucket of AWS": policy(allow(resource=LAYERS, action=["s3:GetObject", "s3:PutObject"])),
            "reads a bucket that is not of AWS": policy(
                allow(resource=[LAYERS, "arn:aws:s3:::strangers/*"], action="s3:GetObject")
            ),
            "makes endpoints for strangers": policy(allow(action="ec2:CreateVpcEndpoint")),
            "makes endpoints and more": policy(
                allow(action=["ec2:CreateVpcEndpoint", "ec2:CreateVpcPeeringConnection"], StringEquals=PRINCIPAL)
            ),
            "has no statements": but({"policy": "{}"}),
        },
        accepted={
            "serves AWS services": policy(OURS, allow(Bool={"aws:PrincipalIsAWSService": "true"})),
            "serves one account": policy(
                allow(StringEquals={"aws:PrincipalAccount": OWN_ACCOUNT, "aws:ResourceAccount": [OWN_ACCOUNT]})
            ),
            "serves a named principal": policy(
                allow(principal={"AWS": f"arn:aws:iam::{OWN_ACCOUNT}:role/reader"}, StringEquals=RESOURCE)
            ),
            "names the bucket it reaches": policy(allow(resource="arn:aws:s3:::data/*", StringEquals=PRINCIPAL)),
            "reads what AWS publishes": policy(OURS, allow(resource=LAYERS, action="s3:GetObject")),
            "makes endpoints, whose owner no request names": policy(
                OURS, allow(action="ec2:CreateVpcEndpoint", StringEquals=PRINCIPAL)
            ),
            "denies everybody": policy({**allow(), "Effect": "Deny"}),
        },
    )
    for type_ in (*endpoints.ENDPOINT, *endpoints.ENDPOINT_POLICY)
]

CASES = [*ENDPOINTS, *ENDPOINT_POLICIES]
