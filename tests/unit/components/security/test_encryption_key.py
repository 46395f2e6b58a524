import json

import pytest

from components.security.encryption_key import EncryptionKey, EncryptionKeyArgs
from tests.support.documents import as_list, statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, REGION

KEY = "aws:kms/key:Key"
ADMINISTRATION = ("Put", "Schedule", "Disable", "Delete", "Update", "Revoke")
USE = ("Decrypt", "Encrypt", "GenerateDataKey", "ReEncrypt")


def key(**changes):
    args = {"alias": "plinth/fraud", "description": "Data", "account_id": ACCOUNT, "region": REGION, "services": ["s3"]}
    return EncryptionKey("key", EncryptionKeyArgs(**args | changes))


def test_the_key_rotates_and_its_deletion_has_a_waiting_period():
    inputs = deploy(lambda: key(deletion_days=14)).one(KEY).inputs
    assert (inputs["enableKeyRotation"], inputs["deletionWindowInDays"]) == (True, 14)


def test_administrators_do_not_use_and_users_do_not_administer():
    for statement in statements(deploy(key).one(KEY)).values():
        actions = [action.removeprefix("kms:") for action in as_list(statement["Action"])]
        assert not (any(a.startswith(ADMINISTRATION) for a in actions) and any(a.startswith(USE) for a in actions))
        assert "*" not in actions


def test_nobody_is_named_by_a_wildcard():
    for statement in statements(deploy(key).one(KEY)).values():
        assert "*" not in json.dumps(statement["Principal"])


def test_principals_of_the_account_use_the_key_only_through_the_named_services():
    use = statements(deploy(key).one(KEY))["AccountUsesThroughServices"]
    assert use["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert use["Condition"] == {
        "StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}
    }


def test_administrators_of_the_key_may_create_aliases():
    administration = statements(deploy(key).one(KEY))["AccountAdministers"]["Action"]
    assert {"kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"} <= set(administration)


def test_log_groups_of_the_account_and_no_other_are_encrypted_with_the_key():
    delivery = statements(deploy(key).one(KEY))["LogGroupsOfTheAccount"]
    assert delivery["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
    assert delivery["Condition"] == {
        "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:*"}
    }


def test_the_alias_points_to_the_key():
    recorder = deploy(key)
    assert recorder.one("aws:kms/alias:Alias").inputs["name"] == "alias/plinth/fraud"


@pytest.mark.parametrize("days", [6, 31])
def test_a_deletion_window_outside_the_limits_of_kms_is_refused(days):
    with pytest.raises(ValueError, match="7 to 30"):
        key(deletion_days=days)
