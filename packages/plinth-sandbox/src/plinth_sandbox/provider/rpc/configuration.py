"""The provider's configuration: region, credentials, allowed accounts and default tags."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from plinth_sandbox.provider.errors import ProviderError
from plinth_sandbox.provider.properties.property_types import PropertyType


@dataclass(frozen=True, slots=True)
class AssumedRole:
    """One role in a chain of assumed roles."""

    role_arn: str
    options: Mapping[str, Any]
    """Further members of AssumeRole."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The properties of the program's `aws.Provider`, with the environment's region as a fallback."""

    region: str
    access_key: str | None = None
    secret_key: str | None = None
    token: str | None = None
    profile: str | None = None
    roles: tuple[AssumedRole, ...] = ()
    allowed_accounts: frozenset[str] = frozenset()
    forbidden_accounts: frozenset[str] = frozenset()
    default_tags: Mapping[str, str] = field(default_factory=dict)
    ignored_tag_keys: frozenset[str] = frozenset()
    ignored_tag_prefixes: tuple[str, ...] = ()
    endpoints: Mapping[str, str] = field(default_factory=dict)
    """Endpoints by service, if they differ from AWS_ENDPOINT_URL of the environment."""


def parse(properties: Mapping[str, Any], environment: Mapping[str, str]) -> Configuration:
    """Returns the configuration of a Configure request. Raises ProviderError if there is no region."""
    region = properties.get("region") or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if not region:
        raise ProviderError("no region: set `region` of the aws.Provider, or AWS_REGION")
    ignored = properties.get("ignoreTags") or {}
    return Configuration(
        region=region,
        access_key=properties.get("accessKey"),
        secret_key=properties.get("secretKey"),
        token=properties.get("token"),
        profile=properties.get("profile"),
        roles=tuple(_role(role) for role in properties.get("assumeRoles") or []),
        allowed_accounts=_account_ids(properties.get("allowedAccountIds")),
        forbidden_accounts=_account_ids(properties.get("forbiddenAccountIds")),
        default_tags=(properties.get("defaultTags") or {}).get("tags") or {},
        ignored_tag_keys=frozenset(ignored.get("keys") or []),
        ignored_tag_prefixes=tuple(ignored.get("keyPrefixes") or []),
        endpoints={service: url for group in properties.get("endpoints") or [] for service, url in group.items()},
    )


def _account_ids(value: Any) -> frozenset[str]:
    """Returns account ids as text. A program can write them as numbers, or a single one without a list."""
    listed = value if isinstance(value, list) else [value]
    return frozenset(account if isinstance(account, str) else f"{account:012.0f}" for account in listed if account)


_ROLE_MEMBERS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "sessionName": ("RoleSessionName", str),
    "externalId": ("ExternalId", str),
    "policy": ("Policy", str),
    "policyArns": ("PolicyArns", lambda arns: [{"arn": arn} for arn in arns]),
    "sourceIdentity": ("SourceIdentity", str),
    "tags": ("Tags", lambda tags: [{"Key": key, "Value": value} for key, value in tags.items()]),
    "transitiveTagKeys": ("TransitiveTagKeys", list),
}
"""Member of AssumeRole, and how the value becomes that of the member, by the property of a role."""


def _role(role: Mapping[str, Any]) -> AssumedRole:
    given = {name: value for name, value in role.items() if value and name != "roleArn"}
    if unknown := sorted(given.keys() - _ROLE_MEMBERS):
        raise ProviderError(f"assumeRoles: the sandbox's plugin does not know {', '.join(unknown)}; leave it out")
    options = {_ROLE_MEMBERS[name][0]: _ROLE_MEMBERS[name][1](value) for name, value in given.items()}
    return AssumedRole(role["roleArn"], {"RoleSessionName": "pulumi", **options})


def decode(properties: Mapping[str, Any], expected: PropertyType) -> dict[str, Any]:
    """Returns the properties after decoding those that the SDK sends as JSON text (all except strings)."""
    return {name: _decode(value, expected.fields.get(name)) for name, value in properties.items() if name != "version"}


def _decode(value: Any, expected: PropertyType | None) -> Any:
    if not isinstance(value, str) or expected is None or expected.kind == "string":
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value
