"""The client's side of the tracking server: tokens in the requests of MLflow's client."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from plinth_project.tracking import mlflow_auth
from plinth_project.tracking.mlflow_auth import SERVER_VARIABLE, RoleAuth, Tokens
from plinth_project.tracking.tokens import PREFIX, NoCredentialsError, client_token


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


def signed_address(token: str) -> str:
    text = token.removeprefix(PREFIX)
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def sent(auth: Tokens) -> str:
    """Returns the token of a request."""
    request = auth(SimpleNamespace(headers={}))
    return str(request.headers["Authorization"]).removeprefix("Bearer ")


def test_a_token_is_a_request_of_get_caller_identity_that_names_the_server() -> None:
    given = parse_qs(urlsplit(signed_address(client_token(boto3.Session(), "plinth-mlflow"))).query)
    assert given["Action"] == ["GetCallerIdentity"]
    assert "x-plinth-server" in given["X-Amz-SignedHeaders"][0].split(";")


@pytest.mark.parametrize("variable", ["AWS_DEFAULT_REGION", "AWS_REGION"])
def test_a_token_is_signed_for_the_region_of_the_process(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv(variable, "eu-central-1")
    monkeypatch.setenv(SERVER_VARIABLE, "plinth-mlflow")
    assert urlsplit(signed_address(sent(RoleAuth().get_auth()))).netloc == "sts.eu-central-1.amazonaws.com"


def test_a_token_is_used_for_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    signed = iter(("first", "second"))
    monkeypatch.setattr(mlflow_auth, "client_token", lambda session, server: next(signed))
    times = iter((0.0, 599.0, 600.0, 1_199.0))
    auth = Tokens("plinth-mlflow", now=lambda: next(times))
    assert [sent(auth) for _ in range(4)] == ["first", "first", "second", "second"]


def test_mlflow_finds_the_plug_in_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SERVER_VARIABLE, "plinth-mlflow")
    provider = RoleAuth()
    assert provider.get_name() == "plinth"
    assert sent(provider.get_auth()).startswith(PREFIX)


def test_the_name_of_the_server_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SERVER_VARIABLE, raising=False)
    with pytest.raises(ValueError, match=f"{SERVER_VARIABLE} is missing"):
        RoleAuth().get_auth()


def test_without_credentials_there_is_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    session = boto3.Session()
    monkeypatch.setattr(session, "get_credentials", lambda: None)
    with pytest.raises(NoCredentialsError, match="no credentials of AWS"):
        client_token(session, "plinth-mlflow")
