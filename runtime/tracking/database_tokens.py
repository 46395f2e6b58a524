"""Tokens of IAM instead of passwords: a new one for each connection, because it is valid for 15 minutes."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from runtime.tracking.environment import Database


def token_source(database: Database) -> Callable[[], str]:
    """Returns a function that signs a token with the credentials of the pod. Signing calls no service."""
    import boto3

    client = boto3.client("rds", region_name=database.region)

    def token() -> str:
        return str(
            client.generate_db_auth_token(DBHostname=database.host, Port=database.port, DBUsername=database.user)
        )

    return token


def sign_in_with_tokens(database: Database) -> Callable[[], None]:
    """Lets every connection that SQLAlchemy opens in this process sign in with a token of its own.

    Returns a function that ends it.
    """
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    token = token_source(database)

    def add_token(_dialect: Any, _record: Any, _words: Any, parameters: MutableMapping[str, Any]) -> None:
        parameters["password"] = token()

    event.listen(Engine, "do_connect", add_token)
    return lambda: event.remove(Engine, "do_connect", add_token)
