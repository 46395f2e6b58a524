"""Token cases of rules about buckets and keys."""

from __future__ import annotations

from collections.abc import Iterator

from tests.policies.case import document
from tests.policies.cases.storage import bucket_policies as of_buckets
from tests.policies.cases.storage import keys as of_keys
from tests.policies.cases.storage.bucket_policies import OTHER_ACCOUNT_ROLE, letting
from tests.policies.tokens.token_case import (
    BUCKET_POLICY,
    IDENTITY,
    KEY_POLICY,
    TokenCase,
    accepted,
    named,
    refused,
    trusting,
)
from tests.support.action_lists import listed_actions

TAKING_A_BUCKET_OVER = tuple(
    listed_actions(
        "s3 DeleteBucket DeleteBucketPolicy PutBucketAcl PutBucketOwnershipControls PutBucketPolicy",
        "s3 PutEncryptionConfiguration PutObjectAcl",
    )
)
REMOVING_OBJECTS = tuple(listed_actions("s3 DeleteObject DeleteObjectVersion RestoreObject"))
USING_A_KEY = tuple(listed_actions("kms Decrypt Encrypt GenerateDataKey ReEncryptFrom"))
ADMINISTERING_A_KEY = tuple(listed_actions("kms DisableKey PutKeyPolicy ScheduleKeyDeletion UpdateKeyDescription"))
OF_OTHER_ACCOUNTS = tuple(listed_actions("kms CreateGrant DisableKey PutKeyPolicy ScheduleKeyDeletion UpdateAlias"))
"""Administration of a key that no account may share."""
DECRYPTING = tuple(listed_actions("kms Decrypt ReEncryptFrom"))
ACTIONS = (
    *TAKING_A_BUCKET_OVER, *REMOVING_OBJECTS, *USING_A_KEY, *ADMINISTERING_A_KEY, *OF_OTHER_ACCOUNTS, *DECRYPTING,
)  # fmt: skip

CALLERS = ("aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "kms:CallerAccount")
BINDING = ("kms:CallerAccount", "kms:ViaService")
OWN_CALLERS = ("aws:PrincipalAccount", "kms:CallerAccount")
ALIASES = ("kms:RequestAlias", "kms:ResourceAliases")
POINTS = ("s3:DataAccessPointAccount", "s3:DataAccessPointArn")


def cases() -> Iterator[TokenCase]:
    def allowed(action: str) -> str:
        return document(letting(OTHER_ACCOUNT_ROLE, action))

    yield from refused("S3-08", BUCKET_POLICY, TAKING_A_BUCKET_OVER, allowed)
    yield from refused("S3-08", BUCKET_POLICY, REMOVING_OBJECTS, allowed, kind="development")
    yield from accepted("S3-09", BUCKET_POLICY, POINTS, _landing_through, kind="data-lake")
    for actions, other in ((USING_A_KEY, "kms:PutKeyPolicy"), (ADMINISTERING_A_KEY, "kms:Decrypt")):
        yield from refused(
            "KM-02",
            KEY_POLICY,
            actions,
            lambda action, other=other: document(of_keys.allow(of_keys.USER, action, other)),
        )
    for principal, keys in (("*", CALLERS), (of_keys.REMOTE, BINDING)):
        yield from accepted(
            "KM-02",
            KEY_POLICY,
            keys,
            lambda key, principal=principal: trusting(principal, "kms:Decrypt", StringEquals=named(key)),
        )
    yield from refused("KM-03", IDENTITY, DECRYPTING, lambda action: of_keys.decrypting("*", action))
    yield from accepted("KM-03", IDENTITY, ALIASES, lambda key: of_keys.decrypting("*", StringEquals=named(key)))
    yield from accepted(
        "ST-07", KEY_POLICY, OWN_CALLERS, lambda key: trusting("*", "kms:Decrypt", StringEquals=named(key))
    )
    yield from refused(
        "ST-07", KEY_POLICY, OF_OTHER_ACCOUNTS, lambda action: trusting(of_keys.REMOTE, action), kind="tooling"
    )


def _landing_through(key: str) -> str:
    condition = {"StringEquals": named(key)}
    return document(
        of_buckets.OUTSIDE, letting(OTHER_ACCOUNT_ROLE, "s3:PutObject", of_buckets.LANDED, Condition=condition)
    )
