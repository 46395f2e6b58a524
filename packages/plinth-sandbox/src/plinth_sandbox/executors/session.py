"""Credentials of the role that a run uses."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import boto3

ORIGIN_HEADER = "X-Plinth-Sandbox-Origin"
"""Header with which a service says for what it opens a session: ``source_arn``, ``subnets`` and ``readers``, as
JSON."""
VIA_HEADER = "X-Plinth-Sandbox-Via"
"""Header with which a service says that it calls in the name of a principal: its service principal."""


def take(
    role_arn: str,
    name: str,
    *,
    source_arn: str = "",
    subnets: Sequence[str] = (),
    readers: Mapping[str, str] | None = None,
) -> None:
    """Makes every AWS client in this process use the role.

    ``source_arn`` is the resource for which the service opens the session, ``subnets`` are those of the run, and
    ``readers`` the roles as which Lake Formation lets it read, by location. The emulator judges the calls of the
    session with them.
    """
    sts = boto3.client("sts")
    tell_origin(sts, {"source_arn": source_arn, "subnets": list(subnets), "readers": dict(readers or {})})
    session = sts.assume_role(RoleArn=role_arn, RoleSessionName=name)["Credentials"]
    os.environ["AWS_ACCESS_KEY_ID"] = session["AccessKeyId"]
    os.environ["AWS_SECRET_ACCESS_KEY"] = session["SecretAccessKey"]
    os.environ["AWS_SESSION_TOKEN"] = session["SessionToken"]
    # The default session may have cached other credentials.
    boto3.DEFAULT_SESSION = None


def tell_origin(sts: Any, origin: Mapping[str, Any]) -> None:
    """Lets the client say for what it opens sessions."""

    def tell(params: dict[str, Any], **_: object) -> None:
        params["headers"][ORIGIN_HEADER] = json.dumps(origin)

    sts.meta.events.register("before-call.sts.AssumeRole", tell)


def tell_service(client: Any, principal: str) -> None:
    """Lets the client say that a service makes its calls (IAM User Guide, ``aws:CalledVia``)."""

    def tell(params: dict[str, Any], **_: object) -> None:
        params["headers"][VIA_HEADER] = principal

    client.meta.events.register("before-call", tell)
