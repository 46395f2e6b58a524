"""Expected findings about undeclared resources, and policies that grant access."""

from __future__ import annotations

import json
from dataclasses import dataclass

from selfservice.undeclared.finding import Danger

STRANGER = "999999999999"
VERSION = "2012-10-17"


@dataclass(frozen=True, order=True)
class Expected:
    """A finding, by what identifies it."""

    danger: Danger
    account: str
    service: str
    resource: str


def policy_of(action: str, principal: object, resource: str | None = None) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    if resource is not None:
        statement["Resource"] = resource
    return json.dumps({"Version": VERSION, "Statement": [statement]})
