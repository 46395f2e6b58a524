"""Access to an account with a session of boto3 instead of the credentials of the shell."""

from __future__ import annotations

import pytest

from selfservice.engine.account_access import Account, new_session


def test_an_account_of_a_session_has_nothing_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "of-the-shell")
    account = Account.of_session("1", "eu-west-1", new_session("eu-central-1", "person", "secret", "token"))
    keys = account.keys()
    assert (keys.access_key, keys.secret_key, keys.token) == ("person", "secret", "token")
    client = account.client("sqs")
    assert client is account.client("sqs")
    assert client.meta.region_name == "eu-west-1"
    assert client._get_credentials().access_key == "person"
    assert Account("1", "eu-west-1", None).keys().access_key == "of-the-shell"
