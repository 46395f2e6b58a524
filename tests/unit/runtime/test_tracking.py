"""The programs of the tracking server, with a real database and the emulated IAM and STS."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy

from plinth_project.tracking.tokens import client_token
from runtime.tracking import authentication
from runtime.tracking.authentication import Authenticated, Client, Clients
from runtime.tracking.client_tokens import InvalidTokenError, caller_of
from runtime.tracking.database_tokens import sign_in_with_tokens
from runtime.tracking.environment import Database
from runtime.tracking.prepare import create_user
from tests.unit.runtime.tracking import SERVER, Site, act_as, at_sandbox, instance, site, variables_of

__all__ = ["at_sandbox", "instance", "site"]
ROOT = Path(__file__).parents[3]
LIBRARY = ROOT / "packages/plinth-project"


def test_a_token_shows_the_role_of_its_holder_to_the_server_that_it_names(site: Site, at_sandbox: str) -> None:
    session = site.session("trainer")
    token = client_token(session, SERVER)
    assert caller_of(token, SERVER, at_sandbox) == (f"arn:aws:iam::{site.account}:role/trainer", "pod")
    with pytest.raises(InvalidTokenError, match="does not accept the signature"):
        caller_of(token, "another-server", at_sandbox)
    with pytest.raises(InvalidTokenError, match="does not accept the signature"):
        caller_of(client_token(session, "another-server"), SERVER, at_sandbox)
    with pytest.raises(InvalidTokenError, match="not one of AWS STS"):
        caller_of(token, SERVER, "https://sts.eu-west-1.amazonaws.com")


@pytest.mark.parametrize(
    ("given", "reason"),
    [("", "does not begin"), ("plinth-mlflow-v1.$", "not"), ("k8s-aws-v1.abc", "does not begin")],
)
def test_what_is_no_token_shows_nobody(given: str, reason: str) -> None:
    with pytest.raises(InvalidTokenError, match=reason):
        caller_of(given, SERVER, "https://sts.eu-west-1.amazonaws.com")


class Application:
    """Takes every request, and keeps paths and workspaces."""

    def __init__(self) -> None:
        self.reached: list[tuple[str, list[str]]] = []

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        named = [value.decode() for name, value in scope["headers"] if name == b"x-mlflow-workspace"]
        self.reached.append((scope["path"], named))
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def _ask(application: Authenticated, path: str, token: str, *workspaces: str) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
    headers += [(b"X-MLFLOW-WORKSPACE", workspace.encode()) for workspace in workspaces]
    await application({"type": "http", "path": path, "headers": headers}, receive, send)
    return sent


def test_only_clients_of_the_settings_reach_the_application(site: Site, at_sandbox: str) -> None:
    client, stranger = site.session("client"), site.session("stranger")
    clients = Clients({"fraud": [f"arn:aws:iam::{site.account}:role/plinth/client"]}, SERVER, at_sandbox)
    application = Application()
    guarded = Authenticated(application, clients)
    answers = {
        name: asyncio.run(_ask(guarded, "/api/2.0/mlflow/runs/create", token))[0]["status"]
        for name, token in (
            ("client", client_token(client, SERVER)),
            ("stranger", client_token(stranger, SERVER)),
            ("nobody", ""),
            ("client of another server", client_token(client, "other")),
        )
    }
    assert answers == {"client": 200, "stranger": 401, "nobody": 401, "client of another server": 401}
    assert application.reached == [("/api/2.0/mlflow/runs/create", ["fraud"])]
    assert asyncio.run(_ask(guarded, "/health", ""))[0]["status"] == 200


@pytest.fixture
def as_fraud(monkeypatch: pytest.MonkeyPatch) -> tuple[Application, Authenticated]:
    """An application whose only client is a role in the workspace ``fraud``."""
    role = "arn:aws:iam::123456789012:role/client"
    monkeypatch.setattr(authentication, "caller_of", lambda *_: (role, "pod"))
    application = Application()
    return application, Authenticated(application, Clients({"fraud": [role]}, SERVER, "https://sts.amazonaws.com"))


@pytest.mark.parametrize(
    ("asked", "status"), [((), 200), (("fraud",), 200), ((" ",), 200), (("churn",), 403), (("fraud", "churn"), 403)]
)
@pytest.mark.threat("T-27")
def test_a_client_is_in_the_workspace_of_its_role_whatever_it_asks_for(
    as_fraud: tuple[Application, Authenticated], asked: tuple[str, ...], status: int
) -> None:
    application, guarded = as_fraud
    sent = asyncio.run(_ask(guarded, "/api/2.0/mlflow/runs/search", "token", *asked))
    assert sent[0]["status"] == status
    if status == 200:
        assert application.reached == [("/api/2.0/mlflow/runs/search", ["fraud"])]
    else:
        assert json.loads(sent[1]["body"]) == {
            "error_code": "PERMISSION_DENIED",
            "message": "the workspace of this role is fraud, not churn",
        }


@pytest.mark.parametrize(
    ("path", "is_served"),
    [
        ("/", True),
        ("/static-files/static/js/main.js", True),
        ("/ajax-api/2.0/mlflow/experiments/search", True),
        ("/api/3.0/mlflow/server-info", True),
        ("/api/3.0/mlflow/traces/tr-1", True),
        ("/api/2.0/mlflow-artifacts/artifacts/1/a/artifacts/model.txt", True),
        ("/api/2.0/mlflow-artifacts/presigned/1/a", True),
        ("/api/2.0/mlflow/registered-models/create", False),
        ("/api/2.0/mlflow/model-versions/create", False),
        ("/api/3.0/mlflow/workspaces", False),
        ("/api/3.0/mlflow/workspaces/churn", False),
        ("/api/2.0/mlflow/webhooks", False),
        ("/ajax-api/3.0/mlflow/gateway/endpoints/create", False),
        ("/api/2.0/mlflow/runsome", False),
        ("/api/2.0/mlflow/../mlflow/webhooks", False),
        ("//api/2.0/mlflow/webhooks", False),
        ("/graphql", False),
    ],
)
def test_a_client_uses_runs_and_nothing_that_acts_for_the_server(
    as_fraud: tuple[Application, Authenticated], path: str, is_served: bool
) -> None:
    application, guarded = as_fraud
    sent = asyncio.run(_ask(guarded, path, "token"))
    assert sent[0]["status"] == (200 if is_served else 501)
    assert bool(application.reached) is is_served


def test_a_token_is_verified_again_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    role = "arn:aws:iam::123456789012:role/client"

    def caller(token: str, _server: str, _sts_url: str) -> tuple[str, str]:
        asked.append(token)
        return role, "pod"

    monkeypatch.setattr(authentication, "caller_of", caller)
    clients = Clients({"fraud": [role]}, SERVER, "https://sts.eu-west-1.amazonaws.com")
    for now, times in ((100.0, 1), (159.0, 1), (160.0, 2)):
        monkeypatch.setattr(authentication, "time", SimpleNamespace(monotonic=lambda now=now: now))
        assert clients.client_of("token") == Client(f"{role}/pod", "fraud")
        assert asked == ["token"] * times


def test_the_job_creates_the_user_and_the_server_signs_in_with_its_role_alone(
    site: Site, instance: dict[str, Any], at_sandbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.of(variables_of(instance))
    monkeypatch.setenv("PGSSLROOTCERT", site.authority)
    act_as(site.session("preparing", "secretsmanager:GetSecretValue"), monkeypatch)
    for _ in range(2):
        create_user(database, instance["MasterUserSecret"]["SecretArn"])
    act_as(site.session("serving", "rds-db:connect"), monkeypatch)
    end = sign_in_with_tokens(database)
    engine = sqlalchemy.create_engine(database.url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("create table tried (name text)"))
        assert connection.execute(sqlalchemy.text("select current_user")).scalar() == "mlflow"
    end()
    act_as(site.session("elsewhere"), monkeypatch)
    end = sign_in_with_tokens(database)
    with pytest.raises(sqlalchemy.exc.OperationalError, match="PAM authentication failed"):
        engine.connect()
    end()
