"""A build makes the connection string of the created database, and keeps one key in its secret."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import boto3
import psycopg.conninfo
import pytest
from cryptography.fernet import Fernet

from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws
from selfservice.durable.serializer import key_of
from selfservice.hosting.workflow_database import workflow_variables

SERVER = "plinth-workflows.cluster-abcdefghijkl.eu-west-1.rds.amazonaws.com:5432/workflows"


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The ARN of a secret without a value, as the stack creates it, in the account of the shell."""
    with EmulatedAws(tmp_path) as aws:
        for name, value in aws.credentials(MANAGEMENT).items():
            monkeypatch.setenv(name.upper(), value)
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        yield aws.client("secretsmanager", MANAGEMENT).create_secret(Name="plinth/workflows-key")["ARN"]


def variables(secret: str, **changes: str) -> dict[str, str]:
    return {
        "PLINTH_WORKFLOWS_SERVER": SERVER,
        "PLINTH_WORKFLOWS_USER": "plinth",
        "PLINTH_WORKFLOWS_PASSWORD": "a b:/?#[]@!%",
        "PLINTH_WORKFLOWS_KEY_SECRET": secret,
        **changes,
    }


def test_a_build_without_a_created_database_changes_no_variable() -> None:
    assert workflow_variables({"PLINTH_WORKFLOWS_URL": "postgresql://elsewhere/workflows"}) == {}


def test_the_connection_string_has_the_password_tls_and_time_to_wake_the_database(secret: str) -> None:
    found = workflow_variables(variables(secret))
    asked = psycopg.conninfo.conninfo_to_dict(found["PLINTH_WORKFLOWS_URL"])
    assert asked == {
        "host": "plinth-workflows.cluster-abcdefghijkl.eu-west-1.rds.amazonaws.com",
        "port": "5432",
        "dbname": "workflows",
        "user": "plinth",
        "password": "a b:/?#[]@!%",
        "sslmode": "verify-full",
        "sslrootcert": "/etc/plinth/rds-authorities.pem",
        "connect_timeout": "120",
    }


def test_the_variable_of_the_client_names_other_authorities(secret: str) -> None:
    url = workflow_variables(variables(secret, PGSSLROOTCERT="/tmp/authority.pem"))["PLINTH_WORKFLOWS_URL"]
    assert parse_qs(urlsplit(url).query)["sslrootcert"] == ["/tmp/authority.pem"]


def test_the_first_build_stores_the_key_and_the_next_ones_use_it(
    secret: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = workflow_variables(variables(secret))["PLINTH_WORKFLOWS_KEY"]
    Fernet(first)
    assert boto3.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"] == first
    assert workflow_variables(variables(secret))["PLINTH_WORKFLOWS_KEY"] == first
    monkeypatch.setitem(os.environ, "PLINTH_WORKFLOWS_KEY", first)
    assert key_of(tmp_path) == first.encode()
