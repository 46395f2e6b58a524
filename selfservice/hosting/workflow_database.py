"""How a build finds the database of workflows that the foundation has created, and the key of what it stores there."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from cryptography.fernet import Fernet

from settings.types.aws.database_authorities import AUTHORITIES_VARIABLE, RDS_AUTHORITIES
from settings.types.aws.request_builds import (
    WORKFLOWS_KEY_SECRET_VARIABLE,
    WORKFLOWS_KEY_VARIABLE,
    WORKFLOWS_PASSWORD_VARIABLE,
    WORKFLOWS_SERVER_VARIABLE,
    WORKFLOWS_URL_VARIABLE,
    WORKFLOWS_USER_VARIABLE,
)

CONNECTION_SECONDS = 120
"""Time that a connection may take. A database that pauses needs about 15 seconds to answer, and 30 or more after a day
(Aurora User Guide, "Scaling to Zero ACUs with automatic pause and resume for Aurora Serverless v2")."""


def workflow_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables with the connection string and the key of a created database; none without one.

    It does not connect: a build without work lets the database pause. The build acts as its own role here.
    """
    if not (server := variables.get(WORKFLOWS_SERVER_VARIABLE)):
        return {}
    user = quote(variables[WORKFLOWS_USER_VARIABLE], safe="")
    password = quote(variables[WORKFLOWS_PASSWORD_VARIABLE], safe="")
    settings = {
        "sslmode": "verify-full",
        "sslrootcert": variables.get(AUTHORITIES_VARIABLE) or RDS_AUTHORITIES,
        "connect_timeout": CONNECTION_SECONDS,
    }
    return {
        WORKFLOWS_URL_VARIABLE: f"postgresql://{user}:{password}@{server}?{urlencode(settings)}",
        WORKFLOWS_KEY_VARIABLE: _key(variables[WORKFLOWS_KEY_SECRET_VARIABLE]),
    }


def _key(secret_arn: str) -> str:
    """Returns the key, which the first build stores. One build runs at a time, so no other stores one meanwhile."""
    import boto3

    client = boto3.client("secretsmanager")
    try:
        return str(client.get_secret_value(SecretId=secret_arn)["SecretString"])
    except client.exceptions.ResourceNotFoundException:
        # The secret exists, because the stack created it: it has no value yet.
        key = Fernet.generate_key().decode()
        client.put_secret_value(SecretId=secret_arn, SecretString=key)
        return key
