"""Cases of policies/security/rules/sagemaker/features.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, OWN_ACCOUNT, Case, Member, Situation, StackCase, but, document
from tests.policies.cases.identity.grants import CEILING
from tests.policies.cases.policy_types import IDENTITY_POLICY

KEY = f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/0f6d2d3e"
FOLDER = f"s3://acme-lake-curated-{OWN_ACCOUNT}-eu-west-1-an/features/cards"
GROUPS = f"arn:aws:sagemaker:eu-west-1:{OWN_ACCOUNT}:feature-group/*"
ONLINE = {"enableOnlineStore": True, "securityConfig": {"kmsKeyId": KEY}}
OFFLINE = {
    "s3StorageConfig": {"s3Uri": FOLDER, "kmsKeyId": KEY},
    "dataCatalogConfig": {"database": "features", "tableName": "cards"},
}
STORED = "offlineStoreConfig.s3StorageConfig"
CATALOGUED = "offlineStoreConfig.dataCatalogConfig"
BY_AN_ENDPOINT = {"Null": {"aws:SourceVpce": "false"}}


def allowing(*actions: str, **more: Any) -> str:
    return document({"Effect": "Allow", "Action": list(actions), "Resource": GROUPS, **more})


CASES = [
    Case(
        rule="SM-18",
        type="aws:sagemaker/featureGroup:FeatureGroup",
        compliant=Situation(inputs={"onlineStoreConfig": ONLINE, "offlineStoreConfig": OFFLINE}),
        optional=frozenset(
            {
                "onlineStoreConfig",
                "onlineStoreConfig.enableOnlineStore",
                "offlineStoreConfig",
                f"{STORED}.s3Uri",
                CATALOGUED,
                f"{CATALOGUED}.database",
                f"{CATALOGUED}.tableName",
            }
        ),
        refused={
            "keeps records online under the key of AWS": but(
                {"onlineStoreConfig.securityConfig.kmsKeyId": "alias/aws/sagemaker"}
            ),
            "keeps records offline under the key of AWS": but({f"{STORED}.kmsKeyId": "alias/aws/s3"}),
            "stores records in any bucket": but({f"{STORED}.s3Uri": "s3://features/cards"}),
            "stores records in the landing zone": but({f"{STORED}.s3Uri": FOLDER.replace("curated", "landing")}),
            "keeps records all over the zone": but({f"{STORED}.s3Uri": FOLDER.removesuffix("features/cards")}),
        },
        accepted={
            "is offline alone": but({"onlineStoreConfig": ABSENT}),
            "is not online": but({"onlineStoreConfig": {"enableOnlineStore": False}}),
            "is in an unknown bucket": but({f"{STORED}.s3Uri": UNKNOWN}),
        },
    ),
    Case(
        rule="ST-19",
        type="aws:sagemaker/featureGroup:FeatureGroup",
        compliant=Situation(inputs={"offlineStoreConfig": OFFLINE}),
        optional=frozenset({"offlineStoreConfig", STORED, f"{STORED}.s3Uri", f"{STORED}.kmsKeyId"}),
        refused={"has no table": but({"offlineStoreConfig.disableGlueTableCreation": True})},
        accepted={
            "is online alone": but({"offlineStoreConfig": ABSENT}),
            "is in an unknown database": but({f"{CATALOGUED}.database": UNKNOWN}),
        },
    ),
    *(
        Case(
            rule="ST-19",
            type=type_,
            compliant=Situation(
                inputs={key: allowing("sagemaker:GetRecord", "sagemaker:PutRecord", Condition=BY_AN_ENDPOINT)}
            ),
            optional=frozenset({key}),
            refused={
                "reads records from anywhere": but({key: allowing("sagemaker:GetRecord")}),
                "reads many records from anywhere": but({key: allowing("sagemaker:Batch*")}),
                "writes records from anywhere": but({key: allowing("sagemaker:PutRecord")}),
                "deletes records from anywhere": but({key: allowing("sagemaker:DeleteRecord")}),
                "does everything from anywhere": but({key: allowing("sagemaker:*")}),
            },
            accepted={
                "sees groups from anywhere": but({key: allowing("sagemaker:DescribeFeatureGroup")}),
            }
            | (
                {"is a ceiling": but({key: allowing("sagemaker:*")} | CEILING)}
                if type_ in ("aws:iam/policy:Policy",)
                else {}
            ),
        )
        for type_, key in IDENTITY_POLICY.items()
    ),
]

ROLE, TAGS = "aws:iam/role:Role", "aws:lakeformation/resourceLfTags:ResourceLfTags"
MADE = {
    "role": Member(type=ROLE, inputs={"arn": "arn:role"}),
    "tags": Member(type=TAGS, inputs={"table": {"databaseName": "features", "name": "cards"}}),
}


def group(**inputs: Any) -> Member:
    return Member(inputs={"roleArn": "arn:role", "offlineStoreConfig": OFFLINE, **inputs})


def governed(what: str, members: dict[str, Member], *refused: str) -> StackCase:
    return StackCase(
        rule="ST-19",
        type="aws:sagemaker/featureGroup:FeatureGroup",
        what=what,
        members=members,
        refused=frozenset(refused),
    )


STACK_CASES = [
    governed("a group with its role and its tags", {"group": group(), **MADE}),
    governed("a group with a role of another stack", {"group": group(roleArn="arn:other"), **MADE}, "group"),
    governed(
        "a group that is made with its role",
        {"group": Member(inputs={**group().inputs, "roleArn": UNKNOWN}, sources={"roleArn": "role"}), **MADE},
    ),
    governed(
        "a group in one of its stack's roles",
        {"group": group(), **MADE, "another": Member(type=ROLE, inputs={"arn": "arn:another"})},
    ),
    governed("a group with an unknown role", {"group": group(roleArn=UNKNOWN), **MADE}),
    governed("a group without tags", {"group": group(), "role": MADE["role"]}, "group"),
    governed(
        "a group next to a tagged group",
        {"group": group(), "role": MADE["role"], "tags": Member(type=TAGS, inputs={"table": {"name": "others"}})},
        "group",
    ),
    governed(
        "a group that is online alone",
        {"group": Member(inputs={"roleArn": "arn:role"}), "role": MADE["role"]},
    ),
]
