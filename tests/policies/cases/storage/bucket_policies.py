"""Cases of policies/security/rules/storage/bucket_policies.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import OTHER_ACCOUNT, OWN_ACCOUNT, Case, Situation, but, document, stack_context
from tests.policies.cases.storage.access_logs import LOGS

BUCKET = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")


EVERYTHING = {"Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}
NO_HTTP = {"Effect": "Deny", **EVERYTHING, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
NO_OLD_TLS = {"Effect": "Deny", **EVERYTHING, "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}}


def allow(principal: Any, **conditions: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:GetObject",
        "Resource": "*",
        "Condition": conditions,
    }


def policy(*statements: dict[str, Any]) -> Any:
    return but({"policy": document(*statements)})


TRANSPORT = [
    Case(
        rule="S3-06",
        type=type_,
        compliant=Situation(inputs={"policy": document(NO_HTTP, NO_OLD_TLS)}),
        refused={
            "allows plain HTTP": policy(NO_OLD_TLS),
            "allows old TLS": policy(NO_HTTP),
            "refuses plain HTTP for one action": policy({**NO_HTTP, "Action": "s3:GetObject"}, NO_OLD_TLS),
            "refuses plain HTTP for one principal": policy(
                {**NO_HTTP, "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}}, NO_OLD_TLS
            ),
            "refuses plain HTTP for the bucket alone": policy({**NO_HTTP, "Resource": "arn:aws:s3:::b"}, NO_OLD_TLS),
            "refuses plain HTTP for the objects alone": policy({**NO_HTTP, "Resource": "arn:aws:s3:::b/*"}, NO_OLD_TLS),
            "refuses plain HTTP for one folder": policy(
                {**NO_HTTP, "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/raw/*"]}, NO_OLD_TLS
            ),
            "refuses plain HTTP of one organization": policy(
                {
                    **NO_HTTP,
                    "Condition": {**NO_HTTP["Condition"], "StringEquals": {"aws:PrincipalOrgID": "o-acme123456"}},
                },
                NO_OLD_TLS,
            ),
            "refuses old TLS to one account": policy(
                NO_HTTP,
                {
                    **NO_OLD_TLS,
                    "Condition": {**NO_OLD_TLS["Condition"], "StringEquals": {"aws:PrincipalAccount": OTHER_ACCOUNT}},
                },
            ),
            "refuses plain HTTP of all principals but one": policy(
                {key: value for key, value in NO_HTTP.items() if key != "Principal"}
                | {"NotPrincipal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}},
                NO_OLD_TLS,
            ),
            "refuses plain HTTP of every service": policy({**NO_HTTP, "Principal": {"Service": "*"}}, NO_OLD_TLS),
            "demands plain HTTP": policy(
                {**NO_HTTP, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, NO_OLD_TLS
            ),
            "allows what it should deny": policy({**NO_HTTP, "Effect": "Allow"}, NO_OLD_TLS),
            "refuses only TLS below 1.1": policy(
                NO_HTTP, {**NO_OLD_TLS, "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.1"}}}
            ),
            "refuses new TLS instead of old": policy(
                NO_HTTP, {**NO_OLD_TLS, "Condition": {"NumericGreaterThan": {"s3:TlsVersion": "1.2"}}}
            ),
            "is no JSON": but({"policy": "deny all"}),
            "has no statements": but({"policy": "{}"}),
        },
        accepted={
            "writes the condition as a boolean": policy(
                {**NO_HTTP, "Condition": {"Bool": {"aws:SecureTransport": False}}}, NO_OLD_TLS
            ),
            "names every principal as an AWS principal": policy({**NO_HTTP, "Principal": {"AWS": "*"}}, NO_OLD_TLS),
            "names all resources": policy({**NO_HTTP, "Resource": "*"}, NO_OLD_TLS),
            "names bucket and objects by one pattern": policy({**NO_HTTP, "Resource": "arn:aws:s3:::b*"}, NO_OLD_TLS),
            "denies every action of every service": policy({**NO_HTTP, "Action": ["*"]}, NO_OLD_TLS),
            "demands TLS 1.3": policy(
                NO_HTTP, {**NO_OLD_TLS, "Condition": {"NumericLessThan": {"s3:TlsVersion": 1.3}}}
            ),
        },
    )
    for type_ in ("aws:s3/bucketPolicy:BucketPolicy",)
]
CONFINED = allow("*", StringEquals={"aws:PrincipalOrgID": "o-acme123456"})
PUBLIC = [
    Case(
        rule="S3-07",
        type=type_,
        compliant=Situation(inputs={"policy": document(CONFINED)}),
        optional=frozenset({"policy"}),
        refused={
            "allows every principal": policy(allow("*")),
            "allows every AWS principal": policy(allow({"AWS": ["*"]})),
            "allows all but one": policy({"Effect": "Allow", "NotPrincipal": {"AWS": "x"}, "Action": "s3:GetObject"}),
            "allows anonymous requests by IfExists": policy(
                allow("*", StringEqualsIfExists={"aws:PrincipalOrgID": "o-acme123456"})
            ),
            "allows requests without the key by ForAllValues": policy(
                allow("*", **{"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-acme123456/*"}})
            ),
            "confines to a pattern that matches all": policy(allow("*", StringLike={"aws:PrincipalOrgID": "*"})),
            "confines to one of two patterns": policy(allow("*", StringLike={"aws:SourceVpce": ["vpce-1", "*"]})),
            "confines to a role of any account": policy(
                allow("*", ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/reader"})
            ),
            "is confined by a condition that any caller can set": policy(
                allow("*", StringEquals={"aws:UserAgent": "us"})
            ),
            "excludes instead of naming": policy(allow("*", StringNotEquals={"aws:PrincipalOrgID": "o-other12345"})),
            "confines to nothing": policy(allow("*", StringEquals={"aws:PrincipalOrgID": []})),
        },
        accepted={
            "allows one principal": policy(allow({"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"})),
            "allows a service": policy(allow({"Service": "delivery.logs.amazonaws.com"})),
            "confines to organization paths": policy(
                allow("*", **{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-acme123456/r-1/ou-1/*"}})
            ),
            "confines to an endpoint": policy(allow("*", StringEquals={"AWS:SOURCEVPCE": "vpce-1"})),
            "confines to a role of one account": policy(
                allow("*", ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{OWN_ACCOUNT}:role/*"})
            ),
            "only denies": policy(NO_HTTP),
            "holds one statement outside a list": but(
                {"policy": '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*"}}'}
            ),
        },
    )
    for type_ in ("aws:s3/bucketPolicy:BucketPolicy", *BUCKET, "aws:s3/accessPoint:AccessPoint")
]

OTHER_ACCOUNT_ROLE = {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"}
OWN_ACCOUNT_ROLE = {"AWS": f"arn:aws:iam::{OWN_ACCOUNT}:role/owner"}


def letting(principal: Any, action: str, resource: str = "arn:aws:s3:::b/*", **elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, **elements}


CONTROL = [
    Case(
        rule="S3-08",
        type=type_,
        compliant=Situation(inputs={"policy": document(letting(OTHER_ACCOUNT_ROLE, "s3:GetObject"))}),
        optional=frozenset({"policy"}),
        refused={
            f"lets another account do {action}": policy(letting(OTHER_ACCOUNT_ROLE, action))
            for action in ("s3:PutBucketPolicy", "s3:DeleteBucket", "s3:PutBucket*", "s3:PutObjectAcl", "s3:*")
        }
        | {
            "lets every principal of the organization take over": policy(
                letting("*", "s3:PutBucketAcl")
                | {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-acme123456"}}}
            ),
            "admits another account in addition to its own": policy(
                letting({"AWS": [OWN_ACCOUNT_ROLE["AWS"], OTHER_ACCOUNT_ROLE["AWS"]]}, "s3:PutEncryptionConfiguration")
            ),
            "lets every principal take over an unknown account": but(
                {"policy": document(letting("*", "s3:DeleteBucketPolicy"))}, provider={"allowedAccountIds": UNKNOWN}
            ),
            "has no provider with an account": but(
                {"policy": document(letting(OTHER_ACCOUNT_ROLE, "s3:*"))}, provider_name=None
            ),
        },
        accepted={
            "lets its own account do everything": policy(letting(OWN_ACCOUNT_ROLE, "s3:*")),
            "denies other accounts": policy({**letting(OTHER_ACCOUNT_ROLE, "s3:*"), "Effect": "Deny"}),
            "admits an account while the own account is unknown": but(
                {"policy": document(letting(OTHER_ACCOUNT_ROLE, "s3:*"))}, provider={"allowedAccountIds": UNKNOWN}
            ),
        },
    )
    for type_ in ("aws:s3/bucketPolicy:BucketPolicy",)
]
PUSHER = f"arn:aws:iam::{OTHER_ACCOUNT}:role/plinth/data-lake-etl-cards"
FOLDER = "arn:aws:s3:::b/pushed/cards/inference/*"


def pushing(resource: Any = FOLDER, **elements: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"},
        "Action": ["s3:PutObject", "s3:AbortMultipartUpload"],
        "Resource": resource,
        "Condition": {"ArnEquals": {"aws:PrincipalArn": PUSHER}},
    }
    return {**statement, **elements}


PUSHES = [
    Case(
        rule="S3-08",
        type=type_,
        compliant=Situation(inputs={"policy": document(pushing())}),
        optional=frozenset({"policy"}),
        refused={
            "takes what a whole account writes": policy(pushing(Condition={})),
            "takes what roles of a pattern write": policy(pushing(Condition={"ArnLike": {"aws:PrincipalArn": PUSHER}})),
            "accepts writes of every principal except a job": policy(
                pushing(Condition={"ArnNotEquals": {"aws:PrincipalArn": PUSHER}})
            ),
            "accepts writes by a condition on another key": policy(
                pushing(Condition={"ArnEquals": {"aws:SourceArn": PUSHER}})
            ),
            "takes what another role of the lake writes": policy(
                pushing(Condition={"ArnEquals": {"aws:PrincipalArn": [PUSHER, PUSHER.replace("etl-cards", "reader")]}})
            ),
            "takes it anywhere": policy(pushing("arn:aws:s3:::b/*")),
            "takes it among what use cases have": policy(pushing([FOLDER, "arn:aws:s3:::b/scoring/input/*"])),
            "takes it everywhere but somewhere": policy(
                {key: value for key, value in pushing(NotResource="arn:x").items() if key != "Resource"}
            ),
            "lets it be removed": policy(pushing(Action=["s3:PutObject", "s3:DeleteObject"])),
            "lets it be removed alone": policy(pushing(Action="s3:DeleteObjectVersion")),
            "is of experiments": but({"policy": document(pushing())}, kind="experimentation"),
        },
        accepted={
            "is of development": but({"policy": document(pushing())}, kind="development"),
            "lets it be read": policy(letting(OTHER_ACCOUNT_ROLE, "s3:GetObject")),
            "is of no environment": but({"policy": document(pushing("arn:aws:s3:::b/*"))}, kind="tooling"),
            "lets its own account write": policy(letting(OWN_ACCOUNT_ROLE, "s3:PutObject")),
        },
    )
    for type_ in ("aws:s3/bucketPolicy:BucketPolicy",)
]
OUTSIDE = {
    "Effect": "Deny",
    **EVERYTHING,
    "Condition": {"StringNotEqualsIfExists": {"aws:VpceOrgID": "o-acme123456"}},
}
LAKE = {"kind": "data-lake"}
BEHIND = {"Condition": {"ArnLike": {"s3:DataAccessPointArn": f"arn:aws:s3:*:{OWN_ACCOUNT}:accesspoint/*--drop"}}}
LANDED, POINT = "arn:aws:s3:::b/results/*", f"arn:aws:s3:eu-west-1:{OWN_ACCOUNT}:accesspoint/fraud--scores--drop/object"
PERIMETER = [
    Case(
        rule="S3-09",
        type=type_,
        compliant=Situation(inputs={"policy": document(OUTSIDE)}, context=stack_context(**LAKE)),
        refused={
            "answers any network": policy(NO_HTTP),
            "denies other networks one action": policy({**OUTSIDE, "Action": "s3:GetObject"}),
            "denies the organization's networks": policy(
                {**OUTSIDE, "Condition": {"StringEquals": {"aws:VpceOrgID": "o-acme123456"}}}
            ),
            "denies by a condition that any caller can set": policy(
                {**OUTSIDE, "Condition": {"StringNotEquals": {"aws:UserAgent": "us"}}}
            ),
            "lets another account write anywhere": policy(
                OUTSIDE, letting(OTHER_ACCOUNT_ROLE, "s3:PutObject", **BEHIND)
            ),
            "lets another account write under a folder called results": policy(
                OUTSIDE, letting(OTHER_ACCOUNT_ROLE, "s3:PutObject", "arn:aws:s3:::b/cards/results/*", **BEHIND)
            ),
            "lets another account remove results": policy(
                OUTSIDE, letting(OTHER_ACCOUNT_ROLE, "s3:DeleteObject", LANDED, **BEHIND)
            ),
            "lets another account deliver results without an access point": policy(
                OUTSIDE, letting(OTHER_ACCOUNT_ROLE, "s3:PutObject", LANDED)
            ),
            "lets another account write outside the results": policy(
                OUTSIDE,
                {
                    **letting(OTHER_ACCOUNT_ROLE, "s3:PutObject", **BEHIND),
                    "Resource": [LANDED, "arn:aws:s3:::b/raw/*"],
                },
            ),
            "lets another account write by NotAction": policy(
                OUTSIDE,
                {
                    "Effect": "Allow",
                    "Principal": OTHER_ACCOUNT_ROLE,
                    "Action": "s3:Delete*",
                    "NotResource": "arn:aws:s3:::b",
                },
            ),
            "is no JSON": but({"policy": "deny all"}),
        },
        accepted={
            "lets another account read": policy(OUTSIDE, letting(OTHER_ACCOUNT_ROLE, "s3:GetObject")),
            "lets another account deliver results": policy(
                OUTSIDE, letting(OTHER_ACCOUNT_ROLE, "s3:PutObject", LANDED, **BEHIND)
            ),
            "lets its own account write": policy(OUTSIDE, letting(OWN_ACCOUNT_ROLE, "s3:PutObject")),
            "belongs to no lake": but({"policy": document(NO_HTTP)}, kind="production"),
            "receives access logs": but({"policy": document(NO_HTTP), "bucket": LOGS}),
        },
    )
    for type_ in ("aws:s3/bucketPolicy:BucketPolicy",)
]
POINTS = [
    Case(
        rule="S3-09",
        type="aws:s3/accessPoint:AccessPoint",
        compliant=Situation(
            inputs={"policy": document(letting(OTHER_ACCOUNT_ROLE, "s3:PutObject", f"{POINT}/results/scores/*"))},
            context=stack_context(kind="dataset"),
        ),
        optional=frozenset({"policy"}),
        refused={
            "takes objects anywhere": policy(letting(OTHER_ACCOUNT_ROLE, "s3:PutObject", f"{POINT}/*")),
            "accepts objects outside the results": policy(
                letting(OTHER_ACCOUNT_ROLE, "s3:Put*", f"{POINT}/cards/results/*")
            ),
            "lets objects be removed": policy(
                letting(OTHER_ACCOUNT_ROLE, "s3:DeleteObject", f"{POINT}/results/scores/*")
            ),
            "leads into a zone": but(
                {"policy": document(letting(OTHER_ACCOUNT_ROLE, "s3:PutObject", f"{POINT}/*"))}, **LAKE
            ),
        },
        accepted={
            "gives objects out": policy(letting(OTHER_ACCOUNT_ROLE, "s3:GetObject", f"{POINT}/*")),
            "belongs to no lake": but(
                {"policy": document(letting(OTHER_ACCOUNT_ROLE, "s3:PutObject", f"{POINT}/*"))}, kind="production"
            ),
            "is known to the deployment alone": but({"policy": UNKNOWN}),
        },
    )
]

CASES = [*TRANSPORT, *PUBLIC, *CONTROL, *PUSHES, *PERIMETER, *POINTS]
