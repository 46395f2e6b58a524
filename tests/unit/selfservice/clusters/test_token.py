"""Tokens of the Kubernetes cluster, and the command that prints them."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from selfservice.cli.command import main
from selfservice.clusters.token import cluster_token
from selfservice.engine.account_access import Account

ACCOUNT = "222222222222"
WORDS = ("cluster", "token", "--name", "plinth-tooling", "--account", ACCOUNT, "--region", "eu-west-1")
ROLES = {
    False: f"arn:aws:iam::{ACCOUNT}:role/OrganizationAccountAccessRole",
    True: f"arn:aws:iam::{ACCOUNT}:role/plinth/platform-reviewer",
}


@pytest.fixture
def assumed(monkeypatch: pytest.MonkeyPatch) -> list[Account]:
    """The accounts, with their roles, whose credentials were asked for."""
    found: list[Account] = []

    def session(account: Account) -> boto3.Session:
        found.append(account)
        return boto3.Session("AKIDEXAMPLE", "secret-of-the-role", "session-token", region_name=account.region)

    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(Account, "_session", session)
    return found


def request_in(token: str) -> Any:
    assert token.startswith("k8s-aws-v1.")
    encoded = token.removeprefix("k8s-aws-v1.")
    return urlsplit(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())


def test_a_token_is_a_presigned_request_to_sts_that_names_its_cluster(assumed: list[Account]) -> None:
    made = cluster_token(Account(ACCOUNT, "eu-west-1", None), "plinth-tooling")
    url = request_in(made.text)
    query = {key: value for key, (value,) in parse_qs(url.query).items()}
    assert (url.scheme, url.path, query["Action"]) == ("https", "/", "GetCallerIdentity")
    assert url.hostname == "sts.eu-west-1.amazonaws.com"
    assert query["X-Amz-SignedHeaders"] == "host;x-k8s-aws-id"
    assert query["X-Amz-Expires"] == "60"
    assert query["X-Amz-Security-Token"] == "session-token"
    assert "secret-of-the-role" not in url.geturl()
    assert timedelta(minutes=13) < made.expires - datetime.now(UTC) < timedelta(minutes=15)


@pytest.mark.parametrize("reads", [False, True])
def test_the_command_prints_a_credential_of_the_role_that_deploys_or_of_that_for_reviews(
    assumed: list[Account], monkeypatch: pytest.MonkeyPatch, *, reads: bool
) -> None:
    if reads:
        monkeypatch.setenv("PLINTH_READ_ONLY", "true")
    else:
        monkeypatch.delenv("PLINTH_READ_ONLY", raising=False)
    result = CliRunner().invoke(main, [*WORDS, "--stack", "tooling-platform"])
    assert result.exit_code == 0
    answer = json.loads(result.output)
    assert (answer["apiVersion"], answer["kind"]) == ("client.authentication.k8s.io/v1", "ExecCredential")
    assert request_in(answer["status"]["token"]).hostname == "sts.eu-west-1.amazonaws.com"
    assert datetime.strptime(answer["status"]["expirationTimestamp"], "%Y-%m-%dT%H:%M:%SZ")
    assert {(account.role_arn, account.session_name) for account in assumed} == {
        (ROLES[reads], "plinth-tooling-platform")
    }


def test_credentials_that_may_not_assume_the_role_are_refused_with_the_role(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(account: Account) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not authorized"}}, "AssumeRole")

    monkeypatch.delenv("PLINTH_READ_ONLY", raising=False)
    monkeypatch.setattr(Account, "_session", denied)
    result = CliRunner().invoke(main, WORDS)
    assert result.exit_code == 2
    assert "no token for the cluster plinth-tooling" in result.output
    assert f"use credentials that may assume {ROLES[False]}" in result.output
