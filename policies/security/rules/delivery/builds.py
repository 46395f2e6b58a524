"""The rule about builds: in the VPC, encrypted, logged, and without secrets in plain text."""

from __future__ import annotations

from policies.security.inputs.readers import UNKNOWN, Properties, is_missing, is_not_customer_managed
from policies.security.inputs.resource import Resource
from policies.security.rule import Rule, Violation, first, for_each, violation
from settings.types.redaction import looks_secret, names_secret

PROJECT = ("aws:codebuild/project:Project",)
CREDENTIAL = ("aws:codebuild/sourceCredential:SourceCredential",)

_NETWORK = ("vpcId", "subnets", "securityGroupIds")


def build_is_private_encrypted_and_logged(resource: Resource) -> Violation | None:
    properties = resource.properties
    if any(is_missing(properties.value("vpcConfig", part)) for part in _NETWORK):
        return violation("runs builds outside the VPC", fix="name VPC, subnets and a security group in vpcConfig")
    if is_not_customer_managed(properties.value("encryptionKey")):
        return violation("encrypts its output with a key of AWS", fix="set encryptionKey to the account's key")
    if properties.text("logsConfig", "cloudwatchLogs", "status") not in (None, "ENABLED", UNKNOWN):
        return violation("keeps no log", fix="enable cloudwatchLogs in logsConfig")
    if properties.text("projectVisibility") not in (None, "PRIVATE", UNKNOWN):
        return violation("publishes its builds", fix="set projectVisibility to PRIVATE")
    return first(map(_check_variable, properties.blocks("environment", "environmentVariables")))


def _check_variable(variable: Properties) -> Violation | None:
    name, value, kind = variable.text("name"), variable.text("value"), variable.text("type")
    if kind not in (None, "PLAINTEXT") or not isinstance(value, str):
        return None
    if looks_secret(value) or (names_secret(str(name)) and not value.startswith("arn:")):
        return violation("has a secret in its environment", fix="set the variable's type to SECRETS_MANAGER")
    return None


def credential_is_forbidden(resource: Resource) -> Violation | None:
    return violation(f"stores a token of a person ({resource.type})", fix="use CodeCommit or CodeConnections")


RULES = (
    Rule(
        id="CB-01",
        title="Builds run in the VPC, are encrypted and logged, and contain no secrets",
        severity="high",
        sources=("FSBP CodeBuild.2", "FSBP CodeBuild.4", "CKV_AWS_78", "CKV_AWS_314", "TOOL-06"),
        remedy="Give the project a VPC, the account's key and a log group. Read secrets from Secrets Manager, and code "
        "from CodeCommit or a connection.",
        checks=for_each(PROJECT, build_is_private_encrypted_and_logged) | for_each(CREDENTIAL, credential_is_forbidden),
    ),
)
