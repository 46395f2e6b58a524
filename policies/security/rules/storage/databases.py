"""Rules about relational databases: private, encrypted, recoverable, and entered over TLS without a stored password."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN, is_missing, is_not_customer_managed
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation

INSTANCE = ("aws:rds/instance:Instance",)
CLUSTER = ("aws:rds/cluster:Cluster",)
MEMBER = ("aws:rds/clusterInstance:ClusterInstance",)
"""An instance of a cluster, which has the data, the users and the settings."""
PARAMETER_GROUPS = ("aws:rds/parameterGroup:ParameterGroup", "aws:rds/clusterParameterGroup:ClusterParameterGroup")

FEWEST_BACKUP_DAYS = 7
"""Shortest retention of backups that Security Hub accepts (FSBP RDS.11)."""
_FORCED_TLS = "rds.force_ssl"
_POSTGRES, _AURORA, _LOG = "postgres", "aurora-postgresql", "postgresql"
_PASSWORDS = ("password", "passwordWo", "masterPassword", "masterPasswordWo")
_DEFAULT_GROUP = "default."
"""Prefix of the names of parameter groups that AWS provides, and that nobody can change."""


def is_private(resource: Resource) -> Violation | None:
    """Checks what a cluster leaves to its instances."""
    if resource.properties.flag("publiclyAccessible") not in (None, False, UNKNOWN):
        return violation("has a public address", fix="set publiclyAccessible to false")
    return None


def is_private_and_encrypted(resource: Resource) -> Violation | None:
    properties = resource.properties
    if found := is_private(resource):
        return found
    if is_missing(properties.text("dbSubnetGroupName")):
        return violation("may be in the default network", fix="set dbSubnetGroupName to a group of private subnets")
    if properties.flag("storageEncrypted") not in (True, UNKNOWN):
        return violation("is not encrypted", fix="set storageEncrypted to true")
    if is_not_customer_managed(properties.text("kmsKeyId")):
        return violation("is not encrypted with a customer managed key", fix="set kmsKeyId to a key of the account")
    return None


def survives_its_zone(resource: Resource) -> Violation | None:
    """Checks DB instances alone: a cluster of Aurora stores its data in three zones."""
    if resource.properties.flag("multiAz") not in (True, UNKNOWN):
        return violation("is lost with its zone", fix="set multiAz to true")
    return is_recoverable(resource)


def is_recoverable(resource: Resource) -> Violation | None:
    properties = resource.properties
    days = properties.number("backupRetentionPeriod")
    if days is not UNKNOWN and (days is None or float(days) < FEWEST_BACKUP_DAYS):
        return violation("keeps too few backups", fix=f"set backupRetentionPeriod to {FEWEST_BACKUP_DAYS} days or more")
    if properties.flag("deletionProtection") not in (True, UNKNOWN):
        return violation("has no deletion protection", fix="set deletionProtection to true")
    if properties.flag("skipFinalSnapshot") not in (None, False, UNKNOWN):
        return violation("leaves no snapshot when it is deleted", fix="set skipFinalSnapshot to false")
    if properties.flag("deleteAutomatedBackups") not in (False, UNKNOWN):
        return violation("deletes its backups with itself", fix="set deleteAutomatedBackups to false")
    return None


def stores_no_password(resource: Resource) -> Violation | None:
    properties = resource.properties
    if any(not is_missing(properties.value(name)) for name in _PASSWORDS):
        return violation("takes a password from the program", fix="set manageMasterUserPassword to true instead")
    if properties.flag("manageMasterUserPassword") not in (True, UNKNOWN):
        return violation("has a password that nobody rotates", fix="set manageMasterUserPassword to true")
    if is_not_customer_managed(properties.text("masterUserSecretKmsKeyId")):
        return violation(
            "keeps its password without a customer managed key", fix="set masterUserSecretKmsKeyId to a key"
        )
    if properties.flag("iamDatabaseAuthenticationEnabled") not in (True, UNKNOWN):
        return violation(
            "lets its clients sign in with passwords only", fix="set iamDatabaseAuthenticationEnabled to true"
        )
    return None


def is_entered_over_tls(resource: Resource) -> Violation | None:
    """Checks the engine too: the parameter has another name, or does not exist, in other engines."""
    return _with_parameters(resource, _POSTGRES, "parameterGroupName")


def cluster_is_entered_over_tls(resource: Resource) -> Violation | None:
    return _with_parameters(resource, _AURORA, "dbClusterParameterGroupName")


def _with_parameters(resource: Resource, engine: str, group_property: str) -> Violation | None:
    properties = resource.properties
    if properties.text("engine") not in (engine, UNKNOWN):
        return violation("has an engine that no rule knows", fix=f"use {engine}")
    group = properties.text(group_property)
    if is_missing(group) or (isinstance(group, str) and group.startswith(_DEFAULT_GROUP)):
        return violation("has the parameters of AWS", fix=f"name a parameter group with {_FORCED_TLS}")
    return None


def refuses_plain_text(resource: Resource) -> Violation | None:
    if resource.properties.may_have_more("parameters"):
        return None
    for parameter in resource.properties.blocks("parameters"):
        if parameter.text("name") in (_FORCED_TLS, UNKNOWN) and parameter.text("value") in ("1", UNKNOWN):
            return None
    return violation("admits connections without TLS", fix=f'set the parameter {_FORCED_TLS} to "1"')


def keeps_logs_and_versions(resource: Resource) -> Violation | None:
    return keeps_logs(resource) or takes_minor_versions(resource)


def keeps_logs(resource: Resource) -> Violation | None:
    logs = resource.properties.items("enabledCloudwatchLogsExports")
    if logs is not UNKNOWN and not {_LOG, UNKNOWN} & set(logs or ()):
        return violation("delivers no logs", fix=f"add {_LOG} to enabledCloudwatchLogsExports")
    return None


def takes_minor_versions(resource: Resource) -> Violation | None:
    """Checks what a cluster of Aurora leaves to its instances."""
    if resource.properties.flag("autoMinorVersionUpgrade") not in (None, True, UNKNOWN):
        return violation("stays on an old minor version", fix="set autoMinorVersionUpgrade to true")
    return None


RULES = (
    Rule(
        id="RD-01",
        title="Databases are private and encrypted with a customer managed key",
        severity="critical",
        sources=("FSBP RDS.2", "FSBP RDS.3", "FSBP RDS.18", "FSBP RDS.27", "CKV_AWS_16", "CKV_AWS_17"),
        remedy="Put the database into a subnet group of private subnets, without a public address, and encrypt it "
        "with a key of its account.",
        checks=for_each(INSTANCE + CLUSTER, is_private_and_encrypted) | for_each(MEMBER, is_private),
    ),
    Rule(
        id="RD-02",
        title="Databases can be restored and are not deleted by mistake",
        severity="high",
        sources=("FSBP RDS.5", "FSBP RDS.7", "FSBP RDS.8", "FSBP RDS.11", "CKV_AWS_133", "CKV_AWS_157", "CKV_AWS_293"),
        remedy=f"Keep backups for {FEWEST_BACKUP_DAYS} days or more, also of a deleted database, run a DB "
        "instance in two zones, and set deletion protection.",
        checks=for_each(INSTANCE, survives_its_zone) | for_each(CLUSTER, is_recoverable),
    ),
    Rule(
        id="RD-03",
        title="Passwords of databases are managed by RDS, and clients sign in with IAM",
        severity="high",
        sources=("FSBP RDS.10", "FSBP RDS.12", "CKV_AWS_161"),
        remedy="Let RDS create and rotate the password of the master user under a customer managed key, and let "
        "clients sign in with tokens of their IAM role.",
        checks=for_each(INSTANCE + CLUSTER, stores_no_password),
    ),
    Rule(
        id="RD-04",
        title="Databases refuse connections without TLS",
        severity="high",
        sources=("FSBP RDS.38",),
        remedy=f"Use PostgreSQL with a parameter group that sets {_FORCED_TLS} to 1.",
        checks=for_each(INSTANCE, is_entered_over_tls)
        | for_each(CLUSTER, cluster_is_entered_over_tls)
        | for_each(PARAMETER_GROUPS, refuses_plain_text),
    ),
    Rule(
        id="RD-05",
        title="Databases deliver their logs and take minor versions",
        severity="medium",
        sources=("FSBP RDS.9", "FSBP RDS.13", "FSBP RDS.36", "CKV_AWS_129", "CKV_AWS_226"),
        remedy=f"Export the log {_LOG} to CloudWatch Logs, and leave automatic minor upgrades on.",
        checks=for_each(INSTANCE, keeps_logs_and_versions)
        | for_each(CLUSTER, keeps_logs)
        | for_each(MEMBER, takes_minor_versions),
    ),
)
