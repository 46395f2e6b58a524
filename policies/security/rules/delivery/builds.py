"""Rules about builds: in the VPC, encrypted, logged, without tokens and secrets, and started by pushes only."""

from __future__ import annotations

import re
from hashlib import sha256

from policies.evaluation.readers import UNKNOWN, Properties, is_missing, is_not_customer_managed
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation
from settings.types.redaction import looks_secret, names_secret

PROJECT = ("aws:codebuild/project:Project",)
CREDENTIAL = ("aws:codebuild/sourceCredential:SourceCredential",)
WEBHOOK = ("aws:codebuild/webhook:Webhook",)

MIRRORING = "1749eb92c88c0cf9703f801dca929c74eefb8cc7b6df4a2c5406c38b66a78576"
"""SHA-256 of the only build specification that may run outside the VPC. It copies a commit to CodeCommit and runs no
code of the repository."""
BUILDING_IMAGES = "53adc6fe9321aa1903bf6f08704b2e0143e74afd3e75051c83d10b05e1c07673"
"""SHA-256 of the only build specification that may run in privileged mode. It builds and pushes the images of
dockerfiles and runs no code of the repository outside of their containers."""
_MIRRORING_VARIABLES = frozenset({"BUILD_PROJECT", "MIRROR_URL", "POLL_SECONDS"})
"""Variables of such a project. Others, such as BASH_ENV, could make its shell run something else."""
_IMAGE_VARIABLES = frozenset(
    {
        "BASE_ACCOUNTS", "BASE_IMAGE", "IMAGES", "PACKAGE_DOMAIN", "PACKAGE_OWNER", "PACKAGE_REPOSITORY", "REGISTRY",
        "REPOSITORIES", "ROOT_IMAGE",
    }
)  # fmt: skip
"""Variables of a project that builds images."""
_IMAGE_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/plinth/([a-z][a-z0-9-]*--[a-z0-9-]+|platform)-images")
_CONNECTED = "CODECONNECTIONS"
_PROVIDERS = frozenset({"BITBUCKET", "GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED"})

_NETWORK = ("vpcId", "subnets", "securityGroupIds")


def build_is_private_encrypted_and_logged(resource: Resource) -> Violation | None:
    properties = resource.properties
    if any(is_missing(properties.value("vpcConfig", part)) for part in _NETWORK) and not _only_mirrors(properties):
        return violation("runs builds outside the VPC", fix="name VPC, subnets and a security group in vpcConfig")
    if is_not_customer_managed(properties.value("encryptionKey")):
        return violation("encrypts its output with a key of AWS", fix="set encryptionKey to the account's key")
    if properties.text("logsConfig", "cloudwatchLogs", "status") not in (None, "ENABLED", UNKNOWN):
        return violation("keeps no log", fix="enable cloudwatchLogs in logsConfig")
    if properties.text("projectVisibility") not in (None, "PRIVATE", UNKNOWN):
        return violation("publishes its builds", fix="set projectVisibility to PRIVATE")
    sources = (*properties.blocks("source"), *properties.blocks("secondarySources"))
    return first(map(_check_source, sources)) or first(
        map(_check_variable, properties.blocks("environment", "environmentVariables"))
    )


def only_image_builds_are_privileged(resource: Resource) -> Violation | None:
    properties = resource.properties
    if properties.flag("environment", "privilegedMode") in (None, False, UNKNOWN):
        return None
    specification = properties.text("source", "buildspec")
    if specification is not UNKNOWN and sha256(str(specification).encode()).hexdigest() != BUILDING_IMAGES:
        return violation("runs commands of its own in privileged mode", fix="leave images to the project of images")
    variables = {block.text("name") for block in properties.blocks("environment", "environmentVariables")}
    if not variables - {UNKNOWN} <= _IMAGE_VARIABLES:
        return violation("has variables that its fixed commands do not read", fix="remove them")
    if properties.blocks("secondarySources"):
        return violation("reads a second source in privileged mode", fix="remove secondarySources")
    role = properties.text("serviceRole")
    if role is not UNKNOWN and not _IMAGE_ROLE.fullmatch(str(role)):
        return violation(
            "has a role that can do more than push images",
            fix="name the role <team>--<use case>-images or platform-images",
        )
    return None


def _only_mirrors(properties: Properties) -> bool:
    """Whether a project copies a provider's repository and does nothing else. It needs the internet for that."""
    specification, image = properties.text("source", "buildspec"), properties.text("environment", "image")
    variables = {variable.text("name") for variable in properties.blocks("environment", "environmentVariables")}
    return (
        (specification is UNKNOWN or sha256(str(specification).encode()).hexdigest() == MIRRORING)
        and (image is UNKNOWN or str(image).startswith("aws/codebuild/"))
        and properties.flag("environment", "privilegedMode") in (None, False, UNKNOWN)
        and variables - {UNKNOWN} <= _MIRRORING_VARIABLES
        and not properties.blocks("secondarySources")
    )


def _check_source(source: Properties) -> Violation | None:
    kind, auth = source.text("type"), source.text("auth", "type")
    if auth not in (None, _CONNECTED, UNKNOWN) or (kind in _PROVIDERS and auth is None):
        return violation(
            "reads its source with a token", fix="read it through a connection (auth.type CODECONNECTIONS)"
        )
    return None


def starts_by_pushes_only(resource: Resource) -> Violation | None:
    properties = resource.properties
    if not properties.items("filterGroups"):
        return violation("starts builds of everything", fix="filter the events in filterGroups")
    return first(map(_check_group, properties.blocks("filterGroups")))


def _check_group(group: Properties) -> Violation | None:
    filters = group.blocks("filters")
    events = [filter_.text("pattern") for filter_ in filters if filter_.text("type") == "EVENT"]
    given = group.items("filters")
    unknown = given is UNKNOWN or UNKNOWN in (*(given or ()), *(filter_.text("type") for filter_ in filters))
    if not events and not unknown:
        return violation("starts builds of every event", fix="add a filter of type EVENT to each group")
    if any(str(pattern).strip() != "PUSH" for pattern in events if pattern is not UNKNOWN):
        return violation("starts builds of pull requests, which may come from forks", fix="admit the event PUSH only")
    return None


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
    Rule(
        id="CB-02",
        title="Webhooks start builds of pushes only",
        severity="high",
        sources=("CodeBuild User Guide, webhook filters", "OWASP CICD-SEC-4", "CI-01"),
        remedy="Filter the event PUSH in every group of a webhook. A branch of a pull request of the same repository "
        "is pushed too; one from a fork would run foreign code with the role of the project.",
        checks=for_each(WEBHOOK, starts_by_pushes_only),
    ),
    Rule(
        id="CB-04",
        title="Only projects of images are privileged",
        severity="high",
        sources=("FSBP CodeBuild.5", "CKV_AWS_316", "CI-05"),
        remedy="Build images in the project of images of the use case or of the platform. Its commands are fixed, and "
        "its role can only push to the repositories that it is for.",
        checks=for_each(PROJECT, only_image_builds_are_privileged),
    ),
)
