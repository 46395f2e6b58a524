"""AWS KMS: keys, their policies, and grants on all keys of one account and region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from selfservice.undeclared.finding import Danger, Finding, worst
from selfservice.undeclared.organization import account_of
from selfservice.undeclared.policy_access import admissions
from selfservice.undeclared.reading import Reading

KEYS = ("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey", "aws:kms/externalKey:ExternalKey")
GRANT = "aws:kms/grant:Grant"
_DELETED = frozenset({"PendingDeletion", "PendingReplicaDeletion"})
_SERVICE = ".amazonaws.com"
_SESSION_OF_AWS = ":assumed-role/aws:"
"""Sessions of infrastructure roles, by which EC2 and EBS use keys of volumes."""
_ROLE_OF_AWS = ":role/aws-service-role/"


def read(reading: Reading) -> Iterator[Finding]:
    """Yields keys and grants that no stack declares. A refresh compares the policies of declared keys."""
    declared = reading.names("keyId", *KEYS) | reading.names("id", *KEYS)
    grants = reading.names("grantId", GRANT)
    for key in reading.every("kms", "list_keys", "Keys"):
        with reading.of(f"key {key['KeyId']}"):
            if key["KeyId"] not in declared:
                described = reading.client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]
                if described["KeyManager"] != "CUSTOMER" or described["KeyState"] in _DELETED:
                    continue
                found = _key(reading, described)
                if found.danger is Danger.OUTSIDE or not _encrypts_states(reading, described):
                    yield found
            for grant in reading.every("kms", "list_grants", "Grants", KeyId=key["KeyId"]):
                if grant["GrantId"] not in grants and not _is_of_service(grant, reading.account.id):
                    yield _grant(reading, key["KeyArn"], grant)


def _key(reading: Reading, key: Mapping[str, Any]) -> Finding:
    policy = reading.client("kms").get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
    admitted = admissions(policy, reading.account.id, reading.organization)
    return reading.found(
        worst(admission.danger for admission in admitted) or Danger.ACCOUNT,
        key["Arn"],
        "encrypting with a key whose policy somebody else decides",
        "Schedule its deletion after you know what is encrypted with it.",
        principals=tuple(dict.fromkeys(admission.principal for admission in admitted)),
        since=key.get("CreationDate"),
    )


def _encrypts_states(reading: Reading, key: Mapping[str, Any]) -> bool:
    """Returns whether a key encrypts the secrets in states of stacks. Nobody else decides about its policy."""
    named = reading.declared.secrets_keys
    if {key["KeyId"], key["Arn"]} & named:
        return True
    aliases = any(name.startswith("alias/") for name in named)
    return aliases and any(
        alias["AliasName"] in named for alias in reading.every("kms", "list_aliases", "Aliases", KeyId=key["KeyId"])
    )


def _is_of_service(grant: Mapping[str, Any], owner: str) -> bool:
    """Returns whether a service made the grant for its own use or for a job, and retires it by itself.

    Services name themselves as the principal that uses or retires the grant (KMS Developer Guide, "Grants in AWS KMS").
    """
    grantee, retiring = (
        str(grant.get(f"{name}ServicePrincipal") or grant.get(f"{name}Principal") or "")
        for name in ("Grantee", "Retiring")
    )
    if account_of(str((grant.get("Constraints") or {}).get("SourceArn", ""))) not in (None, owner):
        return False
    # Anybody may name a service that retires the grant, so this alone does not speak for a grantee elsewhere.
    principals = [grantee, retiring] if account_of(grantee) == owner else [grantee]
    return any(
        principal.endswith(_SERVICE)
        or (account_of(principal) == owner and (_SESSION_OF_AWS in principal or _ROLE_OF_AWS in principal))
        for principal in principals
    )


def _grant(reading: Reading, key: str, grant: Mapping[str, Any]) -> Finding:
    source = (grant.get("Constraints") or {}).get("SourceArn")
    service = grant.get("GranteeServicePrincipal")
    grantee = f"{service} for {source}" if service else str(grant["GranteePrincipal"])
    operations = sorted(grant.get("Operations") or ())
    danger = reading.organization.danger_to(str(source if service else grantee), reading.account.id)
    if danger is not Danger.OUTSIDE and "CreateGrant" in operations:
        danger = Danger.TAKE_OVER
    return reading.found(
        danger or Danger.ACCOUNT,
        f"{key}/grant/{grant['GrantId']}",
        f"{', '.join(operations)} with the key {key}",
        f"Revoke it (`aws kms revoke-grant --key-id {key} --grant-id {grant['GrantId']}`).",
        principals=(grantee,),
        since=grant.get("CreationDate"),
    )
