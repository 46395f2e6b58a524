"""Composes names of AWS resources from settings, and checks them against the limits of the service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Literal

from settings.types.error_codes import Code
from settings.types.errors import Fault, SettingsError
from settings.types.kinds import Environment
from settings.types.redaction import shown

ENVIRONMENT_ABBREVIATIONS: Mapping[Environment, str] = MappingProxyType(
    {"experimentation": "exp", "development": "dev", "preproduction": "preprod", "production": "prod"}
)
"""Abbreviations for names with tight length limits. No team name ends in one, so names stay unambiguous."""

CLUSTER_REVIEWERS = "plinth-reviewers"
CLUSTER_LAUNCHERS = "plinth-launchers"
"""Kubernetes group of that role in the tooling cluster, and name of what limits the group there."""

NamedResource = Literal[
    "bucket", "access point", "role", "role session", "policy", "instance profile", "role path", "permission set",
    "SageMaker resource", "SageMaker project", "SageMaker tuning job", "SageMaker feature group", "SageMaker pipeline",
    "ECR repository", "CodeCommit repository", "CodeBuild project", "CodeBuild report group",
    "CodeArtifact domain", "CodeConnections connection", "CodePipeline pipeline", "event rule", "event bus",
    "state machine", "DynamoDB table", "Athena workgroup", "Service Catalog portfolio", "EKS cluster", "DB cluster",
    "DB instance", "secret", "account alias",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class NameLimit:
    """The minimum and maximum length of a name in a service, and its pattern."""

    least: int
    most: int
    pattern: str


_WORD = r"[A-Za-z0-9](-*[A-Za-z0-9])*"
_IAM = r"[\w+=,.@-]+"
_LOOSE = r"[A-Za-z0-9._-]+"

NAME_LIMITS: Mapping[NamedResource, NameLimit] = MappingProxyType(
    {
        "bucket": NameLimit(3, 63, r"[a-z0-9]([a-z0-9-]*[a-z0-9])"),
        "access point": NameLimit(3, 50, r"[a-z0-9]([a-z0-9-]*[a-z0-9])"),
        "role": NameLimit(1, 64, _IAM),
        "role session": NameLimit(2, 64, _IAM),
        "policy": NameLimit(1, 128, _IAM),
        "instance profile": NameLimit(1, 128, _IAM),
        "role path": NameLimit(1, 512, r"/([\x21-\x7e]+/)?"),
        "permission set": NameLimit(1, 32, _IAM),
        "SageMaker resource": NameLimit(1, 63, _WORD),
        "SageMaker project": NameLimit(1, 32, _WORD),
        "SageMaker tuning job": NameLimit(1, 32, _WORD),
        "SageMaker feature group": NameLimit(1, 64, r"[A-Za-z0-9]([_-]*[A-Za-z0-9])*"),
        "SageMaker pipeline": NameLimit(1, 256, _WORD),
        "ECR repository": NameLimit(2, 256, r"[a-z0-9]+([._/-][a-z0-9]+)*"),
        "CodeCommit repository": NameLimit(1, 100, _LOOSE),
        "CodeBuild report group": NameLimit(2, 128, _LOOSE),
        "CodeBuild project": NameLimit(2, 150, r"[A-Za-z0-9][A-Za-z0-9_-]+"),
        "CodeConnections connection": NameLimit(1, 32, r".+"),
        "CodeArtifact domain": NameLimit(2, 50, r"[a-z][a-z0-9-]*[a-z0-9]"),
        "CodePipeline pipeline": NameLimit(1, 100, r"[A-Za-z0-9.@_-]+"),
        "event rule": NameLimit(1, 64, _LOOSE),
        "event bus": NameLimit(1, 256, r"[A-Za-z0-9._/-]+"),
        "state machine": NameLimit(1, 80, r"[A-Za-z0-9_-]+"),
        "DynamoDB table": NameLimit(3, 255, _LOOSE),
        "Athena workgroup": NameLimit(1, 128, _LOOSE),
        "Service Catalog portfolio": NameLimit(1, 100, r".+"),
        "EKS cluster": NameLimit(1, 100, r"[A-Za-z0-9][A-Za-z0-9_-]*"),
        "DB cluster": NameLimit(1, 63, r"[a-z](-?[a-z0-9])*"),
        "DB instance": NameLimit(1, 63, r"[a-z](-?[a-z0-9])*"),
        "secret": NameLimit(1, 512, r"[A-Za-z0-9/_+=.@-]+"),
        "account alias": NameLimit(3, 63, r"[a-z0-9](-?[a-z0-9])*"),
    }
)
"""Sources: the API references of each service; bucket and SageMaker limits as of 2026."""

_RESERVED_BUCKET_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_BUCKET_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


ML_BUCKET_PREFIX = "ml-"
"""Prefix of the names of all ML buckets. The organization trail and the permissions of people match on it."""


def ml_bucket_prefix(environment: Environment) -> str:
    """Returns the prefix of the ML bucket names of an environment, for all teams."""
    return f"{ML_BUCKET_PREFIX}{ENVIRONMENT_ABBREVIATIONS[environment]}-"


LOG_ARCHIVE = "log-archive"
"""Part of the name of the bucket that keeps the logs of every account."""

CONFIGURATION_HISTORY = "config-logs"
"""Part of the name of the bucket to which the configuration recorders of all accounts deliver."""

LAKE = "lake"
"""Part of the names of the lake's buckets: one for each zone and one for each object dataset."""


def access_point_name(team: str, dataset: str) -> str:
    """Returns the name of the access point by which a team reads an object dataset.

    Team and dataset names never contain two hyphens in a row, so the name is unambiguous.
    """
    return named("access point", team, dataset, separator="--")


DROP_POINT_SUFFIX = "drop"
"""Suffix of the names of write-only access points. Guardrails match on it."""


def drop_point_name(team: str, dataset: str) -> str:
    """Returns the name of the access point to which a team's jobs write results for a dataset.

    The longest team and dataset names give 50 characters.
    """
    return named("access point", team, dataset, DROP_POINT_SUFFIX, separator="--")


TOOLING_CLUSTER = "plinth-tooling"
"""Name of the Kubernetes cluster in the tooling account. The permissions of people match on its prefix."""

STACK_JOBS = "plinth-stacks"
"""Namespace of the cluster in which Jobs run stack operations."""
SHARED_STACK_JOBS = "shared"
"""Prefix of the names of Jobs for shared accounts. No team has this name, which is the prefix of its own Jobs."""

TRACKING_SERVER = "plinth-mlflow"
"""Name of the tracking server's database, and of its namespace in the cluster."""
TRACKING_ARTIFACTS = "mlflow"
"""Part of the name of the bucket in the tooling account that holds the artifacts of runs."""

PORTAL = "plinth-portal"
"""Namespace of the portal in the cluster."""

CI_RUNNERS = "plinth-ci"
"""Namespace of the runners of all teams in the cluster."""
CI_SECRETS = "plinth/ci"
"""Prefix of the names of the secrets with the tokens of runners."""


def ci_jobs_namespace(team: str) -> str:
    """Returns the namespace in which jobs of a team run."""
    return f"{CI_RUNNERS}-{team}"


ARTIFACTS = "artifacts"
"""Part of the name of the bucket in the tooling account that holds registered models."""

TOOLING_ACCESS_LOGS = "tooling-access-logs"
"""Part of the name of the bucket in the tooling account that receives the access logs of its other buckets."""
PLATFORM_IMAGES = "plinth"
"""ECR repository in the tooling account of the image with which promotions run. No team has this name."""

RECORDED_BUCKET_PURPOSES = (ARTIFACTS, LAKE, "state")
"""Purposes of the shared buckets for which the organization trail records every read and write (OR-02)."""


def recorded_bucket_prefixes(organization: str) -> tuple[str, ...]:
    """Returns the name prefixes of those buckets, ``<organization>-<purpose>-``, on which the trail matches."""
    return tuple(f"{organization}-{purpose}-" for purpose in RECORDED_BUCKET_PURPOSES)


def named(thing: NamedResource, *parts: str, separator: str = "-") -> str:
    """Joins the parts into a resource name. Raises SettingsError if the service would refuse the name."""
    name = separator.join(parts)
    if fault := name_fault(thing, name, longest_part=max(parts, key=len)):
        raise SettingsError([fault])
    return name


def query_workgroup(team: str, environment: Environment) -> str:
    """Returns the name of the workgroup in which an environment queries the lake."""
    return named("Athena workgroup", team, environment)


FEATURE_STORE_ROLE_PREFIX = "data-lake-features-"
"""Prefix of the names of the roles with which Feature Store writes offline stores. The data perimeter of the lake
matches on it.
"""


def feature_store_role(group: str) -> str:
    """Returns the name of the role with which Feature Store writes the offline store of a feature group."""
    return named("role", f"{FEATURE_STORE_ROLE_PREFIX}{group}")


def etl_role(dataset: str) -> str:
    """Returns the name of the role of a dataset's ETL job. Policy rules and the key policy of the lake match on it."""
    return f"data-lake-etl-{dataset}"


def folder_replication_role(dataset: str) -> str:
    """Returns the name of the role with which S3 copies an object dataset into the second region."""
    return named("role", f"data-lake-replication-{dataset}")


_PROFILE, _LONGEST_PROFILE = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*"), 28
"""Form of the name of a user profile (SageMaker API, CreateUserProfile: up to 63 characters), and the length with which
the role of a user fits beside the longest name of a team (IAM: 64 characters)."""
_READABLE, _DIGITS = 16, 8
"""Characters of a derived profile name: from the user name, and of the digest that makes it unique."""


def profile_name(user: str) -> str:
    """Returns the name that services have for a person, who has another one in the directory.

    A user name that is short and that SageMaker accepts as the name of a profile is kept. From any other, such as
    ``jane.doe@acme.example``, a name is derived: ``jane-doe-`` and a digest of the whole user name, because two people
    may differ in a dot only. The same user name always gives the same name, also for its role, its spaces and its
    folder.
    """
    if len(user) <= _LONGEST_PROFILE and _PROFILE.fullmatch(user):
        return user
    readable = re.sub(r"[^a-z0-9]+", "-", user.casefold().partition("@")[0]).strip("-")[:_READABLE].strip("-")
    digest = sha256(user.casefold().encode()).hexdigest()[:_DIGITS]
    return f"{readable}-{digest}" if readable else f"user-{digest}"


def studio_role(environment_stack: str, user: str) -> str:
    """Returns the name of the role of one Studio user. It has the prefix of all roles of the environment."""
    return f"{studio_role_prefix(environment_stack)}{profile_name(user)}"


def studio_role_prefix(environment_stack: str) -> str:
    """Returns the prefix of the roles of all Studio users of an environment."""
    return f"{environment_stack}-studio-"


def name_fault(thing: NamedResource, name: str, *, longest_part: str = "") -> Fault | None:
    """Returns the reason why the service would refuse a name, or None."""
    limit = NAME_LIMITS[thing]
    if len(name) > limit.most:
        room = len(longest_part) - (len(name) - limit.most)
        fix = f"{shown(longest_part)} may have at most {room} characters" if longest_part and room > 0 else "shorten it"
        return _fault(
            Code.NAME_TOO_LONG, name, f"has {len(name)} characters; a {thing} name has at most {limit.most}", fix
        )
    if len(name) < limit.least:
        rule = f"has {len(name)} characters; a {thing} name has at least {limit.least}"
        return _fault(Code.NAME_FORM, name, rule, "lengthen it")
    if not re.fullmatch(limit.pattern, name):
        return _fault(
            Code.NAME_FORM, name, f"does not have the form of a {thing} name ({limit.pattern})", "change its parts"
        )
    return _bucket_fault(name) if thing == "bucket" else None


def _bucket_fault(name: str) -> Fault | None:
    affixes = [p for p in _RESERVED_BUCKET_PREFIXES if name.startswith(p)] + [
        s for s in _RESERVED_BUCKET_SUFFIXES if name.endswith(s)
    ]
    if affixes:
        return _fault(Code.NAME_FORM, name, f"has {affixes[0]}, which S3 reserves", "choose another prefix or suffix")
    if name.endswith("-an") and not re.search(r"-[0-9]{12}-[a-z0-9-]+-an$", name):
        return _fault(
            Code.NAME_FORM,
            name,
            "ends in -an, which S3 reserves for names that contain account and region",
            "choose another suffix",
        )
    return None


def _fault(code: Code, name: str, rule: str, fix: str) -> Fault:
    return Fault(code=code, value=shown(name), rule=rule, fix=fix)
