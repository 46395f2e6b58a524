"""KMS: calls that use the key of another account."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.testing import EmulatedAws, code_of, refusal


def test_a_key_of_another_account_encrypts_and_decrypts_by_its_arn_and_its_ciphertext(
    aws: EmulatedAws, account: str
) -> None:
    owner, user = aws.client("kms", account), aws.client("kms", aws.new_account("user"))
    key = owner.create_key()["KeyMetadata"]["Arn"]
    sealed = user.encrypt(KeyId=key, Plaintext=b"secret")
    assert sealed["KeyId"] == key
    for client in (owner, user):
        assert client.decrypt(CiphertextBlob=sealed["CiphertextBlob"])["Plaintext"] == b"secret"
    data = user.generate_data_key(KeyId=key, KeySpec="AES_256")
    assert owner.decrypt(CiphertextBlob=data["CiphertextBlob"], KeyId=key)["Plaintext"] == data["Plaintext"]
    with pytest.raises(ClientError) as refused:
        user.disable_key(KeyId=key)
    assert code_of(refused) == "NotFoundException"
    assert owner.describe_key(KeyId=key)["KeyMetadata"]["Enabled"]


def test_a_key_that_is_disabled_or_will_be_deleted_can_only_be_described(aws: EmulatedAws, account: str) -> None:
    kms, user = aws.client("kms", account), aws.client("kms", aws.new_account("reader"))
    key = kms.create_key()["KeyMetadata"]["Arn"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    other = kms.create_key()["KeyMetadata"]["Arn"]
    root = f"arn:aws:iam::{account}:root"
    of_other = kms.encrypt(KeyId=other, Plaintext=b"secret")["CiphertextBlob"]
    states = {
        "Disabled": (kms.disable_key, "DisabledException"),
        "PendingDeletion": (kms.schedule_key_deletion, "KMSInvalidStateException"),
    }
    for state, (change, expected) in states.items():
        change(KeyId=key)
        assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == state
        uses = (
            lambda: kms.encrypt(KeyId=key, Plaintext=b"secret"),
            lambda: kms.decrypt(CiphertextBlob=sealed),
            lambda: user.generate_data_key(KeyId=key, KeySpec="AES_256"),
            lambda: kms.re_encrypt(CiphertextBlob=of_other, DestinationKeyId=key),
            lambda: kms.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=other),
            lambda: kms.create_grant(KeyId=key, GranteePrincipal=root, Operations=["Encrypt"]),
            lambda: kms.enable_key_rotation(KeyId=key),
        )
        for use in uses:
            with pytest.raises(ClientError) as refused:
                use()
            assert code_of(refused) == expected
    changes = (
        lambda: kms.create_alias(AliasName="alias/doomed", TargetKeyId=key),
        lambda: kms.enable_key(KeyId=key),
        lambda: kms.schedule_key_deletion(KeyId=key),
        lambda: kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}]),
    )
    for call in changes:
        assert refusal(call) == "KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"
