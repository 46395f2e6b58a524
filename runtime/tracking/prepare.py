"""``python -m runtime.tracking.prepare``: creates the user of the server in its database, and upgrades the tables.

It runs as a Job before each version of the server, and may run again at any time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from runtime.tracking.database_tokens import sign_in_with_tokens
from runtime.tracking.environment import Database

ARTIFACTS_BY_THE_SERVER = "mlflow-artifacts:/"
"""Root of artifacts that clients send to the server, and not to the bucket."""


def main(variables: Mapping[str, str] = os.environ) -> None:
    database = Database.of(variables)
    create_user(database, variables["TRACKING_MASTER_SECRET"])
    sign_in_with_tokens(database)
    upgrade_tables(database)


def create_user(database: Database, secret_arn: str) -> None:
    """Creates the user of the server, who signs in with IAM and may create tables."""
    import boto3
    import psycopg
    from psycopg import sql

    secrets = boto3.client("secretsmanager", region_name=database.region)
    master: dict[str, Any] = json.loads(secrets.get_secret_value(SecretId=secret_arn)["SecretString"])
    user = sql.Identifier(database.user)
    with psycopg.connect(
        host=database.host,
        port=database.port,
        dbname=database.name,
        user=master["username"],
        password=master["password"],
        sslmode="verify-full",
    ) as connection:
        known = connection.execute("select from pg_roles where rolname = %s", [database.user]).fetchone()
        if known is None:
            connection.execute(sql.SQL("create role {} login").format(user))
        connection.execute(sql.SQL("grant rds_iam to {}").format(user))
        connection.execute(sql.SQL("grant usage, create on schema public to {}").format(user))


def upgrade_tables(database: Database) -> None:
    """Creates the tables of MLflow, or upgrades them to the version of the image."""
    import mlflow.db
    import sqlalchemy
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    engine = sqlalchemy.create_engine(database.url)
    if sqlalchemy.inspect(engine).has_table("alembic_version"):
        mlflow.db.commands(["upgrade", database.url], standalone_mode=False)
    else:
        SqlAlchemyStore(database.url, ARTIFACTS_BY_THE_SERVER)
    engine.dispose()


if __name__ == "__main__":
    main()
