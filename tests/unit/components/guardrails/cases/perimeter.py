"""Test cases of guardrails on the data perimeter of principals."""

from __future__ import annotations

from tests.unit.components.guardrails.cases.requests import (
    ANYBODY,
    BREAK_GLASS,
    BREAK_GLASS_BY_ROLE,
    LAKE,
    ORGANIZATION,
    OTHER,
    PERSON,
    PERSON_BY_ROLE,
    WORKER,
    case,
    keys,
)

ENDPOINT = {"aws:SourceVpce": "vpce-1", "aws:SourceVpc": "vpc-1"}
FUNCTION = {"lambda:SourceFunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:f"}
INSTANCE = {"ec2:SourceInstanceARN": "arn:aws:ec2:eu-west-1:111111111111:instance/i-1"}
CASES = [
    case(
        "SCP12OnlyOurResources",
        "s3:PutObject",
        on="arn:aws:s3:::elsewhere/x",
        owner=OTHER,
        also=[*ANYBODY, {"on": "arn:aws:s3:::jumpstart-cache-prod-eu-west-1-mine/x"}],
        passes=[
            {"owner": LAKE},
            {"on": "arn:aws:s3:::jumpstart-cache-prod-eu-west-1/x"},
            {"action": "s3:ListBucket", "on": "arn:aws:s3:::jumpstart-cache-prod-eu-west-1"},
            {"action": "ecr:BatchGetImage", "on": "*"},
        ],
    ),
    case(
        "SCP13OnlyOurEndpoints",
        "s3:GetObject",
        **{"keys": {**ENDPOINT, "aws:VpceOrgID": "o-elsewhere1"}},
        also=ANYBODY,
        passes=[
            {"keys": {**ENDPOINT, "aws:VpceOrgID": ORGANIZATION}},
            keys(),
            {"keys": {**ENDPOINT, "aws:ViaAWSService": "true"}},
        ],
    ),
    case(
        "SCP13PeopleFromOurNetworks",
        "s3:GetObject",
        who=PERSON,
        source_ip="8.8.8.8",
        also=[{"who": PERSON_BY_ROLE}],
        passes=[
            {"who": BREAK_GLASS_BY_ROLE},
            {"source_ip": "20.10.200.1"},
            {"who": BREAK_GLASS},
            {"who": WORKER},
            {"source_ip": None, "keys": ENDPOINT},
            keys(aws__ViaAWSService="true"),
        ],
    ),
    case(
        "SCP13FunctionsFromNetworks",
        "s3:GetObject",
        **{"keys": FUNCTION},
        passes=[
            {"keys": {**FUNCTION, **ENDPOINT}},
            {"action": "logs:PutLogEvents"},
            keys(),
            {"keys": {**FUNCTION, "aws:ViaAWSService": "true"}},
        ],
    ),
    case(
        "SCP13GlueFromNetworks",
        "s3:GetObject",
        **keys(glue__CredentialIssuingService="glue.amazonaws.com"),
        passes=[
            {"keys": {"glue:CredentialIssuingService": "glue.amazonaws.com", **ENDPOINT}},
            {"action": "logs:PutLogEvents"},
            keys(),
        ],
    ),
    case(
        "SCP13InstancesFromNetworks",
        "s3:GetObject",
        **{"keys": INSTANCE},
        passes=[{"keys": {**INSTANCE, **ENDPOINT}}, {"who": "role/aws:ec2-infrastructure"}, keys()],
    ),
]
