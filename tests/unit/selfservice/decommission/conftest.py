"""An emulated account of which a team is removed."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from selfservice.engine.account_access import Account


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield Account(id="123456789012", region="eu-west-1", role_arn=None)
