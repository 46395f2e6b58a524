"""Rules about KMS keys: rotation, deletion, and policies that separate administrators, users and other accounts."""

from __future__ import annotations

from policies.evaluation.policy_attachments import IDENTITY_POLICY, ROLE, grants, is_boundary
from policies.evaluation.policy_documents import Statement, statements
from policies.evaluation.readers import UNKNOWN, Unknown
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation

KEY = ("aws:kms/key:Key",)
KEY_POLICY = ("aws:kms/keyPolicy:KeyPolicy", "aws:kms/replicaKey:ReplicaKey")
GRANT = ("aws:kms/grant:Grant",)

_CONFINING_KEYS = frozenset(
    {"kms:calleraccount", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths"}
)
_BINDING_KEYS = frozenset({"kms:calleraccount", "kms:viaservice"})
_ADMINISTRATION = ("kms:putkeypolicy", "kms:schedulekeydeletion", "kms:disablekey", "kms:updatekeydescription")
_DECRYPTION = ("kms:decrypt", "kms:reencryptfrom")
_KEYS_BY_ATTRIBUTE = frozenset({"kms:resourcealiases", "kms:requestalias"})
_LONGEST_WINDOW_DAYS = 30
_USE = ("kms:decrypt", "kms:encrypt", "kms:generatedatakey", "kms:reencryptfrom")


def rotates(resource: Resource) -> Violation | None:
    """Requires rotation of symmetric encryption keys, the only ones that can rotate (KMS Developer Guide, "Rotate KMS
    keys")."""
    properties = resource.properties
    if properties.text("keyUsage") not in (None, "ENCRYPT_DECRYPT"):
        return None
    if properties.text("customerMasterKeySpec") not in (None, "SYMMETRIC_DEFAULT"):
        return None
    if properties.flag("enableKeyRotation") in (True, UNKNOWN):
        return None
    return violation("does not rotate", fix="set enableKeyRotation to true")


def policy_separates_duties(resource: Resource) -> Violation | None:
    found = statements(resource.properties, "policy")
    if isinstance(found, Unknown):
        return None
    if not found:
        return violation("has no policy of its own", fix="give the key an explicit policy document")
    allowed = [statement for statement in found if statement.allows]
    return first(_check_statement(statement, resource) for statement in allowed)


def _check_statement(statement: Statement, resource: Resource) -> Violation | None:
    if statement.is_for_everybody and not statement.is_confined_by(_CONFINING_KEYS):
        return violation(
            "allows every principal to use the key", fix="name the principals, or add a condition on kms:CallerAccount"
        )
    if any(map(statement.covers, _ADMINISTRATION)) and any(map(statement.covers, _USE)):
        return violation("allows the same principal to administer and use the key", fix="split the statement in two")
    if statement.covers("kms:creategrant") and not statement.requires("kms:grantisforawsresource", "true"):
        return violation("allows principals to create grants", fix="require kms:GrantIsForAWSResource")
    if _names_another_account(statement, resource) and not statement.is_confined_by(_BINDING_KEYS):
        return violation("allows another account", fix="add a condition on kms:ViaService or kms:CallerAccount")
    return None


def _names_another_account(statement: Statement, resource: Resource) -> bool:
    return any(_is_foreign(account, resource) for account in statement.accounts)


def _is_foreign(account: str, resource: Resource) -> bool:
    own = resource.account_ids
    return not isinstance(own, Unknown) and bool(own) and account not in own


def serves_an_aws_service(resource: Resource) -> Violation | None:
    grantee = resource.properties.text("granteePrincipal")
    if isinstance(grantee, Unknown) or (grantee or "").endswith(".amazonaws.com"):
        return None
    return violation(
        "grants a key to a principal that is not an AWS service", fix="use the key policy for the principal"
    )


def has_a_long_deletion_window(resource: Resource) -> Violation | None:
    """Requires the longest waiting period before deletion of a durable key, because its data is kept for years."""
    if resource.properties.flag("bypassPolicyLockoutSafetyCheck") is True:
        return violation("may lock out every administrator", fix="remove bypassPolicyLockoutSafetyCheck")
    durable = resource.context.is_durable
    days = resource.properties.number("deletionWindowInDays")
    if durable and not isinstance(days, Unknown) and days is not None and days < _LONGEST_WINDOW_DAYS:
        return violation("is deleted too soon", fix=f"set deletionWindowInDays to {_LONGEST_WINDOW_DAYS}")
    return None


def decrypts_with_named_keys(resource: Resource) -> Violation | None:
    if is_boundary(resource) or not any(map(_decrypts_with_any_key, grants(resource))):
        return None
    return violation(
        "may decrypt with every key", fix="name the keys, or add a condition on kms:ResourceAliases or a tag"
    )


def _decrypts_with_any_key(statement: Statement) -> bool:
    return (
        any(map(statement.covers, _DECRYPTION))
        and statement.has_wildcard_resource
        and not statement.is_confined_by(_KEYS_BY_ATTRIBUTE)
        and not statement.is_confined_by_resource_tag
    )


RULES = (
    Rule(
        id="KM-01",
        title="Symmetric keys rotate",
        severity="medium",
        sources=("FSBP KMS.4", "CIS 5.0 3.6", "CKV_AWS_7"),
        remedy="Set enableKeyRotation to true.",
        checks=for_each(KEY, rotates),
    ),
    Rule(
        id="KM-02",
        title="Key policies separate administrators, users and other accounts",
        severity="critical",
        sources=("FSBP KMS.5", "CKV_AWS_33", "CKV2_AWS_64", "data perimeter RestrictKMSGrants"),
        remedy="Write an explicit policy in which administrators do not use the key, users do not administer it, other "
        "accounts have a condition on kms:ViaService or kms:CallerAccount, and only AWS services get grants.",
        checks=for_each(KEY + KEY_POLICY, policy_separates_duties) | for_each(GRANT, serves_an_aws_service),
    ),
    Rule(
        id="KM-03",
        title="Durable keys have a long deletion window, and decryption is limited to named keys",
        severity="high",
        sources=("FSBP KMS.1", "FSBP KMS.2", "FSBP KMS.3"),
        remedy="Set deletionWindowInDays of durable keys to 30. In identity policies, name the keys for decryption.",
        checks=for_each(KEY, has_a_long_deletion_window)
        | for_each((*IDENTITY_POLICY, *ROLE), decrypts_with_named_keys),
    ),
)
