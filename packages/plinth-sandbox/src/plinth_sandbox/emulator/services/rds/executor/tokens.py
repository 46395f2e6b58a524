"""Verifies the tokens with which IAM principals enter a database: presigned addresses of the action ``connect``.

Source: RDS User Guide, "IAM database authentication for MariaDB, MySQL, and PostgreSQL".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from iam_evaluator.request import Request as Permission
from plinth_sandbox.emulator.authentication import Authentication
from plinth_sandbox.emulator.authorization.principals import role_of, role_principal
from plinth_sandbox.emulator.authorization.resources import resource_of
from plinth_sandbox.emulator.authorization.usage import decide
from plinth_sandbox.emulator.call import understand
from plinth_sandbox.emulator.message import Request
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.eks.executor.tokens import InvalidTokenError, principal_of
from plinth_sandbox.emulator.services.rds.patches.groups import CLUSTER
from plinth_sandbox.emulator.signature import is_signed_with
from plinth_sandbox.emulator.store.record import Record

_ACTION = "rds-db:connect"
_LIFETIME = timedelta(minutes=15)
_CLOCK_SKEW = timedelta(minutes=5)


def resource_id_of(database: Record) -> str:
    """Returns the id of a DB instance or cluster in permissions to connect."""
    return str(database.values["DbClusterResourceId" if database.noun == CLUSTER else "DbiResourceId"])


def is_allowed(token: str, user: str, database: Record, memory: Memory, authentication: Authentication) -> bool:
    """Returns whether the principal that signed a token may enter a DB instance or cluster as a user."""
    values = database.values
    endpoint = (
        values["Endpoint"] if database.noun != CLUSTER else {"Address": values["Endpoint"], "Port": values["Port"]}
    )
    host = f"{endpoint['Address']}:{endpoint['Port']}"
    address, _, query = token.partition("/?")
    given = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
    if address != host or given.get("Action") != "connect" or given.get("DBUser") != user or not _is_fresh(given):
        return False
    request = Request("GET", f"/?{query}", {"Host": host})
    call = understand(request)
    secret = authentication.secret_of(call.access_key)
    if call.signing_name != "rds-db" or secret is None or not is_signed_with(request, secret):
        return False
    try:
        identity = principal_of(call.account, call.access_key)
    except InvalidTokenError:
        return False
    role = role_of(identity.arn)
    if role is None:
        return False
    place = database.place
    arn = f"arn:aws:rds-db:{place.region}:{place.account}:dbuser:{resource_id_of(database)}/{user}"
    resource = resource_of(arn, _ACTION, identity.account, memory)
    principal = role_principal(role, identity.session_name)
    return decide(Permission(principal=principal, action=_ACTION, resource=resource, region=place.region)).allowed


def _host_of(database: Record) -> str:
    values = database.values
    if database.noun == CLUSTER:
        return f"{values['Endpoint']}:{values['Port']}"
    return f"{values['Endpoint']['Address']}:{values['Endpoint']['Port']}"


def _is_fresh(given: dict[str, str]) -> bool:
    try:
        signed = datetime.strptime(given.get("X-Amz-Date", ""), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        lifetime = timedelta(seconds=int(given.get("X-Amz-Expires", "")))
    except ValueError:
        return False
    return lifetime <= _LIFETIME and signed - _CLOCK_SKEW <= datetime.now(UTC) <= signed + lifetime
