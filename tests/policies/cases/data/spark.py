"""Cases of policies/security/rules/data/spark.py."""

from __future__ import annotations

import json

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, OWN_ACCOUNT, Case, Situation, but

KEY = f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/0f6d2d3e"
ENCRYPTED = ("spark.authenticate", "spark.io.encryption.enabled", "spark.network.crypto.enabled")
MANAGED = "monitoringConfiguration.managedPersistenceMonitoringConfiguration"


def configured(rest: bool | None, way: bool | None) -> str:
    return json.dumps({"EncryptionConfiguration": {"EnableAtRestEncryption": rest, "EnableInTransitEncryption": way}})


def told(classification: str, **changes: object) -> list[dict[str, object]]:
    """Returns the Spark configuration with encryption. Arguments change a property, and None removes it."""
    properties = {**dict.fromkeys(ENCRYPTED, "true"), **changes}
    return [
        {
            "classification": classification,
            "properties": {name: value for name, value in properties.items() if value is not None},
        }
    ]


CLUSTERS = [
    Case(
        rule="EM-01",
        type="aws:emr/cluster:Cluster",
        compliant=Situation(inputs={"securityConfiguration": "encrypted", "ec2Attributes": {"subnetId": "subnet-1"}}),
        refused={"has an empty configuration": but({"securityConfiguration": ""})},
        accepted={
            "is in one of several subnets": but({"ec2Attributes": {"subnetIds": ["subnet-1"]}}),
            "is configured by what the deployment creates": but({"securityConfiguration": UNKNOWN}),
        },
    ),
    Case(
        rule="EM-01",
        type="aws:emr/securityConfiguration:SecurityConfiguration",
        compliant=Situation(inputs={"configuration": configured(True, True)}),
        refused={
            "leaves disks open": but({"configuration": configured(False, True)}),
            "leaves the way open": but({"configuration": configured(True, False)}),
            "has another value than a switch": but({"configuration": configured(True, None)}),
            "is no JSON": but({"configuration": "encrypted"}),
            "sets nothing": but({"configuration": "{}"}),
            "has an empty configuration": but({"configuration": '{"EncryptionConfiguration": true}'}),
            "is a list": but({"configuration": "[]"}),
        },
        accepted={"is what the deployment knows": but({"configuration": UNKNOWN})},
    ),
    Case(
        rule="EM-01",
        type="aws:emr/blockPublicAccessConfiguration:BlockPublicAccessConfiguration",
        compliant=Situation(inputs={"blockPublicSecurityGroupRules": True}),
        refused={"allows the public": but({"blockPublicSecurityGroupRules": False})},
        accepted={"has an unknown value": but({"blockPublicSecurityGroupRules": UNKNOWN})},
    ),
]
APPLICATIONS = [
    Case(
        rule="EM-01",
        type="aws:emrserverless/application:Application",
        compliant=Situation(
            inputs={
                "type": "spark",
                "networkConfiguration": {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]},
                "maximumCapacity": {"cpu": "32 vCPU", "memory": "128 GB"},
                "monitoringConfiguration": {"managedPersistenceMonitoringConfiguration": {"enabled": False}},
                "runtimeConfigurations": UNKNOWN,
            }
        ),
        optional=frozenset({"type", "maximumCapacity.cpu", "maximumCapacity.memory"}),
        refused={
            "runs anywhere": but({"networkConfiguration.subnetIds": []}),
            "is in no group": but({"networkConfiguration.securityGroupIds": []}),
            "never stops": but({"autoStopConfiguration": {"enabled": False}}),
            "lets EMR keep logs": but({f"{MANAGED}.enabled": True}),
            "keeps logs in S3 without a key": but(
                {"monitoringConfiguration.s3MonitoringConfiguration": {"logUri": "s3://logs"}}
            ),
            "has its encryption under another classification": but({"runtimeConfigurations": told("hive-site")}),
            "has no encryption": but({"runtimeConfigurations": []}),
            **{
                f"leaves {name} off": but({"runtimeConfigurations": told("spark-defaults", **{name: value})})
                for name in ENCRYPTED
                for value in ("false",)
            },
            **{
                f"does not set {name}": but({"runtimeConfigurations": told("spark-defaults", **{name: None})})
                for name in ENCRYPTED
            },
        },
        accepted={
            "stops when idle": but({"autoStopConfiguration": {"enabled": True}}),
            "lets EMR keep logs under a key": but({MANAGED: {"enabled": True, "encryptionKeyArn": KEY}}),
            "keeps logs in S3 under a key": but(
                {"monitoringConfiguration.s3MonitoringConfiguration": {"logUri": "s3://logs", "encryptionKeyArn": KEY}}
            ),
            "is monitored as the deployment knows": but({"monitoringConfiguration": UNKNOWN}),
            "encrypts by Spark": but({"runtimeConfigurations": told("spark-defaults")}),
            "encrypts as the deployment knows": but(
                {"runtimeConfigurations": told("spark-defaults", **{ENCRYPTED[0]: UNKNOWN})}
            ),
            "has properties that the deployment knows": but(
                {"runtimeConfigurations": [{"classification": "spark-defaults", "properties": UNKNOWN}]}
            ),
            "is for Hive, which is no Spark": but({"type": "hive", "runtimeConfigurations": ABSENT}),
        },
    )
]

CASES = [*CLUSTERS, *APPLICATIONS]
