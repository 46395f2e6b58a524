"""Names composed from the settings, checked against the limits of the service that takes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from settings.types.error_codes import Code
from settings.types.errors import Fault, SettingsError
from settings.types.kinds import Environment
from settings.types.redaction import shown

ENVIRONMENT_ABBREVIATIONS: Mapping[Environment, str] = MappingProxyType(
    {"experimentation": "exp", "development": "dev", "preproduction": "preprod", "production": "prod"}
)
"""Environments in names whose length is scarce. No team's name ends in one, so that names stay unambiguous."""

NamedResource = Literal[
    "bucket", "access point", "role", "role session", "policy", "instance profile", "role path", "permission set",
    "SageMaker resource", "SageMaker project", "SageMaker tuning job", "SageMaker feature group", "SageMaker pipeline",
    "ECR repository", "CodeBuild project", "CodePipeline pipeline", "event rule", "event bus", "state machine",
    "DynamoDB table", "Athena workgroup", "Service Catalog portfolio", "EKS cluster", "secret", "account alias",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class NameLimit:
    """The shortest and longest name that a service takes, and its form."""

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
        "CodeBuild project": NameLimit(2, 150, r"[A-Za-z0-9][A-Za-z0-9_-]+"),
        "CodePipeline pipeline": NameLimit(1, 100, r"[A-Za-z0-9.@_-]+"),
        "event rule": NameLimit(1, 64, _LOOSE),
        "event bus": NameLimit(1, 256, r"[A-Za-z0-9._/-]+"),
        "state machine": NameLimit(1, 80, r"[A-Za-z0-9_-]+"),
        "DynamoDB table": NameLimit(3, 255, _LOOSE),
        "Athena workgroup": NameLimit(1, 128, _LOOSE),
        "Service Catalog portfolio": NameLimit(1, 100, r".+"),
        "EKS cluster": NameLimit(1, 100, r"[A-Za-z0-9][A-Za-z0-9_-]*"),
        "secret": NameLimit(1, 512, r"[A-Za-z0-9/_+=.@-]+"),
        "account alias": NameLimit(3, 63, r"[a-z0-9](-?[a-z0-9])*"),
    }
)
"""Sources: the API references of each service; bucket and SageMaker limits as of 2026."""

_RESERVED_BUCKET_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_BUCKET_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


ML_BUCKET_PREFIX = "ml-"
"""Start of the names of all environments' ML buckets, by which the trail and people's permissions know them."""


def ml_bucket_prefix(environment: Environment) -> str:
    """Start of the names of an environment's ML buckets, whichever team's."""
    return f"{ML_BUCKET_PREFIX}{ENVIRONMENT_ABBREVIATIONS[environment]}-"


def ml_bucket_name(environment: Environment, team: str, *, account_id: str, region: str) -> str:
    """The bucket of all ML work of a team's environment, laid out by :mod:`settings.data.ml_layout`."""
    return bucket_name(ml_bucket_prefix(environment).removesuffix("-"), team, account_id=account_id, region=region)


def studio_bucket_name(environment: Environment, team: str, *, account_id: str, region: str) -> str:
    """The bucket of people's own work in a team's environment."""
    return bucket_name(team, ENVIRONMENT_ABBREVIATIONS[environment], "studio", account_id=account_id, region=region)


LOG_ARCHIVE = "log-archive"
"""Purpose of the bucket that keeps the logs of every account, in its name."""

LAKE = "lake"
"""What the lake's buckets are for: those of its zones, and one for each folder of objects."""


def folder_bucket_name(organization: str, dataset: str, *, account_id: str, region: str) -> str:
    """The bucket of a dataset that is a folder of objects. No dataset has a zone's name."""
    return bucket_name(organization, LAKE, dataset, account_id=account_id, region=region)


def access_point_name(team: str, dataset: str) -> str:
    """Where a team reads a folder of objects. No name has two hyphens in a row, so it says whose it is."""
    return named("access point", team, dataset, separator="--")


DROP_POINT_SUFFIX = "drop"
"""End of the names of access points that take something in and give nothing out, by which guardrails know them."""


def drop_point_name(team: str, dataset: str) -> str:
    """Where a team's jobs lay down results of which a dataset is made. The longest names make 50 characters."""
    return named("access point", team, dataset, DROP_POINT_SUFFIX, separator="--")


ARTIFACTS = "artifacts"
"""What tooling's bucket of registered models is for."""

RECORDED_BUCKET_PURPOSES = (ARTIFACTS, LAKE, "state")
"""What shared buckets are for whose every reading and writing the organization's trail records (OR-02)."""


def recorded_bucket_prefixes(organization: str) -> tuple[str, ...]:
    """How the names of those buckets begin, ``<organization>-<purpose>-``: by that the trail knows them."""
    return tuple(f"{organization}-{purpose}-" for purpose in RECORDED_BUCKET_PURPOSES)


def named(thing: NamedResource, *parts: str, separator: str = "-") -> str:
    """The parts joined to a name of that thing. Raises SettingsError when the service would refuse it."""
    name = separator.join(parts)
    if fault := name_fault(thing, name, longest_part=max(parts, key=len)):
        raise SettingsError([fault])
    return name


def bucket_name(*parts: str, account_id: str, region: str) -> str:
    """A bucket in the account's own namespace (``<prefix>-<account>-<region>-an``): nobody else can take the name."""
    return named("bucket", *parts, account_id, region, "an")


def query_workgroup(team: str, environment: Environment) -> str:
    """The workgroup in which an environment asks the lake."""
    return named("Athena workgroup", team, environment)


FEATURE_STORE_ROLE_PREFIX = "data-lake-features-"
"""Start of the names of the roles in which Feature Store fills offline stores, by which the lake's wall knows them."""


def feature_store_role(group: str) -> str:
    """The role in whose name Feature Store fills the offline store of a group."""
    return named("role", f"{FEATURE_STORE_ROLE_PREFIX}{group}")


def etl_role(dataset: str) -> str:
    """The role of the job that makes a dataset; rules and the lake's key know such roles by it."""
    return f"data-lake-etl-{dataset}"


def studio_role(environment_stack: str, user: str) -> str:
    """The role of one person in Studio: it begins as all roles of the environment do."""
    return f"{environment_stack}-studio-{user}"


def name_fault(thing: NamedResource, name: str, *, longest_part: str = "") -> Fault | None:
    """What the service would refuse about a name."""
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
            "ends in -an, which S3 reserves for names with account and region",
            "choose another suffix",
        )
    return None


def _fault(code: Code, name: str, rule: str, fix: str) -> Fault:
    return Fault(code=code, value=shown(name), rule=rule, fix=fix)
