"""Rules about EMR: clusters and applications run in the VPC, encrypt at rest and in transit, and are never public."""

from __future__ import annotations

import json

from policies.evaluation.readers import UNKNOWN, Properties, Unknown, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation

CLUSTER = ("aws:emr/cluster:Cluster",)
CONFIGURATION = ("aws:emr/securityConfiguration:SecurityConfiguration",)
PUBLIC_BLOCK = ("aws:emr/blockPublicAccessConfiguration:BlockPublicAccessConfiguration",)
APPLICATION = ("aws:emrserverless/application:Application",)

_SPARK_ENCRYPTION = ("spark.authenticate", "spark.io.encryption.enabled", "spark.network.crypto.enabled")
"""Spark properties for encryption in transit. EMR Serverless sets none of them by default."""


def cluster_is_private_and_configured(resource: Resource) -> Violation | None:
    properties = resource.properties
    if is_missing(properties.value("securityConfiguration")):
        return violation("has no security configuration", fix="name a security configuration that encrypts")
    if is_missing(properties.value("ec2Attributes", "subnetId")) and is_missing(
        properties.value("ec2Attributes", "subnetIds")
    ):
        return violation("runs outside the VPC", fix="name private subnets in ec2Attributes")
    return None


def encrypts_at_rest_and_in_transit(resource: Resource) -> Violation | None:
    text = resource.properties.text("configuration")
    if isinstance(text, Unknown):
        return None
    encryption = _encryption(text)
    missing = [
        part for part in ("EnableAtRestEncryption", "EnableInTransitEncryption") if encryption.get(part) is not True
    ]
    if missing:
        return violation(f"does not enable {' and '.join(missing)}", fix="enable both in EncryptionConfiguration")
    return None


def _encryption(text: str | None) -> dict[str, object]:
    try:
        found = json.loads(text or "{}")["EncryptionConfiguration"]
    except (ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def blocks_public_clusters(resource: Resource) -> Violation | None:
    if resource.properties.flag("blockPublicSecurityGroupRules") in (True, UNKNOWN):
        return None
    return violation("allows public clusters", fix="set blockPublicSecurityGroupRules to true")


def application_is_private_limited_and_encrypted(resource: Resource) -> Violation | None:
    properties = resource.properties
    for part in ("subnetIds", "securityGroupIds"):
        if is_missing(properties.value("networkConfiguration", part)):
            return violation(
                "runs jobs outside the VPC", fix="name subnets and a security group in networkConfiguration"
            )
    if is_missing(properties.value("maximumCapacity")) or properties.flag("autoStopConfiguration", "enabled") is False:
        return violation(
            "has no capacity or idle limit", fix="set maximumCapacity, and leave autoStopConfiguration enabled"
        )
    return _check_log_encryption(properties) or _check_spark_encryption(properties)


def _check_log_encryption(properties: Properties) -> Violation | None:
    """Checks log encryption. By default, EMR Serverless keeps logs in managed storage under a key of AWS."""
    managed = ("monitoringConfiguration", "managedPersistenceMonitoringConfiguration")
    if properties.flag(*managed, "enabled") in (True, None) and is_missing(
        properties.value(*managed, "encryptionKeyArn")
    ):
        return violation(
            "keeps logs under an AWS owned key", fix="disable managed persistence, or set its encryptionKeyArn"
        )
    store = ("monitoringConfiguration", "s3MonitoringConfiguration")
    if not is_missing(properties.value(*store, "logUri")) and is_missing(properties.value(*store, "encryptionKeyArn")):
        return violation(
            "keeps logs in S3 without a customer managed key", fix="set encryptionKeyArn of s3MonitoringConfiguration"
        )
    return None


def _check_spark_encryption(properties: Properties) -> Violation | None:
    if isinstance(properties.value("runtimeConfigurations"), Unknown):
        return None
    configured = [c.value("properties") for c in properties.blocks("runtimeConfigurations")
            if c.text("classification") == "spark-defaults"]  # fmt: skip
    if UNKNOWN in configured:
        return None
    properties_set = {name: value for found in configured if isinstance(found, dict) for name, value in found.items()}
    missing = [name for name in _SPARK_ENCRYPTION if properties_set.get(name) not in ("true", UNKNOWN)]
    if missing and str(properties.text("type")).lower() == "spark":
        return violation(
            f"does not set {', '.join(missing)}", fix="set them to true in spark-defaults of runtimeConfigurations"
        )
    return None


RULES = (
    Rule(
        id="EM-01",
        title="EMR is private and encrypts data at rest and in transit",
        severity="high",
        sources=("FSBP EMR.1", "FSBP EMR.2", "FSBP EMR.3", "FSBP EMR.4", "CKV_AWS_349", "CKV_AWS_350", "CKV_AWS_351",
                 "CKV_AWS_390"),
        remedy="Give clusters private subnets and a security configuration that encrypts at rest and in transit, and "
        "block public security group rules. Give serverless applications subnets, a security group, a maximum "
        "capacity, an idle timeout, logs under a customer managed key, and Spark encryption in transit.",
        checks=for_each(CLUSTER, cluster_is_private_and_configured)
        | for_each(CONFIGURATION, encrypts_at_rest_and_in_transit)
        | for_each(PUBLIC_BLOCK, blocks_public_clusters)
        | for_each(APPLICATION, application_is_private_limited_and_encrypted),
    ),
)  # fmt: skip
