"""``python -m runtime.tracking.serve``: serves MLflow to the clients of the settings.

The server reads and writes artifacts itself, so that clients need no access to the bucket.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, MutableMapping, Sequence

from runtime.tracking.authentication import Application, Authenticated, Clients
from runtime.tracking.database_tokens import sign_in_with_tokens
from runtime.tracking.environment import Database
from runtime.tracking.prepare import ARTIFACTS_BY_THE_SERVER
from runtime.tracking.workspaces import create_missing


def main(variables: MutableMapping[str, str] = os.environ) -> None:
    import uvicorn

    database = Database.of(variables)
    sign_in_with_tokens(database)
    _configure(database, variables)
    roles: dict[str, list[str]] = json.loads(variables["TRACKING_CLIENTS"])
    mlflow = _mlflow()
    create_missing(roles)
    application = Authenticated(mlflow, _clients(database, roles, variables["TRACKING_SERVER"]))
    uvicorn.run(application, host="0.0.0.0", port=int(variables["TRACKING_PORT"]))


def _configure(database: Database, variables: MutableMapping[str, str]) -> None:
    """Sets what ``mlflow server`` would set from its options. MLflow reads it when it is imported."""
    # Clients use several names of the server, and each request carries a token. The import below already reads it.
    variables["MLFLOW_SERVER_ALLOWED_HOSTS"] = "*"
    from mlflow import server

    variables[server.BACKEND_STORE_URI_ENV_VAR] = database.url
    variables[server.REGISTRY_STORE_URI_ENV_VAR] = database.url
    variables[server.ARTIFACT_ROOT_ENV_VAR] = ARTIFACTS_BY_THE_SERVER
    variables[server.ARTIFACTS_DESTINATION_ENV_VAR] = variables["TRACKING_ARTIFACTS"]
    variables[server.SERVE_ARTIFACTS_ENV_VAR] = "true"
    variables["MLFLOW_ENABLE_WORKSPACES"] = "true"


def _mlflow() -> Application:
    from mlflow.server.fastapi_app import app

    application: Application = app
    return application


def _clients(database: Database, roles: Mapping[str, Sequence[str]], server: str) -> Clients:
    import boto3

    sts = boto3.client("sts", region_name=database.region)
    return Clients(roles, server, sts.meta.endpoint_url)


if __name__ == "__main__":
    main()
