"""Test cases of guardrails on the data perimeter of resources."""

from __future__ import annotations

from tests.unit.components.guardrails.cases.requests import (
    ANYBODY,
    AWS,
    BREAK_GLASS,
    DROPPED,
    LAKE,
    LANDING,
    ORGANIZATION,
    OTHER,
    OWN,
    PERSON,
    RESERVED,
    RESERVED_FOR_DATA,
    UNIT,
    WORKER,
    WORKFLOW,
    case,
    keys,
)

GITHUB_SUBJECT = "token.actions.githubusercontent.com:sub"
GITHUB_AUDIENCE = "token.actions.githubusercontent.com:aud"
ENDPOINT = {"aws:SourceVpce": "vpce-1", "aws:SourceVpc": "vpc-1"}
LAKE_FILE = "arn:aws:s3:::acme-curated-222222222222-eu-west-1-an/x"
OF_THE_LAKE = {"owner": LAKE, "on": LAKE_FILE}
CASES = [
    case(
        "RCP01OnlyOurIdentities",
        "s3:GetObject",
        caller=OTHER,
        passes=[{"caller": LAKE}, {"caller": "888888888888"}, {"who": AWS}, {"action": "sts:AssumeRoleWithSAML"}],
    ),
    case(
        "RCP02OnlyForUs",
        "s3:PutObject",
        who=AWS,
        **keys(aws__SourceAccount=OTHER, aws__SourceOrgID="o-elsewhere1"),
        also=[keys(aws__SourceAccount=OTHER)],
        passes=[keys(aws__SourceAccount=OWN, aws__SourceOrgID=ORGANIZATION), keys(), {"who": WORKER}],
    ),
    case("RCP03OnlyTls", "sqs:SendMessage", **keys(aws__SecureTransport="false"), also=ANYBODY, passes=[keys()]),
    case(
        "RCP03OnlyRecentTls",
        "s3:GetObject",
        **keys(s3__TlsVersion="1.1"),
        also=ANYBODY,
        passes=[keys(s3__TlsVersion="1.2"), keys(s3__TlsVersion="1.3")],
    ),
    case(
        "RCP04OnlyFromOurNetworks",
        "s3:GetObject",
        who=PERSON,
        source_ip="8.8.8.8",
        also=[{"source_ip": None, "keys": {**ENDPOINT, "aws:VpceOrgID": "o-elsewhere1"}}],
        passes=[
            {"source_ip": "20.10.1.1"},
            {"who": BREAK_GLASS},
            {"who": WORKER},
            keys(aws__PrincipalIsAWSService="true"),
            keys(aws__ViaAWSService="true"),
            {"source_ip": None, "keys": {**ENDPOINT, "aws:VpceOrgID": ORGANIZATION}},
        ],
    ),
    case(
        "RCP05NoWebIdentities",
        "sts:AssumeRoleWithWebIdentity",
        also=[
            {"keys": {GITHUB_SUBJECT: "repo:acme@1/foundation@3:environment:review"}},
            {"keys": {GITHUB_SUBJECT: f"{WORKFLOW}s"}},
            {"keys": {GITHUB_AUDIENCE: "sts.amazonaws.com"}},
        ],
        passes=[{"action": "sts:AssumeRole"}, {"keys": {GITHUB_SUBJECT: WORKFLOW}}],
    ),
    case(
        "RCP05KeepTagsOfSessions",
        "sts:TagSession",
        caller=OTHER,
        **RESERVED,
        also=[RESERVED_FOR_DATA],
        passes=[
            {"caller": OWN},
            keys(aws__TagKeys=["purpose"]),
            {"keys": {"aws:TagKeys": ["plinth:team"], "SAML:aud": "https://signin.aws.amazon.com/saml"}},
        ],
    ),
    case(
        "RCP06OnlyReadBySharers",
        "s3:GetObject",
        **OF_THE_LAKE,
        path=f"{ORGANIZATION}/r-root/ou-root-security1/",
        also=[{"path": None}],
        passes=[
            {"path": f"{ORGANIZATION}/r-root/ou-root-workloads1/ou-root-production/"},
            {"caller": LAKE},
            {"who": AWS},
        ],
    ),
    case(
        "RCP06OnlyWrittenWhereDataLands",
        "s3:PutObject",
        **OF_THE_LAKE,
        path=UNIT[:-1],
        also=[{"on": DROPPED.replace("--drop", "")}],
        passes=[
            {"on": LANDING},
            {"on": LANDING.removesuffix("/x")},
            {"on": DROPPED},
            {"caller": LAKE},
            {"who": AWS},
            {"action": "s3:GetObject"},
        ],
    ),
]
