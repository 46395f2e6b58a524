"""Rules about EMR: clusters and applications in the network, encrypted at rest and on the way, never public."""

from __future__ import annotations

import json

from policies.security.inputs.readers import UNKNOWN, Properties, Unknown, lacks
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, for_each, refuse

CLUSTER = ("aws:emr/cluster:Cluster",)
CONFIGURATION = ("aws:emr/securityConfiguration:SecurityConfiguration",)
PUBLIC_BLOCK = ("aws:emr/blockPublicAccessConfiguration:BlockPublicAccessConfiguration",)
APPLICATION = ("aws:emrserverless/application:Application",)

_ON_THE_WAY = ("spark.authenticate", "spark.io.encryption.enabled", "spark.network.crypto.enabled")
"""Properties of Spark, of which EMR Serverless sets none by itself."""


def cluster_is_private_and_configured(subject: Subject) -> Verdict:
    properties = subject.properties
    if lacks(properties.value("securityConfiguration")):
        return refuse("encrypts nothing", fix="name a security configuration")
    if lacks(properties.value("ec2Attributes", "subnetId")) and lacks(properties.value("ec2Attributes", "subnetIds")):
        return refuse("stands in a network of nobody", fix="name private subnets in ec2Attributes")
    return None


def encrypts_at_rest_and_on_the_way(subject: Subject) -> Verdict:
    text = subject.properties.text("configuration")
    if isinstance(text, Unknown):
        return None
    encryption = _encryption(text)
    missing = [
        part for part in ("EnableAtRestEncryption", "EnableInTransitEncryption") if encryption.get(part) is not True
    ]
    if missing:
        return refuse(f"leaves {' and '.join(missing)} off", fix="switch both on in EncryptionConfiguration")
    return None


def _encryption(text: str | None) -> dict[str, object]:
    try:
        found = json.loads(text or "{}")["EncryptionConfiguration"]
    except (ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def keeps_the_public_out(subject: Subject) -> Verdict:
    if subject.properties.flag("blockPublicSecurityGroupRules") in (True, UNKNOWN):
        return None
    return refuse("lets clusters be public", fix="set blockPublicSecurityGroupRules to true")


def application_is_private_bounded_and_encrypted(subject: Subject) -> Verdict:
    properties = subject.properties
    for part in ("subnetIds", "securityGroupIds"):
        if lacks(properties.value("networkConfiguration", part)):
            return refuse("runs jobs outside the network", fix="name subnets and a group in networkConfiguration")
    if lacks(properties.value("maximumCapacity")) or properties.flag("autoStopConfiguration", "enabled") is False:
        return refuse("grows or runs without end", fix="set maximumCapacity, and leave autoStopConfiguration on")
    return _keeps_logs_elsewhere(properties) or _talks_in_the_open(properties)


def _keeps_logs_elsewhere(properties: Properties) -> Verdict:
    """EMR keeps logs under a key of its own unless it is told otherwise."""
    managed = ("monitoringConfiguration", "managedPersistenceMonitoringConfiguration")
    if properties.flag(*managed, "enabled") in (True, None) and lacks(properties.value(*managed, "encryptionKeyArn")):
        return refuse("keeps logs under the key of AWS", fix="switch managed persistence off, or name a key")
    store = ("monitoringConfiguration", "s3MonitoringConfiguration")
    if not lacks(properties.value(*store, "logUri")) and lacks(properties.value(*store, "encryptionKeyArn")):
        return refuse("keeps logs in S3 without a key of ours", fix="set its encryptionKeyArn")
    return None


def _talks_in_the_open(properties: Properties) -> Verdict:
    if isinstance(properties.value("runtimeConfigurations"), Unknown):
        return None
    said = [c.value("properties") for c in properties.blocks("runtimeConfigurations")
            if c.text("classification") == "spark-defaults"]  # fmt: skip
    if UNKNOWN in said:
        return None
    told = {name: value for found in said if isinstance(found, dict) for name, value in found.items()}
    missing = [name for name in _ON_THE_WAY if told.get(name) not in ("true", UNKNOWN)]
    if missing and str(properties.text("type")).lower() == "spark":
        return refuse(f"leaves {', '.join(missing)} off", fix="set them in spark-defaults of runtimeConfigurations")
    return None


RULES = (
    Rule(
        id="EM-01",
        title="EMR is private and encrypts what it keeps and what it sends",
        severity="high",
        sources=("FSBP EMR.1", "FSBP EMR.2", "FSBP EMR.3", "FSBP EMR.4", "CKV_AWS_349", "CKV_AWS_350", "CKV_AWS_351",
                 "CKV_AWS_390"),
        remedy="Give clusters private subnets and a security configuration that encrypts at rest and in transit, keep "
        "public rules blocked; give serverless applications subnets, a group, a largest size, an end when idle, logs "
        "under a key of ours, and Spark its encryption.",
        judges=for_each(CLUSTER, cluster_is_private_and_configured)
        | for_each(CONFIGURATION, encrypts_at_rest_and_on_the_way)
        | for_each(PUBLIC_BLOCK, keeps_the_public_out)
        | for_each(APPLICATION, application_is_private_bounded_and_encrypted),
    ),
)  # fmt: skip
