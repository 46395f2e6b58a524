"""Cases of policies/security/rules/storage/keys.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import OTHER_ACCOUNT, OWN_ACCOUNT, Case, Change, Situation, but, document, stack_context
from tests.policies.cases.identity.grants import CEILING
from tests.policies.cases.policy_types import IDENTITY_POLICY

KEY_POLICY = ("aws:kms/keyPolicy:KeyPolicy", "aws:kms/replicaKey:ReplicaKey")


ADMINISTRATOR = {"AWS": f"arn:aws:iam::{OWN_ACCOUNT}:role/administrator"}
USER = {"AWS": f"arn:aws:iam::{OWN_ACCOUNT}:role/user"}
REMOTE = {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"}


def allow(principal: Any, *actions: str, **conditions: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": list(actions),
        "Resource": "*",
        "Condition": conditions,
    }


def policy(*statements: dict[str, Any], **situation: Any) -> Change:
    return but({"policy": document(*statements)}, **situation)


ADMINISTER = allow(ADMINISTRATOR, "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DescribeKey")
USE = allow(USER, "kms:Decrypt", "kms:GenerateDataKey*")
UNBOUND_USE = allow(REMOTE, "kms:Decrypt")

ROTATION = [
    Case(
        rule="KM-01",
        type=type_,
        compliant=Situation(inputs={"enableKeyRotation": True}),
        refused={
            "does not rotate": but({"enableKeyRotation": False}),
            "does not rotate a key that is symmetric by name": but(
                {
                    "enableKeyRotation": False,
                    "keyUsage": "ENCRYPT_DECRYPT",
                    "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
                }
            ),
        },
        accepted={
            "signs": but({"enableKeyRotation": False, "keyUsage": "SIGN_VERIFY"}),
            "is asymmetric": but({"enableKeyRotation": False, "customerMasterKeySpec": "RSA_2048"}),
        },
    )
    for type_ in ("aws:kms/key:Key",)
]
POLICIES = [
    Case(
        rule="KM-02",
        type=type_,
        compliant=Situation(inputs={"policy": document(ADMINISTER, USE)}),
        refused={
            "lets every principal use the key": policy(allow("*", "kms:Decrypt")),
            "confines every principal to a service alone": policy(
                allow("*", "kms:Decrypt", StringEquals={"kms:ViaService": "s3.eu-west-1.amazonaws.com"})
            ),
            "lets one principal do everything": policy(allow(ADMINISTRATOR, "kms:*")),
            "lets the whole account do everything": policy(allow({"AWS": f"arn:aws:iam::{OWN_ACCOUNT}:root"}, "kms:*")),
            "lets an administrator decrypt": policy(allow(ADMINISTRATOR, "kms:PutKeyPolicy", "kms:Decrypt")),
            "lets a user delete the key": policy(allow(USER, "kms:Encrypt", "kms:ScheduleKeyDeletion")),
            "lets a user disable the key": policy(allow(USER, "kms:GenerateDataKey", "kms:Disable*")),
            "lets a user describe the key anew": policy(allow(USER, "kms:ReEncrypt*", "kms:Update*")),
            "lists only what is not allowed": policy(
                {"Effect": "Allow", "Principal": USER, "NotAction": "kms:DeleteAlias", "Resource": "*"}
            ),
            "lets a user create grants for any principal": policy(allow(USER, "kms:CreateGrant")),
            "says that grants are not for AWS": policy(
                allow(USER, "kms:CreateGrant", Bool={"kms:GrantIsForAWSResource": "false"})
            ),
            "admits another account": policy(UNBOUND_USE),
            "admits another account by its number": policy(allow({"AWS": OTHER_ACCOUNT}, "kms:Decrypt")),
            "admits a session of another account": policy(
                allow({"AWS": f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/a/b"}, "kms:Decrypt")
            ),
            "admits another account in addition to its own": policy(
                allow({"AWS": [USER["AWS"], REMOTE["AWS"]]}, "kms:Decrypt")
            ),
            "has a policy without statements": but({"policy": "{}"}),
            "has a policy that is no JSON": but({"policy": "all"}),
        },
        accepted={
            "confines every principal to one account": policy(
                allow("*", "kms:Decrypt", StringEquals={"kms:CallerAccount": OWN_ACCOUNT})
            ),
            "confines every principal to the organization": policy(
                allow("*", "kms:Decrypt", StringEquals={"aws:PrincipalOrgID": "o-acme123456"})
            ),
            "binds another account to a service": policy(
                allow(REMOTE, "kms:Decrypt", StringEquals={"kms:ViaService": "s3.eu-west-1.amazonaws.com"})
            ),
            "binds another account to itself": policy(
                allow(REMOTE, "kms:Decrypt", StringEquals={"kms:CallerAccount": OTHER_ACCOUNT})
            ),
            "lets AWS resources have grants": policy(
                allow(USER, "kms:CreateGrant", Bool={"kms:GrantIsForAWSResource": True})
            ),
            "lets a service use the key": policy(allow({"Service": "logs.eu-west-1.amazonaws.com"}, "kms:Encrypt")),
            "lets a user do everything but administer": policy(
                {
                    "Effect": "Allow",
                    "Principal": USER,
                    "NotAction": ["kms:Put*", "kms:Schedule*", "kms:Disable*", "kms:Update*", "kms:CreateGrant"],
                    "Resource": "*",
                }
            ),
            "denies every principal": policy(ADMINISTER, {"Effect": "Deny", "Principal": "*", "Action": "kms:*"}),
            "admits an account while the own account is unknown": policy(
                UNBOUND_USE, provider={"region": "eu-west-1", "allowedAccountIds": UNKNOWN}
            ),
        },
    )
    for type_ in ("aws:kms/key:Key", *KEY_POLICY)
]
GRANTS = [
    Case(
        rule="KM-02",
        type=type_,
        compliant=Situation(inputs={"granteePrincipal": "sagemaker.amazonaws.com"}),
        refused={"grants to a role": but({"granteePrincipal": USER["AWS"]})},
    )
    for type_ in ("aws:kms/grant:Grant",)
]

KEEPING = [
    Case(
        rule="KM-03",
        type=type_,
        compliant=Situation(
            inputs={"deletionWindowInDays": 30, "bypassPolicyLockoutSafetyCheck": False},
            context=stack_context(kind="data-lake"),
        ),
        optional=frozenset({"deletionWindowInDays", "bypassPolicyLockoutSafetyCheck"}),
        refused={
            "is gone after a week": but({"deletionWindowInDays": 7}),
            "is gone a day too soon": but({"deletionWindowInDays": 29}),
            "may lock out every administrator": but({"bypassPolicyLockoutSafetyCheck": True}),
            "may lock out every administrator of an environment": but(
                {"bypassPolicyLockoutSafetyCheck": True}, kind="production"
            ),
        },
        accepted={"is gone with its environment after a week": but({"deletionWindowInDays": 7}, kind="production")},
    )
    for type_ in ("aws:kms/key:Key",)
]
KEY_ARN = f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/0f6d2d3e"


def decrypting(resource: Any, action: str = "kms:Decrypt", effect: str = "Allow", **conditions: Any) -> str:
    return document({"Effect": effect, "Action": action, "Resource": resource, "Condition": conditions})


DECRYPTION = {
    "decrypts with every key": decrypting("*"),
    "decrypts with every key of an account": decrypting(f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:*"),
    "decrypts with every key in addition to one": decrypting([KEY_ARN, "*"]),
    "decrypts by a wildcard": decrypting("*", "kms:*"),
    "re-encrypts from every key": decrypting("*", "kms:ReEncrypt*"),
    "has a condition on an unrelated key": decrypting(
        "*", StringEquals={"kms:ViaService": "s3.eu-west-1.amazonaws.com"}
    ),
    "confines itself to any tag": decrypting("*", StringLike={"aws:ResourceTag/plinth:team": "*"}),
    "confines itself to tags that begin with a letter": decrypting(
        "*", StringLike={"aws:ResourceTag/plinth:team": "f*"}
    ),
    "confines itself where there are aliases": decrypting("*", StringEqualsIfExists={"kms:RequestAlias": "alias/a"}),
}
HARMLESS = {
    "encrypts with every key": decrypting("*", "kms:Encrypt"),
    "decrypts with keys of one name": decrypting(
        "*", **{"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/a"}}
    ),
    "decrypts with keys of one team": decrypting("*", StringEquals={"aws:ResourceTag/plinth:team": "fraud"}),
    "denies decryption with every key": decrypting("*", effect="Deny"),
}
DECRYPTING = [
    Case(
        rule="KM-03",
        type=type_,
        compliant=Situation(inputs={path: decrypting(KEY_ARN)}),
        optional=frozenset({path}),
        refused={what: but({path: policy}) for what, policy in DECRYPTION.items()},
        accepted={what: but({path: policy}) for what, policy in HARMLESS.items()}
        | ({"is a ceiling": but({path: decrypting("*")} | CEILING)} if type_ in ("aws:iam/policy:Policy",) else {}),
    )
    for type_, path in IDENTITY_POLICY.items()
]
INLINE = [
    Case(
        rule="KM-03",
        type=type_,
        compliant=Situation(inputs={"inlinePolicies": [{"policy": decrypting(KEY_ARN)}]}),
        optional=frozenset({"inlinePolicies", "inlinePolicies.0", "inlinePolicies.0.policy"}),
        refused={what: but({"inlinePolicies.0.policy": policy}) for what, policy in DECRYPTION.items()},
    )
    for type_ in ("aws:iam/role:Role",)
]

CASES = [*ROTATION, *POLICIES, *GRANTS, *KEEPING, *DECRYPTING, *INLINE]
