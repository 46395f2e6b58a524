"""Rules about keys: they rotate, and their policies keep administration, use and strangers apart."""

from __future__ import annotations

from policies.security.inputs.policy_attachments import IDENTITY_POLICY, ROLE, grants, is_ceiling
from policies.security.inputs.policy_documents import Statement, statements
from policies.security.inputs.readers import UNKNOWN, Unknown
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, first, for_each, refuse

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


def rotates(subject: Subject) -> Verdict:
    """Only symmetric encryption keys can rotate (KMS Developer Guide, "Rotate KMS keys")."""
    properties = subject.properties
    if properties.text("keyUsage") not in (None, "ENCRYPT_DECRYPT"):
        return None
    if properties.text("customerMasterKeySpec") not in (None, "SYMMETRIC_DEFAULT"):
        return None
    if properties.flag("enableKeyRotation") in (True, UNKNOWN):
        return None
    return refuse("does not rotate", fix="set enableKeyRotation to true")


def has_a_careful_policy(subject: Subject) -> Verdict:
    found = statements(subject.properties, "policy")
    if isinstance(found, Unknown):
        return None
    if not found:
        return refuse("has no policy of its own", fix="give the key an explicit policy document")
    allowed = [statement for statement in found if statement.allows]
    return first(_careless(statement, subject) for statement in allowed)


def _careless(statement: Statement, subject: Subject) -> Verdict:
    if statement.is_for_everybody and not statement.is_confined_by(_CONFINING_KEYS):
        return refuse("lets everybody use the key", fix="name the principals, or add a condition on kms:CallerAccount")
    if any(map(statement.covers, _ADMINISTRATION)) and any(map(statement.covers, _USE)):
        return refuse("lets the same principal administer and use the key", fix="split the statement in two")
    if statement.covers("kms:creategrant") and not statement.requires("kms:grantisforawsresource", "true"):
        return refuse("lets principals create grants", fix="require kms:GrantIsForAWSResource")
    if _names_another_account(statement, subject) and not statement.is_confined_by(_BINDING_KEYS):
        return refuse("lets another account in", fix="bind it by kms:ViaService or kms:CallerAccount")
    return None


def _names_another_account(statement: Statement, subject: Subject) -> bool:
    return any(_is_foreign(account, subject) for account in statement.accounts)


def _is_foreign(account: str, subject: Subject) -> bool:
    own = subject.account_ids
    return not isinstance(own, Unknown) and bool(own) and account not in own


def serves_an_aws_service(subject: Subject) -> Verdict:
    grantee = subject.properties.text("granteePrincipal")
    if isinstance(grantee, Unknown) or (grantee or "").endswith(".amazonaws.com"):
        return None
    return refuse("grants a key to something other than an AWS service", fix="allow the principal in the key policy")


def can_be_kept(subject: Subject) -> Verdict:
    """What a durable key encrypts is kept for years, so its deletion can be taken back for as long as KMS allows."""
    if subject.properties.flag("bypassPolicyLockoutSafetyCheck") is True:
        return refuse("may lock everybody out", fix="leave bypassPolicyLockoutSafetyCheck alone")
    durable = subject.surroundings.is_durable
    days = subject.properties.number("deletionWindowInDays")
    if durable and not isinstance(days, Unknown) and days is not None and days < _LONGEST_WINDOW_DAYS:
        return refuse("is gone too soon", fix=f"set deletionWindowInDays to {_LONGEST_WINDOW_DAYS}")
    return None


def decrypts_with_known_keys(subject: Subject) -> Verdict:
    if is_ceiling(subject) or not any(map(_decrypts_with_any_key, grants(subject))):
        return None
    return refuse("may decrypt with every key", fix="name the keys, or confine it by kms:ResourceAliases or a tag")


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
        judges=for_each(KEY, rotates),
    ),
    Rule(
        id="KM-02",
        title="Key policies keep administrators, users and strangers apart",
        severity="critical",
        sources=("FSBP KMS.5", "CKV_AWS_33", "CKV2_AWS_64", "data perimeter RestrictKMSGrants"),
        remedy="Write an explicit policy: administrators do not use the key, users do not administer it, other "
        "accounts are bound by kms:ViaService or kms:CallerAccount, and grants are for AWS services.",
        judges=for_each(KEY + KEY_POLICY, has_a_careful_policy) | for_each(GRANT, serves_an_aws_service),
    ),
    Rule(
        id="KM-03",
        title="Keys can be kept, and nobody decrypts with all of them",
        severity="high",
        sources=("FSBP KMS.1", "FSBP KMS.2", "FSBP KMS.3"),
        remedy="Give durable keys thirty days before deletion; name the keys that a policy lets somebody decrypt with.",
        judges=for_each(KEY, can_be_kept) | for_each((*IDENTITY_POLICY, *ROLE), decrypts_with_known_keys),
    ),
)
