"""Rules about the data lake: Lake Formation controls access, grants are read-only, and data is encrypted."""

from __future__ import annotations

import re

from policies.evaluation.policy_documents import Statement, statements
from policies.evaluation.readers import UNKNOWN, Properties, Unknown, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation

SETTINGS = ("aws:lakeformation/dataLakeSettings:DataLakeSettings",)
LOCATION = ("aws:lakeformation/resource:Resource",)
GRANT = ("aws:lakeformation/permissions:Permissions",)
CATALOG_ENCRYPTION = ("aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings",)
CATALOG_POLICY = ("aws:glue/resourcePolicy:ResourcePolicy",)
SECURITY_CONFIGURATION = ("aws:glue/securityConfiguration:SecurityConfiguration",)
JOB = ("aws:glue/job:Job",)
CRAWLER = ("aws:glue/crawler:Crawler",)
WORKGROUP = ("aws:athena/workgroup:Workgroup",)

_DEFAULTS = ("createDatabaseDefaultPermissions", "createTableDefaultPermissions")
_EXTERNAL_ACCESS = ("allowFullTableExternalDataAccess", "allowExternalDataFiltering")
_READING = {"SELECT", "DESCRIBE"}
_EXPOSURES_FOR_EXPERIMENTATION = {"anonymised", "approved"}
_WRITING = {*_READING, "ALTER", "CREATE_TABLE", "DATA_LOCATION_ACCESS", "INSERT"}
"""Permissions that jobs need to add partitions and create tables."""
_ROLE_OF_THE_LAKE = re.compile(r":role/plinth/data-lake-(etl|crawler|features)-[a-z0-9-]+$")
_SUPPORTED = ("4.0", "5.0", "5.1")
_LONGEST_MINUTES = 2880
_ENCRYPTED = {
    ("s3Encryption", "s3EncryptionMode"): "SSE-KMS",
    ("cloudwatchEncryption", "cloudwatchEncryptionMode"): "SSE-KMS",
    ("jobBookmarksEncryption", "jobBookmarksEncryptionMode"): "CSE-KMS",
}
_EXPERIMENTER = re.compile(r"role/plinth/(people-)?[a-z0-9-]+-experimentation-")


def grants_nothing_by_default(resource: Resource) -> Violation | None:
    if any(not is_missing(resource.properties.value(default)) for default in _DEFAULTS):
        return violation("grants new tables to every IAM principal", fix="remove the default permissions")
    if any(resource.properties.flag(setting) is True for setting in _EXTERNAL_ACCESS):
        return violation(
            "allows external engines to read whole tables", fix="set both external access settings to false"
        )
    return None


def location_has_its_own_role(resource: Resource) -> Violation | None:
    if resource.properties.flag("hybridAccessEnabled") is True:
        return violation("leaves access to the location to IAM as well", fix="set hybridAccessEnabled to false")
    if is_missing(resource.properties.value("roleArn")):
        return violation("uses the shared service-linked role", fix="set roleArn to a role that reads only this zone")
    return None


def grants_only_reading(resource: Resource) -> Violation | None:
    permissions = resource.properties.items("permissions")
    known = [] if permissions is None or isinstance(permissions, Unknown) else permissions
    principal = resource.properties.text("principal")
    # A first preview does not know the role. Whether it belongs to the lake is checked once it is known.
    of_the_lake = isinstance(principal, Unknown) or _ROLE_OF_THE_LAKE.search(principal or "") is not None
    if any(permission not in (*(_WRITING if of_the_lake else _READING), UNKNOWN) for permission in known):
        return violation("grants more than reading", fix="grant SELECT and DESCRIBE; only jobs of the lake may write")
    if not is_missing(resource.properties.value("permissionsWithGrantOptions")):
        return violation("allows its reader to grant access to others", fix="remove permissionsWithGrantOptions")
    if not is_missing(resource.properties.value("dataLocation")) and not of_the_lake:
        return violation("grants a location instead of a table", fix="grant tables by their LF-tags")
    if principal == "IAM_ALLOWED_PRINCIPALS":
        return violation("grants to every IAM principal", fix="name a role")
    return None


def grants_experimentation_only_exposed_data(resource: Resource) -> Violation | None:
    principal = resource.properties.text("principal")
    if not isinstance(principal, str) or not _EXPERIMENTER.search(principal):
        return None
    if not is_missing(resource.properties.value("table")) or not is_missing(
        resource.properties.value("tableWithColumns")
    ):
        return violation(
            "grants a table by name to experimentation", fix="grant by LF-tags, or with a data cell filter"
        )
    if resource.properties.text("lfTagPolicy", "resourceType") != "TABLE":
        return None
    if resource.properties.may_have_more("lfTagPolicy", "expressions"):
        return None
    if any(map(_requires_exposure, resource.properties.blocks("lfTagPolicy", "expressions"))):
        return None
    return violation(
        "grants raw data to experimentation", fix="require exposure anonymised or approved in the expression"
    )


def _requires_exposure(expression: Properties) -> bool:
    values = expression.items("values")
    known = [] if values is None or isinstance(values, Unknown) else values
    allowed = all(value in (*_EXPOSURES_FOR_EXPERIMENTATION, UNKNOWN) for value in known)
    return allowed and expression.text("key") in ("exposure", UNKNOWN)


def encrypts_the_catalog(resource: Resource) -> Violation | None:
    root = "dataCatalogEncryptionSettings"
    mode = resource.properties.text(root, "encryptionAtRest", "catalogEncryptionMode")
    if mode not in ("SSE-KMS", "SSE-KMS-WITH-SERVICE-ROLE", UNKNOWN):
        return violation(
            "does not encrypt the Data Catalog", fix="set catalogEncryptionMode to SSE-KMS-WITH-SERVICE-ROLE"
        )
    passwords = resource.properties.flag(root, "connectionPasswordEncryption", "returnConnectionPasswordEncrypted")
    if passwords not in (True, UNKNOWN):
        return violation(
            "returns connection passwords unencrypted", fix="set returnConnectionPasswordEncrypted to true"
        )
    return None


def catalog_policy_denies_other_organizations(resource: Resource) -> Violation | None:
    found = statements(resource.properties, "policy")
    if isinstance(found, Unknown):
        return None
    if not any(map(_denies_other_organizations, found or [])):
        return violation(
            "does not deny other organizations", fix="deny glue:* to every principal outside aws:PrincipalOrgID"
        )
    if any(statement.allows and statement.is_for_everybody for statement in found or []):
        return violation("allows every principal", fix="name principals, or leave sharing to Lake Formation")
    return None


def _denies_other_organizations(statement: Statement) -> bool:
    outside = [
        condition
        for condition in statement.conditions
        if condition.key == "aws:principalorgid" and condition.operator.startswith("stringnotequals")
    ]
    return not statement.allows and statement.is_for_everybody and "glue:*" in statement.actions and bool(outside)


def encrypts_job_output(resource: Resource) -> Violation | None:
    for (part, mode), wanted in _ENCRYPTED.items():
        if resource.properties.text("encryptionConfiguration", part, mode) not in (wanted, UNKNOWN):
            return violation(f"does not set up {part}", fix=f"set {mode} to {wanted}")
        if is_missing(resource.properties.value("encryptionConfiguration", part, "kmsKeyArn")):
            return violation(f"has no key for {part}", fix="set kmsKeyArn to the account's key")
    return None


def job_is_confined(resource: Resource) -> Violation | None:
    properties = resource.properties
    if is_missing(properties.value("securityConfiguration")):
        return violation("does not encrypt its output", fix="set securityConfiguration")
    if is_missing(properties.value("connections")):
        return violation("runs outside the VPC", fix="set connections to those of the account's subnets")
    if properties.text("glueVersion") not in (*_SUPPORTED, UNKNOWN):
        return violation("runs on an unsupported Glue version", fix=f"set glueVersion to {_SUPPORTED[-2]}")
    timeout = properties.number("timeout")
    if timeout is None or (not isinstance(timeout, Unknown) and not 0 < timeout <= _LONGEST_MINUTES):
        return violation("has no timeout, or too long a one", fix=f"set timeout to {_LONGEST_MINUTES} minutes or fewer")
    return None


def crawler_is_confined(resource: Resource) -> Violation | None:
    if is_missing(resource.properties.value("securityConfiguration")):
        return violation("does not encrypt its logs", fix="set securityConfiguration")
    if any(is_missing(target.value("connectionName")) for target in resource.properties.blocks("s3Targets")):
        return violation("crawls outside the VPC", fix="set connectionName of every target")
    return None


def enforces_its_configuration(resource: Resource) -> Violation | None:
    properties, results = resource.properties, ("configuration", "resultConfiguration")
    if properties.flag("configuration", "enforceWorkgroupConfiguration") not in (True, UNKNOWN):
        return violation("allows clients to choose where results go", fix="set enforceWorkgroupConfiguration to true")
    encryption = (*results, "encryptionConfiguration")
    if properties.text(*encryption, "encryptionOption") not in ("SSE_KMS", "CSE_KMS", UNKNOWN):
        return violation("does not encrypt results with KMS", fix="set encryptionOption to SSE_KMS")
    needed = {
        "kmsKeyArn": (*encryption, "kmsKeyArn"),
        "expectedBucketOwner": (*results, "expectedBucketOwner"),
        "outputLocation": (*results, "outputLocation"),
        "bytesScannedCutoffPerQuery": ("configuration", "bytesScannedCutoffPerQuery"),
    }
    missing = [name for name, path in needed.items() if is_missing(properties.value(*path))]
    if missing:
        return violation(f"does not set {', '.join(missing)}", fix="set the missing properties")
    if properties.flag("configuration", "publishCloudwatchMetricsEnabled") not in (True, UNKNOWN):
        return violation("publishes no metrics", fix="set publishCloudwatchMetricsEnabled to true")
    return None


RULES = (
    Rule(
        id="AT-01",
        title="Athena workgroups enforce the location and encryption of results",
        severity="high",
        sources=("FSBP Athena.4", "CKV_AWS_82", "CKV_AWS_159"),
        remedy="Enforce the workgroup configuration: results in the environment's bucket under its key, a scan limit "
        "and metrics.",
        checks=for_each(WORKGROUP, enforces_its_configuration),
    ),
    Rule(
        id="GL-01",
        title="The Glue Data Catalog, jobs and crawlers are encrypted, inside the VPC and inside the organization",
        severity="high",
        sources=("FSBP Glue.4", "CKV_AWS_94", "CKV_AWS_99", "CKV_AWS_195", "cdk-nag GL1", "cdk-nag GL3"),
        remedy="Encrypt the Data Catalog and connection passwords, deny other organizations in its policy, and give "
        "jobs and crawlers a security configuration, a connection, a supported version and a timeout.",
        checks=for_each(CATALOG_ENCRYPTION, encrypts_the_catalog)
        | for_each(CATALOG_POLICY, catalog_policy_denies_other_organizations)
        | for_each(SECURITY_CONFIGURATION, encrypts_job_output)
        | for_each(JOB, job_is_confined)
        | for_each(CRAWLER, crawler_is_confined),
    ),
    Rule(
        id="LF-01",
        title="Only Lake Formation grants access to the lake",
        severity="critical",
        sources=("Lake Formation Developer Guide, changing the default settings", "MLSEC03-BP01"),
        remedy="Remove default permissions, disable hybrid access, and register each location with a role of its own.",
        checks=for_each(SETTINGS, grants_nothing_by_default) | for_each(LOCATION, location_has_its_own_role),
    ),
    Rule(
        id="LF-02",
        title="Lake Formation grants are read-only and cannot be passed on",
        severity="critical",
        sources=("DL-08", "PER-06"),
        remedy="Grant SELECT and DESCRIBE to named roles, without grant options.",
        checks=for_each(GRANT, grants_only_reading),
    ),
    Rule(
        id="LF-03",
        title="Experimentation reads only anonymised or approved data",
        severity="critical",
        sources=("DL-07", "MLSEC03-BP03", "MLSEC03-BP05"),
        remedy="Grant to experimentation by an LF-tag expression that requires exposure, or with a data cell filter.",
        checks=for_each(GRANT, grants_experimentation_only_exposed_data),
    ),
)
