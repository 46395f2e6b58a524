"""Cases of policies/security/rules/storage/access_logs.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import OWN_ACCOUNT, Case, Member, Situation, StackCase, but, document

ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)
LOGGING = ("aws:s3/bucketLogging:BucketLogging", "aws:s3/bucketLoggingV2:BucketLoggingV2")
BUCKET = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")


LOGS, DATA = f"fraud-dev-logs-{OWN_ACCOUNT}-eu-west-1-an", f"fraud-data-{OWN_ACCOUNT}-eu-west-1-an"


def allowing(principal: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{LOGS}/*"}


DELIVERY = allowing({"Service": "logging.s3.amazonaws.com"})
ROLE = allowing({"AWS": f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/writer"})
POLICIES = [
    Case(
        rule="S3-12",
        type=type_,
        compliant=Situation(inputs={"bucket": LOGS, "policy": document(DELIVERY)}),
        optional=frozenset({"bucket", "policy"}),
        refused={
            "admits a role": but({"policy": document(DELIVERY, ROLE)}),
            "admits another service": but({"policy": document(allowing({"Service": "delivery.logs.amazonaws.com"}))}),
            "admits everybody": but({"policy": document(allowing("*"))}),
        },
        accepted={
            "is of a bucket of data": but({"bucket": DATA, "policy": document(ROLE)}),
            "denies a role": but({"policy": document(DELIVERY, {**ROLE, "Effect": "Deny"})}),
        },
    )
    for type_ in ("aws:s3/bucketPolicy:BucketPolicy",)
]


def rule(algorithm: object) -> dict[str, Any]:
    return {"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm}}


def encrypted(algorithm: object, of: object = LOGS, **sources: str) -> Member:
    return Member(type=ENCRYPTION[0], inputs={"bucket": of, "rules": [rule(algorithm)]}, sources=sources)


def logging(source: object, target: object, **sources: str) -> Member:
    return Member(type=LOGGING[0], inputs={"bucket": source, "targetBucket": target}, sources=sources)


def bucket(name: object = LOGS) -> Member:
    return Member(inputs={"bucket": name})


def stack_case(what: str, members: dict[str, Member], *refused: str) -> StackCase:
    return StackCase(rule="S3-12", type=BUCKET[0], what=what, members=members, refused=frozenset(refused))


ENCRYPTED = {"key": encrypted("AES256")}
STACK_CASES = [
    stack_case("a bucket to which another logs", {"logs": bucket(), "log": logging(DATA, LOGS), **ENCRYPTED}),
    stack_case("a bucket to which none logs", {"logs": bucket(), "log": logging(DATA, DATA), **ENCRYPTED}, "logs"),
    stack_case("a bucket that logs to itself", {"logs": bucket(), "log": logging(LOGS, LOGS), **ENCRYPTED}, "logs"),
    stack_case("a bucket of that name alone", {"logs": bucket(), "key": encrypted("aws:kms")}, "logs"),
    stack_case("a bucket of data", {"data": bucket(DATA), "key": encrypted("aws:kms", DATA)}),
    stack_case(
        "a bucket of data with double encryption", {"data": bucket(DATA), "key": encrypted("aws:kms:dsse", DATA)}
    ),
    stack_case("a bucket of data without a key", {"data": bucket(DATA), "key": encrypted("AES256", DATA)}, "data"),
    stack_case("a bucket with an unknown encryption", {"data": bucket(DATA), "key": encrypted(UNKNOWN, DATA)}, "data"),
    stack_case(
        "a bucket of data with a second rule without a key",
        {
            "data": bucket(DATA),
            "key": Member(
                type=ENCRYPTION[0],
                inputs={"bucket": DATA, "rules": [rule("aws:kms"), rule("AES256")]},
            ),
        },
        "data",
    ),
    stack_case(
        "a bucket of known name that a log depends on",
        {"logs": bucket(), "log": logging(DATA, UNKNOWN, targetBucket="logs"), **ENCRYPTED},
    ),
    stack_case(
        "a bucket to which one of two others logs",
        {"logs": bucket(), "log": logging(DATA, LOGS), "other": logging(DATA, DATA), **ENCRYPTED},
    ),
    stack_case("another bucket without a key", {"data": bucket(DATA), "key": encrypted("AES256", "elsewhere")}),
    stack_case(
        "a bucket of unknown name to which another logs",
        {
            "logs": bucket(UNKNOWN),
            "key": encrypted("AES256", UNKNOWN, bucket="logs"),
            "log": logging(UNKNOWN, UNKNOWN, bucket="data", targetBucket="logs"),
        },
    ),
    stack_case(
        "a bucket of unknown name to which none logs",
        {
            "logs": bucket(UNKNOWN),
            "key": encrypted("AES256", UNKNOWN, bucket="logs"),
            "log": logging(UNKNOWN, UNKNOWN, bucket="data", targetBucket="data"),
        },
        "logs",
    ),
    stack_case(
        "a bucket that a log depends on without naming it",
        {"logs": bucket(), "log": logging(DATA, DATA, targetBucket="logs"), **ENCRYPTED},
        "logs",
    ),
]

CASES = POLICIES
