"""The clients of a provider instance call the emulated AWS and nothing else."""

from __future__ import annotations

import pytest

from plinth_sandbox.provider.errors import ProviderError
from plinth_sandbox.provider.operations.session import Session
from plinth_sandbox.provider.rpc.configuration import AssumedRole, Configuration

ROLE = AssumedRole("arn:aws:iam::111122223333:role/admin", {"RoleSessionName": "test"})


def session(**settings: object) -> Session:
    return Session(Configuration(region="eu-west-1", access_key="AKIA", secret_key="key", **settings))


@pytest.fixture(autouse=True)
def _no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


@pytest.mark.parametrize("url", ["http://127.0.0.1:4566", "http://localhost:4566", "http://1234.localhost:4566"])
def test_an_address_of_this_machine_is_called(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    assert session().client("kms").meta.endpoint_url == url


@pytest.mark.parametrize("url", [None, "https://kms.eu-west-1.amazonaws.com", "http://127.0.0.1.example.com"])
def test_another_address_is_refused_with_the_remedy(url: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if url is not None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    with pytest.raises(ProviderError, match="plinth sandbox env"):
        session().client("kms")


def test_another_address_that_the_program_names_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    with pytest.raises(ProviderError, match=r"https://vault\.example"):
        session(endpoints={"kms": "https://vault.example"}).client("kms")


def test_a_role_is_assumed_on_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    client = session(roles=(ROLE,), endpoints={"sts": "https://sts.example"}).client("kms")
    with pytest.raises(ProviderError, match=r"https://sts\.example"):
        client.list_keys()


def test_an_address_of_s3_control_that_the_program_names_leaves_room_for_the_account() -> None:
    """Clients put the account before the host, so it must not become a part of its name."""
    client = session(endpoints={"s3control": "http://127.0.0.1:4566"}).client("s3control")
    assert client.meta.endpoint_url == "http://account@127.0.0.1:4566"
