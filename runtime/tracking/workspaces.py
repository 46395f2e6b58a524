"""Workspaces of MLflow: a client uses its own, and of the API what concerns runs.

A workspace has experiments, runs, traces and artifacts of its own. MLflow takes the one that a header names, so the
server sets the header itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]

HEADER = b"x-mlflow-workspace"
_PATHS = re.compile(
    r"/(?:ajax-)?api/[23]\.0/mlflow/"
    r"(?:artifacts|datasets|experiments|logged-models|metrics|runs|server-info|traces)(?:/.*)?"
    r"|/(?:ajax-)?api/2\.0/mlflow-artifacts/(?:artifacts|mpu|presigned)(?:/.*)?"
    r"|/v1/traces|/get-artifact|/version"
    r"|/|/static-files/.*"
)
"""Paths that clients use: those of runs with what belongs to them, and of the pages.

The rest of MLflow is not served: its registry, because models are registered in SageMaker with their evidence; its
gateway, jobs and webhooks, which would call other servers from the pod; the management of workspaces.
"""


class NotServedError(Exception):
    """A client asks for what no client gets. The message says what."""


class ForeignWorkspaceError(Exception):
    """A client asks for the workspace of others. The message names both."""


def in_workspace(scope: Scope, workspace: str) -> Scope:
    """Returns a request of a client as one in its workspace. Raises NotServedError or
    ForeignWorkspaceError."""
    if not _PATHS.fullmatch(scope["path"]):
        raise NotServedError(f"{scope['path']} is not served; this server keeps runs, traces and artifacts")
    headers = list(scope.get("headers") or [])
    for name, value in headers:
        if name.lower() == HEADER and (asked := value.decode("latin-1").strip()) not in ("", workspace):
            raise ForeignWorkspaceError(f"the workspace of this role is {workspace}, not {asked}")
    others = [(name, value) for name, value in headers if name.lower() != HEADER]
    return {**scope, "headers": [*others, (HEADER, workspace.encode())]}


def create_missing(workspaces: Iterable[str]) -> None:
    """Creates the workspaces that the database lacks. Several servers may do so at the same time."""
    from mlflow.entities import Workspace
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, ErrorCode
    from mlflow.server.workspace_helpers import _get_workspace_store

    store = _get_workspace_store()
    known = {workspace.name for workspace in store.list_workspaces()}
    for name in sorted(set(workspaces) - known):
        try:
            store.create_workspace(Workspace(name=name))
        except MlflowException as error:
            if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
                raise
