"""Rules about the lake's data: decided by Lake Formation, granted to read, found by tag, kept encrypted."""

from __future__ import annotations

import re

from policies.security.inputs.policy_documents import Statement, statements
from policies.security.inputs.readers import UNKNOWN, Properties, Unknown, lacks
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, for_each, refuse

SETTINGS = ("aws:lakeformation/dataLakeSettings:DataLakeSettings",)
LOCATION = ("aws:lakeformation/resource:Resource",)
GRANT = ("aws:lakeformation/permissions:Permissions",)
CATALOGUE_ENCRYPTION = ("aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings",)
CATALOGUE_POLICY = ("aws:glue/resourcePolicy:ResourcePolicy",)
SECURITY_CONFIGURATION = ("aws:glue/securityConfiguration:SecurityConfiguration",)
JOB = ("aws:glue/job:Job",)
CRAWLER = ("aws:glue/crawler:Crawler",)
WORKGROUP = ("aws:athena/workgroup:Workgroup",)

_DEFAULTS = ("createDatabaseDefaultPermissions", "createTableDefaultPermissions")
_DOORS = ("allowFullTableExternalDataAccess", "allowExternalDataFiltering")
_READING = {"SELECT", "DESCRIBE"}
_FOR_EXPERIMENTS = {"anonymised", "approved"}
_FILLING = {*_READING, "ALTER", "CREATE_TABLE", "DATA_LOCATION_ACCESS", "INSERT"}
"""What it takes to add partitions, and tables of what landed."""
_LAKES_OWN = re.compile(r":role/plinth/data-lake-(etl|crawler|features)-[a-z0-9-]+$")
_SUPPORTED = ("4.0", "5.0", "5.1")
_LONGEST_MINUTES = 2880
_ENCRYPTED = {
    ("s3Encryption", "s3EncryptionMode"): "SSE-KMS",
    ("cloudwatchEncryption", "cloudwatchEncryptionMode"): "SSE-KMS",
    ("jobBookmarksEncryption", "jobBookmarksEncryptionMode"): "CSE-KMS",
}
_EXPERIMENTER = re.compile(r"role/plinth/(people-)?[a-z0-9-]+-experimentation-")


def gives_nothing_by_default(subject: Subject) -> Verdict:
    if any(not lacks(subject.properties.value(default)) for default in _DEFAULTS):
        return refuse("grants what is made to whatever IAM allows", fix="leave the default permissions out")
    if any(subject.properties.flag(door) is True for door in _DOORS):
        return refuse("lets engines outside AWS read whole tables", fix="set external access to false")
    return None


def reads_in_a_role_of_its_own(subject: Subject) -> Verdict:
    if subject.properties.flag("hybridAccessEnabled") is True:
        return refuse("leaves the location to IAM too", fix="set hybridAccessEnabled to false")
    if lacks(subject.properties.value("roleArn")):
        return refuse("is read in the role of every location", fix="set roleArn to a role that reads this zone alone")
    return None


def grants_reading_alone(subject: Subject) -> Verdict:
    permissions = subject.properties.items("permissions")
    known = [] if permissions is None or isinstance(permissions, Unknown) else permissions
    principal = subject.properties.text("principal")
    # A first preview does not know the role; whether it is the lake's own is judged when it does.
    fills = isinstance(principal, Unknown) or _LAKES_OWN.search(principal or "") is not None
    if any(permission not in (*(_FILLING if fills else _READING), UNKNOWN) for permission in known):
        return refuse("grants more than reading", fix="grant SELECT and DESCRIBE; jobs of the lake write by their role")
    if not lacks(subject.properties.value("permissionsWithGrantOptions")):
        return refuse("lets its reader hand the grant on", fix="remove permissionsWithGrantOptions")
    if not lacks(subject.properties.value("dataLocation")) and not fills:
        return refuse("grants a place instead of a table", fix="grant tables by their tags")
    if principal == "IAM_ALLOWED_PRINCIPALS":
        return refuse("grants to whatever IAM allows", fix="name a role")
    return None


def grants_experiments_what_is_anonymised(subject: Subject) -> Verdict:
    principal = subject.properties.text("principal")
    if not isinstance(principal, str) or not _EXPERIMENTER.search(principal):
        return None
    if not lacks(subject.properties.value("table")) or not lacks(subject.properties.value("tableWithColumns")):
        return refuse("names a table for experiments", fix="grant by tags, or a cell filter")
    if subject.properties.text("lfTagPolicy", "resourceType") != "TABLE":
        return None
    if subject.properties.may_hold_more("lfTagPolicy", "expressions"):
        return None
    if any(map(_asks_for_exposure, subject.properties.blocks("lfTagPolicy", "expressions"))):
        return None
    return refuse("grants raw data to experiments", fix="ask for exposure anonymised or approved in the expression")


def _asks_for_exposure(expression: Properties) -> bool:
    values = expression.items("values")
    known = [] if values is None or isinstance(values, Unknown) else values
    allowed = all(value in (*_FOR_EXPERIMENTS, UNKNOWN) for value in known)
    return allowed and expression.text("key") in ("exposure", UNKNOWN)


def encrypts_the_catalogue(subject: Subject) -> Verdict:
    root = "dataCatalogEncryptionSettings"
    mode = subject.properties.text(root, "encryptionAtRest", "catalogEncryptionMode")
    if mode not in ("SSE-KMS", "SSE-KMS-WITH-SERVICE-ROLE", UNKNOWN):
        return refuse("leaves the catalogue in the clear", fix="set catalogEncryptionMode to SSE-KMS-WITH-SERVICE-ROLE")
    passwords = subject.properties.flag(root, "connectionPasswordEncryption", "returnConnectionPasswordEncrypted")
    if passwords not in (True, UNKNOWN):
        return refuse("hands out passwords of connections", fix="set returnConnectionPasswordEncrypted to true")
    return None


def keeps_the_catalogue_in_the_organization(subject: Subject) -> Verdict:
    found = statements(subject.properties, "policy")
    if isinstance(found, Unknown):
        return None
    if not any(map(_refuses_other_organizations, found or [])):
        return refuse("answers other organizations", fix="deny glue:* to everybody outside aws:PrincipalOrgID")
    if any(statement.allows and statement.is_for_everybody for statement in found or []):
        return refuse("allows everybody", fix="name principals, or leave sharing to Lake Formation")
    return None


def _refuses_other_organizations(statement: Statement) -> bool:
    outside = [
        condition
        for condition in statement.conditions
        if condition.key == "aws:principalorgid" and condition.operator.startswith("stringnotequals")
    ]
    return not statement.allows and statement.is_for_everybody and "glue:*" in statement.actions and bool(outside)


def encrypts_what_jobs_leave(subject: Subject) -> Verdict:
    for (part, mode), wanted in _ENCRYPTED.items():
        if subject.properties.text("encryptionConfiguration", part, mode) not in (wanted, UNKNOWN):
            return refuse(f"leaves {part} in the clear", fix=f"set {mode} to {wanted}")
        if lacks(subject.properties.value("encryptionConfiguration", part, "kmsKeyArn")):
            return refuse(f"lacks a key for {part}", fix="set kmsKeyArn to the account's key")
    return None


def runs_within_bounds(subject: Subject) -> Verdict:
    properties = subject.properties
    if lacks(properties.value("securityConfiguration")):
        return refuse("encrypts nothing that it leaves", fix="set securityConfiguration")
    if lacks(properties.value("connections")):
        return refuse("runs outside the network", fix="set connections to those of the account's subnets")
    if properties.text("glueVersion") not in (*_SUPPORTED, UNKNOWN):
        return refuse("runs on a version that AWS does not support", fix=f"set glueVersion to {_SUPPORTED[-2]}")
    timeout = properties.number("timeout")
    if timeout is None or (not isinstance(timeout, Unknown) and not 0 < timeout <= _LONGEST_MINUTES):
        return refuse("may run for ever", fix=f"set timeout to {_LONGEST_MINUTES} minutes or fewer")
    return None


def crawls_inside_the_network(subject: Subject) -> Verdict:
    if lacks(subject.properties.value("securityConfiguration")):
        return refuse("encrypts nothing that it logs", fix="set securityConfiguration")
    if any(lacks(target.value("connectionName")) for target in subject.properties.blocks("s3Targets")):
        return refuse("crawls outside the network", fix="set connectionName of every target")
    return None


def enforces_its_configuration(subject: Subject) -> Verdict:
    properties, results = subject.properties, ("configuration", "resultConfiguration")
    if properties.flag("configuration", "enforceWorkgroupConfiguration") not in (True, UNKNOWN):
        return refuse("lets askers choose where answers go", fix="set enforceWorkgroupConfiguration to true")
    encryption = (*results, "encryptionConfiguration")
    if properties.text(*encryption, "encryptionOption") not in ("SSE_KMS", "CSE_KMS", UNKNOWN):
        return refuse("keeps answers without a key of ours", fix="set encryptionOption to SSE_KMS")
    needed = {
        "kmsKeyArn": (*encryption, "kmsKeyArn"),
        "expectedBucketOwner": (*results, "expectedBucketOwner"),
        "outputLocation": (*results, "outputLocation"),
        "bytesScannedCutoffPerQuery": ("configuration", "bytesScannedCutoffPerQuery"),
    }
    missing = [name for name, path in needed.items() if lacks(properties.value(*path))]
    if missing:
        return refuse(f"lacks {', '.join(missing)}", fix="set what is missing")
    if properties.flag("configuration", "publishCloudwatchMetricsEnabled") not in (True, UNKNOWN):
        return refuse("is not measured", fix="set publishCloudwatchMetricsEnabled to true")
    return None


RULES = (
    Rule(
        id="AT-01",
        title="Workgroups enforce where and how answers are kept",
        severity="high",
        sources=("FSBP Athena.4", "CKV_AWS_82", "CKV_AWS_159"),
        remedy="Enforce the configuration: answers under the environment's key in its own bucket, a limit, metrics.",
        judges=for_each(WORKGROUP, enforces_its_configuration),
    ),
    Rule(
        id="GL-01",
        title="The catalogue and what fills it are encrypted, in the network, and the organization's alone",
        severity="high",
        sources=("FSBP Glue.4", "CKV_AWS_94", "CKV_AWS_99", "CKV_AWS_195", "cdk-nag GL1", "cdk-nag GL3"),
        remedy="Encrypt the catalogue and passwords of connections; refuse other organizations in its policy; give "
        "jobs and crawlers a security configuration, a connection, a supported version and an end.",
        judges=for_each(CATALOGUE_ENCRYPTION, encrypts_the_catalogue)
        | for_each(CATALOGUE_POLICY, keeps_the_catalogue_in_the_organization)
        | for_each(SECURITY_CONFIGURATION, encrypts_what_jobs_leave)
        | for_each(JOB, runs_within_bounds)
        | for_each(CRAWLER, crawls_inside_the_network),
    ),
    Rule(
        id="LF-01",
        title="Lake Formation alone decides who reads the lake",
        severity="critical",
        sources=("Lake Formation Developer Guide, changing the default settings", "MLSEC03-BP01"),
        remedy="Give nothing by default, leave no location to IAM, and read each in a role of its own.",
        judges=for_each(SETTINGS, gives_nothing_by_default) | for_each(LOCATION, reads_in_a_role_of_its_own),
    ),
    Rule(
        id="LF-02",
        title="Grants are to read, and end with who has them",
        severity="critical",
        sources=("DL-08", "PER-06"),
        remedy="Grant SELECT and DESCRIBE to named roles, without grant options.",
        judges=for_each(GRANT, grants_reading_alone),
    ),
    Rule(
        id="LF-03",
        title="Experiments read what is anonymised or approved",
        severity="critical",
        sources=("DL-07", "MLSEC03-BP03", "MLSEC03-BP05"),
        remedy="Grant experiments by an expression that asks for exposure, or by a cell filter.",
        judges=for_each(GRANT, grants_experiments_what_is_anonymised),
    ),
)
