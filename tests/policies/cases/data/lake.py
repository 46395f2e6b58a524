"""Cases of policies/security/rules/data/lake.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, OWN_ACCOUNT, Case, Situation, but, document

KEY = f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/0f6d2d3e"
JOBS = f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/fraud-development-execution"
EXPERIMENTER = f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/fraud-experimentation-studio-ada"
FILLER = f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/data-lake-etl-cards"
FEATURE_STORE = f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/data-lake-features-cards"
EVERYBODY_ELSE: dict[str, Any] = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "glue:*",
    "Resource": "*",
    "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-example1234"}},
}
SHARING = {"Effect": "Allow", "Principal": {"Service": "ram.amazonaws.com"}, "Action": "glue:ShareResource"}
PUBLIC = {"Effect": "Allow", "Principal": "*", "Action": "glue:GetTable", "Resource": "*"}
RESULTS = "configuration.resultConfiguration"
OF_A_GRANT_BY_TAGS = frozenset(
    {
        "principal",
        "lfTagPolicy",
        "lfTagPolicy.resourceType",
        "lfTagPolicy.expressions.0.values",
        "lfTagPolicy.expressions.0.values.0",
        "lfTagPolicy.expressions.0.values.1",
    }
)
"""Paths that a grant may omit."""
AT_REST = "dataCatalogEncryptionSettings.encryptionAtRest"


def asking(**expressions: list[str]) -> dict[str, Any]:
    found = [{"key": key, "values": values} for key, values in expressions.items()]
    return {"resourceType": "TABLE", "expressions": found}


CASES = [
    Case(
        rule="LF-01",
        type="aws:lakeformation/dataLakeSettings:DataLakeSettings",
        compliant=Situation(inputs={"allowFullTableExternalDataAccess": False, "allowExternalDataFiltering": False}),
        optional=frozenset({"allowFullTableExternalDataAccess", "allowExternalDataFiltering"}),
        refused={
            "grants databases by default": but({"createDatabaseDefaultPermissions": [{"permissions": ["ALL"]}]}),
            "grants tables by default": but({"createTableDefaultPermissions": [{"permissions": ["ALL"]}]}),
            "opens whole tables": but({"allowFullTableExternalDataAccess": True}),
            "opens filtered tables": but({"allowExternalDataFiltering": True}),
        },
        accepted={"grants an empty list": but({"createTableDefaultPermissions": []})},
    ),
    Case(
        rule="LF-01",
        type="aws:lakeformation/resource:Resource",
        compliant=Situation(inputs={"roleArn": JOBS, "hybridAccessEnabled": False}),
        optional=frozenset({"hybridAccessEnabled"}),
        refused={"leaves it to IAM too": but({"hybridAccessEnabled": True})},
    ),
    Case(
        rule="LF-02",
        type="aws:lakeformation/permissions:Permissions",
        compliant=Situation(inputs={"principal": JOBS, "permissions": ["SELECT", "DESCRIBE"]}),
        optional=frozenset({"principal", "permissions", "permissions.0", "permissions.1"}),
        refused={
            "writes": but({"permissions": ["SELECT", "INSERT"]}),
            "gives everything": but({"permissions": ["ALL"]}),
            "can be granted to others": but({"permissionsWithGrantOptions": ["SELECT"]}),
            "gives a place": but({"dataLocation": {"arn": "arn:aws:s3:::lake"}}),
            "is for whatever IAM allows": but({"principal": "IAM_ALLOWED_PRINCIPALS"}),
            "deletes by a job of the lake": but({"principal": FILLER, "permissions": ["DELETE"]}),
            "fills by a role of another name": but({"principal": f"{JOBS}-data-lake-etl-x", "permissions": ["ALTER"]}),
        },
        accepted={
            "is for an account": but({"principal": OWN_ACCOUNT}),
            "is the lake's own job that adds partitions": but(
                {"principal": FILLER, "permissions": ["ALTER", "CREATE_TABLE", "DESCRIBE", "INSERT"]}
            ),
            "is for Feature Store to change its table": but(
                {"principal": FEATURE_STORE, "permissions": ["ALTER", "INSERT"]}
            ),
            "writes with an unknown role": but({"principal": UNKNOWN, "permissions": ["ALTER"]}),
            "is the lake's own job in its folder": but(
                {
                    "principal": FILLER,
                    "permissions": ["DATA_LOCATION_ACCESS"],
                    "dataLocation": {"arn": "arn:aws:s3:::lake/cards"},
                }
            ),
        },
    ),
    Case(
        rule="LF-03",
        type="aws:lakeformation/permissions:Permissions",
        compliant=Situation(
            inputs={"principal": EXPERIMENTER, "lfTagPolicy": asking(exposure=["anonymised", "approved"])}
        ),
        optional=OF_A_GRANT_BY_TAGS,
        refused={
            "asks for no exposure": but({"lfTagPolicy": asking(team=["exp"])}),
            "asks for raw data too": but({"lfTagPolicy": asking(exposure=["anonymised", "raw"])}),
            "names a table": but({"lfTagPolicy": ABSENT, "table": {"name": "cards"}}),
            "names columns": but({"lfTagPolicy": ABSENT, "tableWithColumns": {"name": "cards"}}),
            "is a person's without Studio": but(
                {
                    "principal": f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/people-fraud-experimentation-data-scientist",
                    "lfTagPolicy": asking(team=["exp"]),
                }
            ),
        },
        accepted={
            "is a job's of development": but({"principal": JOBS, "lfTagPolicy": asking(team=["dev"])}),
            "finds databases": but({"lfTagPolicy": {"resourceType": "DATABASE", "expressions": []}}),
            "asks for what only the deployment knows": but(
                {"lfTagPolicy": {"resourceType": "TABLE", "expressions": [UNKNOWN]}}
            ),
            "is a filter": but({"lfTagPolicy": ABSENT, "dataCellsFilter": {"name": "anonymised"}}),
        },
    ),
    Case(
        rule="GL-01",
        type="aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings",
        compliant=Situation(
            inputs={
                "dataCatalogEncryptionSettings": {
                    "encryptionAtRest": {"catalogEncryptionMode": "SSE-KMS-WITH-SERVICE-ROLE"},
                    "connectionPasswordEncryption": {"returnConnectionPasswordEncrypted": True},
                }
            }
        ),
        refused={
            "is in the clear": but({f"{AT_REST}.catalogEncryptionMode": "DISABLED"}),
            "returns passwords": but(
                {"dataCatalogEncryptionSettings.connectionPasswordEncryption.returnConnectionPasswordEncrypted": False}
            ),
        },
        accepted={"is encrypted with a service role": but({f"{AT_REST}.catalogEncryptionMode": "SSE-KMS"})},
    ),
    Case(
        rule="GL-01",
        type="aws:glue/resourcePolicy:ResourcePolicy",
        compliant=Situation(inputs={"policy": document(EVERYBODY_ELSE, SHARING)}),
        refused={
            "denies nothing": but({"policy": document(SHARING)}),
            "denies principals of the organization": but(
                {"policy": document({**EVERYBODY_ELSE, "Principal": {"AWS": OWN_ACCOUNT}}, SHARING)}
            ),
            "refuses reading alone": but({"policy": document({**EVERYBODY_ELSE, "Action": "glue:Get*"}, SHARING)}),
            "refuses whatever the organization": but(
                {"policy": document({**EVERYBODY_ELSE, "Condition": {"Bool": {"aws:SecureTransport": "false"}}})}
            ),
            "refuses the organization itself": but(
                {
                    "policy": document(
                        {**EVERYBODY_ELSE, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-acme123456"}}}
                    )
                }
            ),
            "allows the principals that it should deny": but(
                {"policy": document({**EVERYBODY_ELSE, "Effect": "Allow"})}
            ),
            "allows every principal": but({"policy": document(EVERYBODY_ELSE, PUBLIC)}),
        },
        accepted={"shares nothing": but({"policy": document(EVERYBODY_ELSE)})},
    ),
    Case(
        rule="GL-01",
        type="aws:glue/securityConfiguration:SecurityConfiguration",
        compliant=Situation(
            inputs={
                "encryptionConfiguration": {
                    "s3Encryption": {"s3EncryptionMode": "SSE-KMS", "kmsKeyArn": KEY},
                    "cloudwatchEncryption": {"cloudwatchEncryptionMode": "SSE-KMS", "kmsKeyArn": KEY},
                    "jobBookmarksEncryption": {"jobBookmarksEncryptionMode": "CSE-KMS", "kmsKeyArn": KEY},
                }
            }
        ),
        refused={
            "keeps objects under S3's key": but({"encryptionConfiguration.s3Encryption.s3EncryptionMode": "SSE-S3"}),
            "logs in the clear": but(
                {"encryptionConfiguration.cloudwatchEncryption.cloudwatchEncryptionMode": "DISABLED"}
            ),
            "remembers in the clear": but(
                {"encryptionConfiguration.jobBookmarksEncryption.jobBookmarksEncryptionMode": "DISABLED"}
            ),
        },
    ),
    Case(
        rule="GL-01",
        type="aws:glue/job:Job",
        compliant=Situation(
            inputs={
                "securityConfiguration": "data-lake",
                "connections": ["data-lake-network-1"],
                "glueVersion": "5.0",
                "timeout": 120,
            }
        ),
        refused={
            "runs outside the network": but({"connections": []}),
            "runs on an old version": but({"glueVersion": "2.0"}),
            "never ends": but({"timeout": 0}),
            "ends after days": but({"timeout": 10080}),
        },
        accepted={f"runs on version {version}": but({"glueVersion": version}) for version in ("4.0", "5.1")},
    ),
    Case(
        rule="GL-01",
        type="aws:glue/crawler:Crawler",
        compliant=Situation(
            inputs={
                "securityConfiguration": "data-lake",
                "s3Targets": [{"path": "s3://landing/cards/", "connectionName": "data-lake-network-1"}],
            }
        ),
        optional=frozenset({"s3Targets", "s3Targets.0", "s3Targets.0.path"}),
        refused={
            "crawls one place outside the network": but(
                {"s3Targets": [{"path": "s3://a/", "connectionName": "network"}, {"path": "s3://b/"}]}
            ),
        },
        accepted={"crawls nothing of S3": but({"s3Targets": ABSENT})},
    ),
    Case(
        rule="AT-01",
        type="aws:athena/workgroup:Workgroup",
        compliant=Situation(
            inputs={
                "configuration": {
                    "enforceWorkgroupConfiguration": True,
                    "publishCloudwatchMetricsEnabled": True,
                    "bytesScannedCutoffPerQuery": 10_485_760,
                    "resultConfiguration": {
                        "outputLocation": "s3://answers/",
                        "expectedBucketOwner": OWN_ACCOUNT,
                        "encryptionConfiguration": {"encryptionOption": "SSE_KMS", "kmsKeyArn": KEY},
                    },
                }
            }
        ),
        refused={
            "lets clients decide": but({"configuration.enforceWorkgroupConfiguration": False}),
            "is not measured": but({"configuration.publishCloudwatchMetricsEnabled": False}),
            "keeps answers under S3's key": but({f"{RESULTS}.encryptionConfiguration.encryptionOption": "SSE_S3"}),
        },
        accepted={"encrypts before it writes": but({f"{RESULTS}.encryptionConfiguration.encryptionOption": "CSE_KMS"})},
    ),
]
