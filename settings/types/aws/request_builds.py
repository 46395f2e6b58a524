"""Parameters of the builds that carry out requests. The stacks configure the builds, and the command line's program
runs in them."""

from __future__ import annotations

PROJECT = "plinth-requests"
"""Name of the build project in the governance account."""
REPOSITORY = "plinth-settings"
"""Name of the CodeCommit repository of the settings in the governance account."""
BRANCH = "main"
"""Branch of the repository that builds work on."""
COMMAND = "python -P -m selfservice.hosting.build"
"""Command of a build, in its working copy of the settings."""
TASK_VARIABLE = "PLINTH_TASK"
"""Environment variable with the task of a build."""
REQUESTS, DRIFT = "requests", "drift"
"""Tasks: to carry out requests, and to compare stacks with AWS."""
PROVISIONER_VARIABLE = "PLINTH_PROVISIONER"
"""Environment variable with the ARN of the role in the management account that a build assumes."""
SETTINGS_ACCOUNT_VARIABLE = "PLINTH_SETTINGS_ACCOUNT"
"""Environment variable with the id of the account of the repository."""
BACKEND_VARIABLE = "PULUMI_BACKEND_URL"
WORKFLOWS_URL_VARIABLE = "PLINTH_WORKFLOWS_URL"
"""Environment variable with the connection string of a PostgreSQL database of workflows. Default: a SQLite database for
each run."""
WORKFLOWS_KEY_VARIABLE = "PLINTH_WORKFLOWS_KEY"
"""Environment variable with a Fernet key. Machines that share a database need the same key."""
WORKFLOWS_SERVER_VARIABLE = "PLINTH_WORKFLOWS_SERVER"
"""Environment variable with the place of a database of workflows that the foundation has created:
``<host>:<port>/<database>``. A build makes the two variables above of this one and the next three."""
WORKFLOWS_USER_VARIABLE = "PLINTH_WORKFLOWS_USER"
WORKFLOWS_PASSWORD_VARIABLE = "PLINTH_WORKFLOWS_PASSWORD"
WORKFLOWS_KEY_SECRET_VARIABLE = "PLINTH_WORKFLOWS_KEY_SECRET"
"""Environment variable with the ARN of the secret that contains the Fernet key, from the first build on."""
WORKFLOWS = "plinth-workflows"
"""Name of that database in the governance account."""
WORKFLOWS_KEY_SECRET = "plinth/workflows-key"
"""Name of the secret with the key."""


def backend_url(bucket: str, region: str) -> str:
    """Returns the URL of the states in a bucket. Only the second AWS SDK finds the credentials of a profile that
    assumes a role as a container."""
    return f"s3://{bucket}?region={region}&awssdk=v2"
