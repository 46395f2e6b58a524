"""Policy documents: statements, patterns, and the principals that they name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends

from plinth_sandbox.emulator.services.s3.patches.bucket_policies import listed

_ACCOUNT = re.compile(r"\d{12}")
_IDENTITY = re.compile(r"arn:(aws[a-z-]*):(?:iam|sts)::(\d{12}):(root|role/.+|user/.+|assumed-role/.+)")
_SERVICE = re.compile(r"[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)")

_SHARED_ISSUERS = ("gitlab.com", "token.actions.githubusercontent.com")
"""Issuers whose tokens everybody can get. IAM requires a condition on the subject of the token (IAM User Guide,
"Identity-provider controls for shared OIDC providers"; the list there is longer)."""

_MADE_BY_AWS = ("role/aws-service-role/", "role/aws-reserved/", "role/OrganizationAccountAccessRole")
"""Roles that AWS creates with an account, a service or a permission set. The emulator does not create all of them."""


def parsed(document: Any) -> dict[str, Any] | None:
    """Returns a policy document, or nothing if it is no JSON object."""
    try:
        content = json.loads(document)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [statement for statement in listed(document.get("Statement")) if isinstance(statement, dict)]


def size_without_white_space(document: str) -> int:
    """Returns the size that IAM compares with its quotas."""
    return len("".join(document.split()))


def principals(statement: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields type and name of each principal of a statement, also of ``NotPrincipal``."""
    for element in ("Principal", "NotPrincipal"):
        named = statement.get(element, {})
        by_type = named if isinstance(named, dict) else {"AWS": named}
        for kind, names in by_type.items():
            yield from ((kind, str(name)) for name in listed(names))


def missing_principal(document: dict[str, Any]) -> tuple[str, str] | None:
    """Returns type and name of the first principal that does not exist.

    Accounts outside the organization are not emulated, so their principals count as existing.
    """
    named = (principal for statement in statements(document) for principal in principals(statement))
    return next(((kind, name) for kind, name in named if not _exists(kind, name)), None)


def unrestricted_issuer(document: dict[str, Any]) -> str | None:
    """Returns the first shared issuer whose tokens a trust policy admits without a condition on the subject."""
    for statement in statements(document):
        keys = {key.lower() for operands in statement.get("Condition", {}).values() for key in operands}
        for kind, name in principals(statement):
            issuer = name.partition(":oidc-provider/")[2].lower()
            shared = kind == "Federated" and issuer in _SHARED_ISSUERS
            if shared and statement.get("Effect") == "Allow" and f"{issuer}:sub" not in keys:
                return issuer
    return None


def admits_service(role_arn: str, service: str) -> bool:
    """Returns whether a role exists and its trust policy names a service."""
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    role = next((role for role in iam_backends[account]["aws"].roles.values() if role.name == name), None)
    trust = parsed(role.assume_role_policy_document) if role else None
    return trust is not None and any(("Service", service) in principals(statement) for statement in statements(trust))


def _exists(kind: str, name: str) -> bool:
    if kind == "Service":
        return _SERVICE.fullmatch(name) is not None
    if kind != "AWS" or name == "*" or _ACCOUNT.fullmatch(name):
        return True
    if not name.startswith("arn:"):
        # Unique ids of identities, such as AROAEXAMPLE, are what AWS keeps for an identity that was deleted.
        return name.startswith(("AROA", "AIDA"))
    identity = _IDENTITY.fullmatch(name)
    return identity is not None and identity_exists(*identity.groups())


def is_emulated(account: str) -> bool:
    """Returns whether an account belongs to the emulated organization. Others have no content."""
    return account == DEFAULT_ACCOUNT_ID or account in organizations_backends.master_accounts


def identity_exists(partition: str, account: str, identity: str) -> bool:
    """Returns whether an account has a role or user. ``identity`` is the last part of its ARN."""
    if identity == "root" or not is_emulated(account) or identity.startswith(_MADE_BY_AWS):
        return True
    backend = iam_backends[account][partition]
    kind, _, name = identity.partition("/")
    if kind == "user":
        return any(user.arn.endswith(f":{identity}") for user in backend.users.values())
    if kind == "assumed-role":
        name = name.partition("/")[0]
        return any(role.name == name for role in backend.roles.values())
    return any(role.arn.endswith(f":{identity}") for role in backend.roles.values())
